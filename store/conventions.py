"""The conventions that units and regulators have chosen. The caller owns the transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from obligations.dates.choosing import ConventionRules, rules_from_json
from store.rows import ConventionRulesRow


def conventions_in_force(session: Session) -> ConventionRules:
    """Return the rules that were last put in force; a fresh store has none."""
    return rules_from_json(choice_in_force(session))


def choice_in_force(session: Session) -> dict[str, Any]:
    """Return the same as the document that was put in force."""
    row = session.get(ConventionRulesRow, 1)
    return row.data if row else {"rules": []}


def put_conventions(session: Session, data: Mapping[str, Any], *, now: datetime) -> None:
    """Put the rules in force in place of all earlier ones.

    Raises:
        BadConvention: they do not have the documented form; nothing was written.
    """
    rules_from_json(data)
    session.merge(ConventionRulesRow(data=dict(data), chosen_at=now))
    session.flush()

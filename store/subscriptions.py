"""Subscriptions: the channels by which units are reminded. The caller owns the transaction."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from store import units
from store.errors import Refused
from store.reminders import look_again
from store.rows import Role, SubscriptionRow
from store.states import ChannelKind, SubscriptionState
from store.vault import Vault


@dataclass(frozen=True, slots=True)
class Channel:
    """A way to reach somebody, checked by whoever made it; `secret` signs what goes to a webhook."""

    kind: ChannelKind
    address: str
    secret: str | None = None


def add(
    session: Session, channel: Channel, *, unit_code: str, role: Role, vault: Vault, now: datetime
) -> SubscriptionRow:
    """Subscribe `channel` for a unit; a webhook's address and secret are stored sealed.

    Raises:
        NotFound: there is no such unit.
        Refused: the unit has the same channel in this role already.
    """
    units.get(session, unit_code)
    for known in of_unit(session, unit_code):
        same = (known.kind, known.role, address_of(known, vault)) == (channel.kind, role, channel.address)
        if same and known.state == SubscriptionState.ACTIVE:
            raise Refused(f"{unit_code} is reminded by this {channel.kind} as {role} already (subscription {known.id})")
    sealed = channel.kind == ChannelKind.WEBHOOK
    row = SubscriptionRow.model_validate(
        {
            "id": f"s{secrets.token_hex(5)}",
            "unit_code": unit_code,
            "kind": channel.kind,
            "address": vault.seal(channel.address) if sealed else channel.address,
            "secret": vault.seal(channel.secret) if channel.secret else None,
            "role": role,
            "created_at": now,
        }
    )
    session.add(row)
    session.flush()
    look_again(session, unit_code=unit_code)  # something of the unit's may be due for the new recipient already
    return row


def of_unit(session: Session, unit_code: str) -> Sequence[SubscriptionRow]:
    """Return the subscriptions of a unit in any state, oldest first."""
    query = select(SubscriptionRow).where(SubscriptionRow.unit_code == unit_code)
    return session.exec(query.order_by(col(SubscriptionRow.created_at), col(SubscriptionRow.id))).all()


def address_of(row: SubscriptionRow, vault: Vault) -> str:
    """Return the address in the clear.

    Raises:
        BadKey: it was sealed with another key.
    """
    return vault.open(row.address) if row.kind == ChannelKind.WEBHOOK else row.address


def addresses(session: Session, vault: Vault) -> set[str]:
    """Return every address that messages go to, in the clear.

    Raises:
        BadKey: one was sealed with another key.
    """
    query = select(SubscriptionRow).where(SubscriptionRow.state == SubscriptionState.ACTIVE)
    return {address_of(row, vault) for row in session.exec(query).all()}

"""Subscriptions: who wants to hear of which unit. The caller owns the transaction."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from store import recipients, summaries, units
from store.errors import NotFound, Refused
from store.recipients import Address, mailbox_of
from store.reminders import look_again
from store.rows import RecipientRow, Role, SubscriptionRow
from store.states import RecipientState
from store.vault import Vault


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A subscription and its recipient."""

    subscription: SubscriptionRow
    recipient: RecipientRow

    @property
    def mailbox(self) -> str | None:
        """The mail address; `None` for a webhook."""
        return mailbox_of(self.recipient)

    @property
    def works(self) -> bool:
        """Whether reminders go out by it."""
        return self.subscription.ended_at is None and self.recipient.state == RecipientState.ACTIVE


def add(
    session: Session,
    address: Address,
    *,
    unit_code: str,
    role: Role,
    vault: Vault,
    now: datetime,
    secret: str | None = None,
) -> Subscribed:
    """Subscribe the recipient at `address` to a unit; one that was broken is taken to work again.

    A webhook that is new here is signed with `secret`; one that is known keeps its own.

    Raises:
        NotFound: there is no such unit.
        Refused: the recipient hears of the unit in this role already.
    """
    units.get(session, unit_code)
    known = recipients.find(session, address, vault=vault)
    former = _former(session, unit_code, known.id, role) if known else None
    if known and former and former.ended_at is None and known.state == RecipientState.ACTIVE:
        raise Refused(f"{unit_code} is reminded by this {address.kind} as {role} already (subscription {former.id})")
    recipient = recipients.ensure(session, address, vault=vault, now=now, secret=secret)
    row = former or SubscriptionRow.model_validate(
        {
            "id": f"s{secrets.token_hex(5)}",
            "unit_code": unit_code,
            "recipient_id": recipient.id,
            "role": role,
            "created_at": now,
        }
    )
    if row.ended_at is not None:
        row.ended_at, row.created_at = None, now
    session.add(row)
    session.flush()
    summaries.introduce(session, [unit_code], now=now)
    look_again(session, unit_code=unit_code)  # something of the unit's may be due for the new recipient already
    return Subscribed(row, recipient)


def end(session: Session, subscription_id: str, *, now: datetime) -> Subscribed:
    """Have a recipient hear of a unit no more; what waits to be sent about it is dropped when its turn comes.

    Raises:
        NotFound: there is no such subscription, or it has ended already.
    """
    found = get(session, subscription_id)
    if found.subscription.ended_at is not None:
        raise NotFound(f"subscription {subscription_id} has ended already")
    found.subscription.ended_at = now
    session.add(found.subscription)
    session.flush()
    look_again(session, unit_code=found.subscription.unit_code)  # somebody else may have to stand in
    return found


def get(session: Session, subscription_id: str) -> Subscribed:
    """Return a subscription.

    Raises:
        NotFound: there is none with that id.
    """
    for one in _listing(session, col(SubscriptionRow.id) == subscription_id):
        return one
    raise NotFound(f"no subscription {subscription_id!r}; `duban subscriptions` lists them")


def of_unit(session: Session, unit_code: str) -> Sequence[Subscribed]:
    """Return all that a unit ever had, oldest first."""
    return _listing(session, col(SubscriptionRow.unit_code) == unit_code)


def current(session: Session) -> Sequence[Subscribed]:
    """Return every subscription that has not ended, by unit."""
    return _listing(session, col(SubscriptionRow.ended_at).is_(None))


def _listing(session: Session, which: ColumnElement[bool]) -> list[Subscribed]:
    s = SubscriptionRow
    query = (
        select(s, RecipientRow)
        .join(RecipientRow, col(RecipientRow.id) == col(s.recipient_id))
        .where(which)
        .order_by(col(s.unit_code), col(s.created_at), col(s.id))
    )
    return [Subscribed(*found) for found in session.exec(query).all()]


def _former(session: Session, unit_code: str, recipient_id: str, role: Role) -> SubscriptionRow | None:
    s = SubscriptionRow
    query = select(s).where(s.unit_code == unit_code, s.recipient_id == recipient_id, s.role == role)
    return session.exec(query).one_or_none()

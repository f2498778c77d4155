"""Recipients: the mailboxes and webhooks that messages go to, each once. The caller owns the transaction."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from store.errors import Refused
from store.reminders import look_again
from store.rows import RecipientRow
from store.states import ChannelKind, RecipientState
from store.vault import Vault


@dataclass(frozen=True, slots=True)
class Address:
    """Where messages go, checked by whoever made it."""

    kind: ChannelKind
    text: str


def find(session: Session, address: Address, *, vault: Vault) -> RecipientRow | None:
    """Return the recipient at this address, `None` where there is none yet."""
    wanted = _fingerprint(address, vault)
    return session.exec(select(RecipientRow).where(RecipientRow.fingerprint == wanted)).one_or_none()


def ensure(
    session: Session, address: Address, *, vault: Vault, now: datetime, secret: str | None = None
) -> RecipientRow:
    """Return the recipient at this address, made where there is none; one that was broken is tried again.

    A new webhook is signed with `secret`; it and the webhook's address are stored sealed.
    """
    known = find(session, address, vault=vault)
    if known is None:
        is_secret = address.kind == ChannelKind.WEBHOOK
        known = RecipientRow.model_validate(
            {
                "id": f"r{secrets.token_hex(5)}",
                "kind": address.kind,
                "fingerprint": _fingerprint(address, vault),
                "address": vault.seal(address.text) if is_secret else address.text,
                "secret": vault.seal(secret) if secret and is_secret else None,
                "created_at": now,
            }
        )
    elif known.state == RecipientState.BROKEN:
        known.state, known.trouble = RecipientState.ACTIVE, None
        look_again(session, recipient_id=known.id)
    session.add(known)
    session.flush()
    return known


def set_contact_hours(session: Session, row: RecipientRow, *, zone: str | None, quiet: str | None) -> None:
    """Keep the zone and the quiet hours of a recipient, checked by whoever read them; `None` leaves one as it is,
    an empty text returns it to the service's."""
    row.zone = row.zone if zone is None else zone or None
    row.quiet = row.quiet if quiet is None else quiet or None
    session.add(row)


def replace_secret(session: Session, row: RecipientRow, secret: str, *, vault: Vault, until: datetime | None) -> None:
    """Sign with `secret` from now on, and with the former one too until `until` (aware; `None`: no more).

    Raises:
        Refused: the recipient is no webhook.
    """
    if row.secret is None:
        raise Refused(f"{row.id} is no webhook: only what goes to webhooks is signed")
    row.former_secret, row.former_until = (row.secret, until) if until else (None, None)
    row.secret = vault.seal(secret)
    session.add(row)


def drop_former_secrets(session: Session, *, now: datetime) -> int:
    """Sign no more with secrets whose time is over; return how many there were."""
    r = RecipientRow
    over = update(r).where(col(r.former_until) <= now).values(former_secret=None, former_until=None)
    return session.connection().execute(over).rowcount


def address_of(row: RecipientRow, vault: Vault) -> str:
    """Return the address in the clear.

    Raises:
        BadKey: it was sealed with another key.
    """
    return vault.open(row.address) if row.kind == ChannelKind.WEBHOOK else row.address


def mailbox_of(row: RecipientRow) -> str | None:
    """Return the mail address; `None` for a webhook, whose address may hold a token and is stored sealed."""
    return row.address if row.kind == ChannelKind.EMAIL else None


def addresses(session: Session, vault: Vault) -> set[str]:
    """Return every address that messages go to, in the clear.

    Raises:
        BadKey: one was sealed with another key.
    """
    query = select(RecipientRow).where(RecipientRow.state == RecipientState.ACTIVE)
    return {address_of(row, vault) for row in session.exec(query).all()}


def appoint_operator(session: Session, address: Address | None, *, vault: Vault, now: datetime) -> None:
    """Have the recipient at `address`, and nobody else, hear as the operator what reaches nobody."""
    operator = ensure(session, address, vault=vault, now=now) if address else None
    for row in session.exec(select(RecipientRow).where(col(RecipientRow.is_operator).is_(True))).all():
        row.is_operator = False
    if operator:
        operator.is_operator = True
        session.add(operator)
    session.flush()


def _fingerprint(address: Address, vault: Vault) -> str:
    return vault.fingerprint(f"{address.kind}:{address.text}")

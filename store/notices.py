"""Notices: each distinct text once. The caller owns the transaction."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from hashlib import sha256

from sqlmodel import Session, col, select

from obligations.notice import Notice
from store.errors import NotFound
from store.rows import NoticeRow

_PLAIN_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,47}")


def digest(text: str) -> str:
    """Return what two copies of a notice have in common: SHA-256 after trimming and folding white space."""
    return sha256(" ".join(text.split()).encode()).hexdigest()


def get(session: Session, notice_id: str) -> NoticeRow:
    """Return the notice with this id.

    Raises:
        NotFound: there is none.
    """
    row = session.get(NoticeRow, notice_id)
    if row is None:
        raise NotFound(f"no notice has the id {notice_id!r}; `duban ingest` prints the ids")
    return row


def with_text(session: Session, text: str) -> NoticeRow | None:
    """Return the stored notice with this text, whatever its white space."""
    return session.exec(select(NoticeRow).where(NoticeRow.sha256 == digest(text))).first()


def listing(session: Session) -> Sequence[NoticeRow]:
    """Return all notices in order of ingestion."""
    return session.exec(select(NoticeRow).order_by(col(NoticeRow.ingested_at), col(NoticeRow.id))).all()


def add(session: Session, notice: Notice, *, now: datetime) -> NoticeRow:
    """Store a notice that is not stored yet.

    It keeps the id it came with if that is plain (letters, digits, - and _) and free; taken
    by another text it gets the first 6 hex digits of its digest as well, and without a
    usable id it is called by the first 12.
    """
    sha = digest(notice.text)
    wanted = notice.id if _PLAIN_ID.fullmatch(notice.id) else sha[:12]
    taken = session.get(NoticeRow, wanted) is not None
    row = NoticeRow.model_validate(
        {
            "id": f"{wanted}-{sha[:6]}" if taken else wanted,
            "sha256": sha,
            "text": notice.text,
            "given": _given(notice),
            "published_on": notice.published_on,
            "label": notice.label,
            "ingested_at": now,
        }
    )
    session.add(row)
    session.flush()
    return row


def learn(row: NoticeRow, notice: Notice) -> bool:
    """Fill what `row` was not given before and a further copy brings along; return whether that was anything."""
    news = {name: value for name, value in _given(notice).items() if name not in row.given and name != "id"}
    if not news:
        return False
    row.given = {**row.given, **news}
    row.published_on = row.published_on or notice.published_on
    row.label = row.label or notice.label
    return True


def as_notice(row: NoticeRow) -> Notice:
    """Return the notice as it was given, under its stored id: what derivation starts from."""
    published_on = row.given.get("published_on")
    return Notice(
        id=row.id,
        text=row.text,
        title=row.given.get("title"),
        issuer=row.given.get("issuer"),
        doc_number=row.given.get("doc_number"),
        published_on=date.fromisoformat(published_on) if published_on else None,
        label=row.given.get("label"),
    )


def _given(notice: Notice) -> dict[str, str]:
    given = {
        "id": notice.id,
        "title": notice.title,
        "issuer": notice.issuer,
        "doc_number": notice.doc_number,
        "published_on": notice.published_on.isoformat() if notice.published_on else None,
        "label": notice.label,
    }
    return {name: value for name, value in given.items() if value}

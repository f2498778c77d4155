"""From a notice to stored obligations and occurrences: admit, derive, recognise, activate, assign, expand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from obligations.activation import waits
from obligations.deadline import parse_deadline, to_json
from obligations.derivation import derive
from obligations.draft import Derivation, Draft, Modality, Relation, Tier
from obligations.events import date_of_own_event
from obligations.identity import Trait, match
from obligations.kind import Kind, kind_of
from obligations.notice import Notice, Span
from obligations.units import Directory, resolve
from obligations.workdays.workcalendar import WorkCalendar
from scheduler.clock import SHANGHAI
from scheduler.expansion import Expansion, Progress, expand, unseen
from store import events, notices, obligations, units
from store.database import Session
from store.rows import NoticeRow, ObligationRow
from store.states import EventScope, ObligationState

_GONE = ObligationState.RETIRED

HELD_BACK: dict[str, Any] = {"state": ObligationState.DRAFT}
"""What `corrected` says of an obligation that an operator asked to hold back for review."""

NOT_WRITTEN = "未写明责任人"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What notices are worked up with: the time, the directory and the calendar in force.

    `hold_all` lets every obligation wait for a person. `derive` reads a notice.
    """

    now: datetime
    directory: Directory
    calendar: WorkCalendar
    zone: ZoneInfo = SHANGHAI
    hold_all: bool = False
    derive: Callable[[Notice], Derivation] = derive


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of one notice: its stored id, and how many obligations it has, active and waiting.

    `id` is the one the notice came with where it is a copy, and `duplicate_of` then the stored one.
    """

    id: str
    new: bool
    duplicate_of: str | None
    obligations: int
    activated: int
    waiting: int
    expansion: Expansion


def ingest_notice(session: Session, notice: Notice, desk: Desk) -> Ingested:
    """Store one notice with all that follows from it; the caller owns the transaction.

    A text that is stored already is read again: its obligations are recognised by their
    words, keep their ids, corrections and reminders, and change only where the reading did.
    Where nothing changed, nothing is written.
    """
    row = notices.with_text(session, notice.text)
    new = row is None
    if row is None:
        row = notices.add(session, notice, now=desk.now)
    learned = notices.learn(row, notice)
    changed = _Reading(session, row, desk).store(all_anew=learned)
    expansion = expand(
        session,
        now=desk.now,
        obligation_ids=changed,
        calendar=desk.calendar,
        zone=desk.zone,
        reason="" if new else "再次读取原文",
    )
    units.forget_unused_parties(session)
    copy = not new and bool(notice.id) and notice.id != row.given.get("id", row.id)
    kept = [one for one in obligations.of_notice(session, row.id) if one.kind == Kind.NOTE or one.state != _GONE]
    states = [one.state for one in kept]
    return Ingested(
        id=notice.id if copy else row.id,
        new=new,
        duplicate_of=row.id if copy else None,
        obligations=len(states),
        activated=states.count(ObligationState.ACTIVE),
        waiting=states.count(ObligationState.DRAFT),
        expansion=expansion,
    )


def assign_anew(session: Session, desk: Desk, *, progress: Progress = unseen) -> Expansion:
    """Find out again whom every obligation means, after the directory changed; the caller owns the transaction.

    `progress` is told how many of those that changed are dated anew, and of how many.
    """
    changed = [
        one.id
        for row in notices.listing(session)
        for one in obligations.of_notice(session, row.id)
        if assign(session, row, one, desk)
    ]
    expansion = expand(
        session,
        now=desk.now,
        obligation_ids=changed,
        calendar=desk.calendar,
        zone=desk.zone,
        reason="单位名录更新",
        progress=progress,
    )
    units.forget_unused_parties(session)
    return expansion


class _Reading:
    """One derivation of one notice, on its way into the store."""

    def __init__(self, session: Session, row: NoticeRow, desk: Desk) -> None:
        self._session = session
        self._row = row
        self._desk = desk
        self._stored = obligations.of_notice(session, row.id)
        self._derivation = desk.derive(notices.as_notice(row))

    def store(self, *, all_anew: bool) -> list[str]:
        """Write what differs from what is stored; return the ids of the obligations whose dates may differ."""
        all_anew = self._describe() or all_anew
        placed = self._place()
        changed = [one.id for one in self._vanished(placed) if _set(one, {"state": _GONE})]
        ids = [one.id for one, _ in placed]
        for (one, is_new), draft in zip(placed, self._derivation.drafts, strict=True):
            fields = fields_of(draft) | {"depends_on": [ids[i] for i in draft.depends_on]}
            if self._update(one, fields, is_new=is_new):
                changed.append(one.id)
        self._session.flush()
        for one, _ in placed:
            if self._record_own_event(one):
                changed.append(one.id)
        return [*(one.id for one in self._stored), *ids] if all_anew else changed

    def _describe(self) -> bool:
        """Keep what the notice says about itself; what it came with wins. Return whether anything is new."""
        given, read = self._row.given, self._derivation
        self._session.add(self._row)
        return _set(
            self._row,
            {
                "title": given.get("title") or read.title,
                "issuer": given.get("issuer") or read.issuer,
                "doc_number": given.get("doc_number") or read.doc_number,
                "issued_on": _day(read.issued_on),
                "effective_on": _day(read.effective_on),
                "expires_on": _day(read.expires_on),
                "addressees": list(read.addressees),
                "relations": [_relation(one) for one in read.relations],
            },
        )

    def _place(self) -> list[tuple[ObligationRow, bool]]:
        """Return for each draft its row, recognised or new."""
        old = [Trait(Span(one.start, one.end), one.responsible, one.action) for one in self._stored]
        new = [Trait(draft.span, draft.responsible, draft.action) for draft in self._derivation.drafts]
        seq = max((one.seq for one in self._stored), default=0)
        placed = []
        for draft, found in zip(self._derivation.drafts, match(old, new), strict=True):
            if found is not None:
                placed.append((self._stored[found], False))
                continue
            seq += 1
            row = ObligationRow(
                id=f"{self._row.id}-o{seq}",
                notice_id=self._row.id,
                seq=seq,
                corrected=dict(HELD_BACK) if self._desk.hold_all else {},
                created_at=self._desk.now,
                **fields_of(draft),
            )
            placed.append((row, True))
        return placed

    def _vanished(self, placed: Sequence[tuple[ObligationRow, bool]]) -> list[ObligationRow]:
        """Return the stored obligations that this derivation does not find; what a person touched stays."""
        found = {one.id for one, _ in placed}
        return [one for one in self._stored if one.id not in found and one.corrected in ({}, HELD_BACK)]

    def _update(self, one: ObligationRow, fields: Mapping[str, Any], *, is_new: bool) -> bool:
        fields = {name: value for name, value in fields.items() if name not in one.corrected}
        changed = _set(one, fields) or is_new
        changed = settle(one, self._desk) or changed
        self._session.add(one)
        self._session.flush()
        return assign(self._session, self._row, one, self._desk) or changed

    def _record_own_event(self, one: ObligationRow) -> bool:
        """Write the notice's own issue or publication down as an event, where an obligation counts from it."""
        wrote = False
        for key in sorted(obligations.event_keys(one)):
            day = date_of_own_event(
                key, self._row.text, published_on=self._row.published_on, issued_on=self._row.issued_on
            )
            if day and not events.current(self._session, [key], [self._row.id]):
                events.record(
                    self._session,
                    scope=EventScope.NOTICE,
                    target=self._row.id,
                    name=key,
                    happened_at=datetime.combine(day, time(), self._desk.zone),
                    happened_on=day,
                    now=self._desk.now,
                    from_notice=True,
                )
                wrote = True
        return wrote


def settle(one: ObligationRow, desk: Desk) -> bool:
    """Decide what kind of thing an obligation is and whether it is active; return whether that changed.

    What is active stays so: better grammar does not silence a duty that people rely on.
    """
    kind = kind_of(Tier(one.tier), Modality(one.modality), parse_deadline(one.deadline))
    decided = one.corrected.get("state")
    state = ObligationState.ACTIVE
    if kind is Kind.NOTE:
        state = _GONE
    elif decided:
        state = ObligationState(decided)
    elif one.state != ObligationState.ACTIVE and waits([doubt["code"] for doubt in one.doubts], one.confidence):
        state = ObligationState.DRAFT
    first = state is ObligationState.ACTIVE and one.activated_at is None
    return _set(one, {"kind": kind, "state": state} | ({"activated_at": desk.now} if first else {}))


def fields_of(draft: Draft) -> dict[str, Any]:
    """Return the stored fields that a draft alone determines."""
    return {
        "start": draft.span.start,
        "end": draft.span.end,
        "text": draft.text,
        "evidence_start": draft.evidence.start,
        "evidence_end": draft.evidence.end,
        "tier": draft.tier,
        "modality": draft.modality,
        "responsible": draft.responsible,
        "responsible_units": list(draft.responsible_units),
        "action": draft.action,
        "deliverable": draft.deliverable,
        "recipient": draft.recipient,
        "channel": dict(draft.channel),
        "condition": draft.condition,
        "consequence": draft.consequence,
        "deadline": to_json(draft.deadline),
        "trigger_event": draft.trigger_event,
        "article": draft.article,
        "pattern": draft.pattern,
        "doubts": [{"code": doubt.code, "about": doubt.about} for doubt in draft.doubts],
        "confidence": draft.confidence,
    }


def assign(session: Session, row: NoticeRow, one: ObligationRow, desk: Desk) -> bool:
    """Let an obligation fall on the units that its party means, and on parties by name where the directory has none.

    Return whether that changed anything. Units that a person chose win.
    """
    if one.state == _GONE:
        return False
    if codes := one.corrected.get("units"):
        return obligations.assign(session, one.id, codes)
    written = one.responsible_units or [one.responsible] * bool(one.responsible)
    meant = resolve(written, addressees=row.addressees, issuer=row.issuer, directory=desk.directory)
    parties = list(meant.parties)
    if not written:
        parties = [f"{NOT_WRITTEN}（主送：{'、'.join(row.addressees)}）" if row.addressees else NOT_WRITTEN]
    codes = [unit.code for unit in meant.units] + [units.party(session, name).code for name in parties]
    _set(one, {"party_notes": [{"code": note.code, "about": note.about} for note in meant.notes]})
    return obligations.assign(session, one.id, codes)


def _set(row: NoticeRow | ObligationRow, values: Mapping[str, Any]) -> bool:
    """Give `row` the values that differ; return whether any did."""
    different = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in different.items():
        setattr(row, name, value)
    return bool(different)


def _relation(one: Relation) -> dict[str, Any]:
    place = {"start": one.span.start, "end": one.span.end} if one.span else {}
    return {"kind": one.kind, "target": one.target} | place


def _day(iso: str | None) -> date | None:
    return date.fromisoformat(iso) if iso else None

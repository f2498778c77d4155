"""What a calendar entry says of an occurrence: the same in a feed, in an e-mail and in a file of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from itertools import groupby
from typing import Any, Protocol
from urllib.parse import quote
from zoneinfo import ZoneInfo

from notifiers.ical import Entry, Standing
from notifiers.wording import ways_to_send
from obligations.dates.trace import day_text
from obligations.deadline import Freq

LONGEST_TITLE = 60
LONGEST_QUOTE = 600  # characters; a description is read on a phone
_STANDING = {
    "open": Standing.OPEN,
    "historic": Standing.OPEN,
    "closed": Standing.DONE,
    "waived": Standing.CANCELLED,
    "retired": Standing.CANCELLED,
}
_SHOWN_DATES = {"safe_on": "安全日", "written_on": "原文日期", "due_on": "到期日"}
_HOW_OFTEN = {
    Freq.DAILY: "每日",
    Freq.WEEKLY: "每周",
    Freq.MONTHLY: "每月",
    Freq.QUARTERLY: "每季度",
    Freq.HALF_YEARLY: "每半年",
    Freq.YEARLY: "每年",
}


class Told(Protocol):
    """An occurrence with its obligation and notice, as the store tells it (`store.feed_items.FeedItem`)."""

    @property
    def id(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def written_on(self) -> date: ...
    @property
    def due_on(self) -> date: ...
    @property
    def due_at(self) -> datetime: ...
    @property
    def safe_on(self) -> date | None: ...
    @property
    def provisional(self) -> bool: ...
    @property
    def fixed_reading(self) -> str | None: ...
    @property
    def readings(self) -> Sequence[Mapping[str, Any]]: ...
    @property
    def trace(self) -> Sequence[Mapping[str, Any]]: ...
    @property
    def sequence(self) -> int: ...
    @property
    def known_at(self) -> datetime: ...
    @property
    def changed_at(self) -> datetime: ...
    @property
    def action(self) -> str: ...
    @property
    def deliverable(self) -> str | None: ...
    @property
    def recipient(self) -> str | None: ...
    @property
    def channel(self) -> Mapping[str, Any]: ...
    @property
    def deadline(self) -> Mapping[str, Any]: ...
    @property
    def article(self) -> str | None: ...
    @property
    def consequence(self) -> str | None: ...
    @property
    def notice_title(self) -> str | None: ...
    @property
    def issuer(self) -> str | None: ...
    @property
    def doc_number(self) -> str | None: ...
    @property
    def sentence(self) -> str: ...


def make_entry(item: Told, former: Mapping[str, Any], *, base_url: str, zone: ZoneInfo) -> Entry:
    """Return the calendar entry of one occurrence; `former` holds the fields that its last move replaced."""
    former = _shown(former)
    ends = item.due_at.astimezone(zone)
    day = day_of(item)
    url = f"{base_url}/occurrences/{quote(item.id, safe='')}"
    return Entry(
        id=item.id,
        title=item.action or item.deliverable or item.sentence[:LONGEST_TITLE],
        day=day,
        # A clock belongs to its own day: where the safe day is earlier, that whole day is the entry.
        until=item.due_at if ends.time() != time() and ends.date() == day else None,
        standing=_STANDING[item.state],
        moved=bool(former),
        provisional=item.provisional,
        urgent=item.consequence is not None,
        sequence=item.sequence,
        created_at=item.known_at,
        changed_at=item.changed_at,
        description="\n".join(_describe(item, former, ends, url)),
        url=url,
        categories=("督办", _HOW_OFTEN.get(item.deadline.get("freq", ""), "一次性")),
    )


def _describe(item: Told, former: Mapping[str, str], ends: datetime, url: str) -> list[str]:
    safe = f"安全日 {day_text(item.safe_on)}" if item.safe_on else "已没有工作日，请立即办理"
    clock = f" {ends:%H:%M}" if ends.time() != time() else ""
    dates = [f"{safe}；原文日期 {day_text(item.written_on)}{clock}"]
    if item.due_on != item.written_on:
        dates.append(f"到期日 {day_text(item.due_on)}")
    others = [f"{day_text(date.fromisoformat(str(r['date'])))}（{r.get('basis', '')}）" for r in item.readings]
    if len(others) > 1 and not item.fixed_reading:
        dates.append("各种解读：" + "；".join(others))
    if former:
        dates.append(f"改期前：{_former(former)}")
    if item.provisional:
        dates.append("暂定：放假安排尚未公布，日期可能变动")
    notice = "".join(
        filter(None, (item.issuer, f"《{item.notice_title}》" if item.notice_title else "", item.doc_number))
    )
    how = "；".join(f"{name} {value}" for name, value in ways_to_send(item.channel, "zh"))
    lines = [
        *dates,
        f"原文：“{_short(item.sentence)}”",
        f"报送：{item.recipient}" if item.recipient else "",
        f"方式：{how}" if how else "",
        f"材料：{item.deliverable}" if item.deliverable and item.deliverable not in item.action else "",
        f"不办的后果：{item.consequence}" if item.consequence else "",
        f"依据：{notice}{item.article or ''}" if notice or item.article else "",
        *_short_trace(item.trace),
        f"详情：{url}",
    ]
    return [line for line in lines if line]


def _short_trace(trace: Sequence[Mapping[str, object]]) -> list[str]:
    """Tell the steps in one line: runs of days off as one, and without what every date has in common."""
    told: list[str] = []
    for (rule, name), run in groupby(trace, key=lambda step: (step["rule"], step.get("name"))):
        steps = list(run)
        if rule in ("passed", "skipped") and len(steps) > 1:
            days = sorted(str(step["on"]) for step in steps)
            told.append(f"{str(steps[0]['zh']).partition('：')[0]}：{days[0]} 至 {days[-1]}（{name}）")
        elif rule not in ("ends", "before_included"):
            told += [str(step["zh"]) for step in steps]
    return [f"推算：{_short('；'.join(told))}"] if told else []


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…"


def _shown(former: Mapping[str, Any]) -> Mapping[str, str]:
    """Keep of a change the days that people know of; the rest (where overdue begins) is no move to them."""
    return {name: day for name, day in former.items() if name in _SHOWN_DATES and day}


def _former(former: Mapping[str, str]) -> str:
    days = ((word, former.get(name)) for name, word in _SHOWN_DATES.items())
    return "，".join(f"{word} {day_text(date.fromisoformat(day))}" for word, day in days if day)


def day_of(item: Told) -> date:
    """Return the civil date of an occurrence's entry: its safe day, or the due day where none is left."""
    return item.safe_on or item.due_on

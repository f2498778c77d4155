"""Dates as readable text in Chinese and English: what `duban due` prints without `--json`."""

from __future__ import annotations

from obligations.dates.due import DueDate
from obligations.dates.latest_start import LatestStart
from obligations.dates.missing import CannotDate
from obligations.dates.readings import QUESTIONS
from obligations.dates.trace import day_text, trace_text

_WORDS = {
    "due": ("到期日", "due"),
    "written": ("原文日期", "written date"),
    "safe": ("安全日", "safe day"),
    "act_now": ("请立即办理", "act now"),
    "opens": ("起始日", "opens"),
    "provisional": ("〔暂定〕", "[provisional]"),
    "readings": ("解读：", "readings: "),
    "trace": ("推算过程：", "how it came about:"),
    "undated": ("待定：", "undated: "),
    "none": ("这一范围内没有日期。", "No date lies in this range."),
    "start": ("最迟开始", "latest start"),
    "ends": ("届满", "ends"),
}


def dates_text(dates: list[DueDate], lang: str) -> str:
    """Return each date with its readings and its steps, one paragraph a date."""
    return "\n\n".join(_date_text(due, lang) for due in dates) or _word("none", lang)


def undated_text(undated: CannotDate, lang: str) -> str:
    """Return what is missing, in one line."""
    joint = "; " if lang == "en" else "；"
    return _word("undated", lang) + joint.join(m.text(lang, undated.about) for m in undated.missing)


def latest_text(latest: LatestStart, lang: str) -> str:
    """Return the latest start, the end of the period that begins there, and the count between."""
    head = f"{_word('start', lang)} {day_text(latest.start_on, lang)}  "
    head += f"{_word('ends', lang)} {day_text(latest.ends_on, lang)}"
    return "\n".join([head, _word("trace", lang), trace_text(latest.due.trace, lang)])


def _date_text(due: DueDate, lang: str) -> str:
    named = [("due", due.due_on), ("safe", due.safe_on), ("written", due.written_on), ("opens", due.opens_on)]
    parts = [f"{_word(word, lang)} {day_text(day, lang)}" for word, day in named if day]
    parts += [_word(word, lang) for word, said in (("act_now", due.act_now), ("provisional", due.provisional)) if said]
    lines = ["  ".join([*([due.period] if due.period else []), *parts])]
    if len(due.readings) > 1:
        why = [QUESTIONS[question][1 if lang == "en" else 0] for question in due.unsure]
        lines.append(_word("readings", lang) + ("; " if lang == "en" else "；").join(why))
        for reading in due.readings:
            basis = reading.basis_en if lang == "en" else reading.basis
            lines.append(f"  {day_text(reading.date, lang)}  {reading.convention}  {basis}")
    return "\n".join([*lines, _word("trace", lang), trace_text(due.trace, lang)])


def _word(key: str, lang: str) -> str:
    return _WORDS[key][1 if lang == "en" else 0]

"""Windows that frame: the season of a daily duty, the phase whose inner dates are the duties."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

from obligations.deadline import FixedDeadline, Freq, RecurringDeadline, WindowDeadline
from obligations.derivation.finding import Finding
from obligations.derivation.judging import BARE_PERIODS
from obligations.derivation.parties import Parties
from obligations.derivation.passage import Passage
from obligations.grammar.reading import Point
from obligations.notice import Span
from obligations.roles.party import subject_at
from obligations.roles.predicate import works
from obligations.structure import Structure

_PHASE = re.compile(r"(?:阶段|步骤|环节|时期|周)[^,;。:]{0,6}$|^[^,;。]{0,6}(?:阶段|步骤|环节)")
_DATES_A_YEAR = {Freq.YEARLY: 1, Freq.HALF_YEARLY: 2, Freq.QUARTERLY: 4}
_FRAMED = frozenset((Freq.DAILY, Freq.WEEKLY, Freq.MONTHLY))
_SENTENCES_OF_PHASE = 40


def without_bare_periods(findings: Sequence[Finding]) -> list[Finding]:
    """Refuse a period without a day (每季度报表) where a time in the same clause says when it is due."""
    out: list[Finding] = []
    for finding, following in zip_longest(findings, findings[1:]):
        bare = finding.reason is None and finding.expression.pattern in BARE_PERIODS
        named = bare and following is not None and following.reason is None and _specifies(following, finding)
        out.append(replace(finding, reason="period-of-report") if named else finding)
    return out


def _specifies(finding: Finding, period: Finding) -> bool:
    """Tell whether a time says when the thing named by its period is due."""
    if finding.span.end <= period.passage.clause.end:
        return True
    rule, bare = finding.deadline, period.deadline
    same = isinstance(rule, RecurringDeadline) and isinstance(bare, RecurringDeadline) and rule.freq is bare.freq
    return same and finding.passage.number == period.passage.number


def with_stops(findings: Sequence[Finding]) -> list[Finding]:
    """Let the words of a duty end where the clause of the next one in its sentence begins."""
    out: list[Finding] = []
    last = -1  # the place in `out` of the duty that follows
    for finding in reversed(findings):
        passage = finding.passage
        if last >= 0 and out[last].passage.number == passage.number:
            following = out[last]
            start = following.passage.clause.start
            said = works(passage.lead) or passage.plain[passage.behind : start].strip(" ,、:")
            if start > passage.behind and said:
                passage = replace(passage, stop=start)
            elif start > passage.behind:
                # 一级在1日内,二级在3日内,提交报告: the last words are said of each.
                passage = replace(passage, whole=Span(passage.span.start, following.passage.behind))
            elif works(passage.plain[passage.behind : following.span.start]):  # 3月底前开工、11月底前完工
                since = _since(passage, following.span.start)
                passage = replace(passage, stop=following.span.start)
                out[last] = replace(following, passage=replace(following.passage, since=since))
            else:  # 社会团体于5月底前、基金会于3月底前提交: the verb is shared, the party may not be
                since = _since(passage, following.span.start)
                if since > passage.behind and subject_at(passage.plain, since, following.span.start):
                    out[last] = replace(following, passage=replace(following.passage, since=since))
        if finding.reason is None:
            last = len(out)
        out.append(finding if passage is finding.passage else replace(finding, passage=passage))
    return out[::-1]


def _since(passage: Passage, stop: int) -> int:
    """Return where the words of a later duty in the same clause begin: behind the last 、 or 并, or the time before."""
    mark = max(passage.plain.rfind("、", passage.behind, stop), passage.plain.rfind("并", passage.behind, stop))
    return mark + 1 if mark >= 0 else passage.behind


def with_named_dates(findings: Sequence[Finding]) -> list[Finding]:
    """Read 每半年报送一次(7月10日、次年1月10日前) as one rule: the dates in brackets say when in the period."""
    out = list(findings)
    for index, finding in enumerate(out):
        period = finding.deadline
        if not isinstance(period, RecurringDeadline) or finding.expression.pattern not in BARE_PERIODS:
            continue
        count = _DATES_A_YEAR.get(period.freq, 0)
        dates = out[index + 1 : index + 1 + count]
        rule = _rule_of_dates(period.freq, dates) if count and len(dates) == count else None
        if rule is None or any(one.passage.number != finding.passage.number for one in dates):
            continue
        first, last = dates[0], dates[-1]
        span = Span(first.span.start, last.span.end)
        out[index + 1] = replace(first, deadline=rule, span=span, reason=None, doubts=("period_inferred",))
        out[index] = replace(finding, reason="period-of-report")
        for other in range(index + 2, index + 1 + count):
            out[other] = replace(out[other], reason="named-with-the-first")
    return out


def _rule_of_dates(freq: Freq, dates: Sequence[Finding]) -> RecurringDeadline | None:
    """Return the rule that evenly spaced bracketed days without a year make, or `None`."""
    points = [one.expression.reading for one in dates if one.passage.bracketed]
    days = {(one.month, one.day or -1) for one in points if isinstance(one, Point) and one.month and not one.year}
    step = 12 // len(dates)
    first, day = min(days, default=(0, 0))
    if days != {(first + step * turn, day) for turn in range(len(dates))} or not 1 <= first <= step:
        return None
    return RecurringDeadline(freq=freq, month_of_period=first, day=day)


def with_bounds(findings: Sequence[Finding]) -> list[Finding]:
    """Give a daily, weekly or monthly rule the window of its sentence as first and last day; drop that window."""
    out: list[Finding] = []
    for finding in findings:
        rule = finding.deadline
        if finding.reason or not isinstance(rule, RecurringDeadline) or rule.freq not in _FRAMED or not out:
            out.append(finding)
            continue
        at = _frame_of(finding, out)
        if at is not None:
            window = out[at].deadline
            assert isinstance(window, WindowDeadline), "a frame is a window"
            out[at] = replace(out[at], reason=out[at].reason or "season")
            out.append(replace(finding, deadline=replace(rule, from_=window.from_, until=window.to)))
        else:
            out.append(finding)
    return out


def _frame_of(finding: Finding, earlier: Sequence[Finding]) -> int | None:
    """Return the place of the window that bounds the rule: in its sentence, or alone in the one before."""
    for at in range(len(earlier) - 1, max(-1, len(earlier) - 4), -1):
        frame = earlier[at]
        steps = finding.passage.number - frame.passage.number
        if steps > 1 or (steps == 1 and frame.reason is None):
            return None
        if frame.reason is None and frame.expression.whole != finding.expression.whole:
            return at if isinstance(frame.deadline, WindowDeadline) and not _dated(frame.deadline) else None
        if isinstance(frame.deadline, WindowDeadline) and not _dated(frame.deadline):
            return at
    return None


def _dated(window: WindowDeadline) -> bool:
    """Tell whether an end lacks its year: such a window bounds nothing."""
    return any(end is not None and end.startswith("-") for end in (window.from_, window.to))


def with_phases(findings: Sequence[Finding], structure: Structure, parties: Parties) -> list[Finding]:
    """Let a phase in a heading be a duty where a party has work in it and no other date stands inside."""
    return [_phase(finding, index, findings, structure, parties) for index, finding in enumerate(findings)]


def _phase(
    finding: Finding, index: int, findings: Sequence[Finding], structure: Structure, parties: Parties
) -> Finding:
    if not _names_phase(finding):
        return finding
    end = _end_of_section(finding.passage.number, structure)
    later = findings[index + 1 : index + 1 + _SENTENCES_OF_PHASE]
    if any(other.reason is None and other.passage.number < end for other in later):
        return replace(finding, reason="phase")
    if finding.reason is None:
        return finding
    worked = any(_has_work(number, finding, structure, parties) for number in range(finding.passage.number, end))
    doubts = (*finding.doubts, "window")
    return replace(finding, reason=None, doubts=doubts) if worked else replace(finding, reason="phase")


def _names_phase(finding: Finding) -> bool:
    """Tell whether a window, or a bare day, stands in a title or is called a phase."""
    passage, deadline = finding.passage, finding.deadline
    of_phase = FixedDeadline | WindowDeadline if finding.reason in ("bare-window", "bare-date") else WindowDeadline
    if finding.reason not in (None, "bare-window", "bare-date") or not isinstance(deadline, of_phase):
        return False
    headings = passage.sentence.headings
    titled = bool(headings) and passage.span.end <= headings[-1].title.end
    ahead = passage.before[-24:] or passage.title.rpartition("|")[2]
    return titled or bool(_PHASE.search(ahead.rstrip("(: ")) or _PHASE.match(passage.after))


def _has_work(number: int, finding: Finding, structure: Structure, parties: Parties) -> bool:
    """Tell whether sentence `number` gives a party something to do, behind the time if it holds it."""
    here = number == finding.passage.number
    words = finding.passage.after if here else structure.sentences[number].span.of(structure.plain)[:300]
    return works(words) and parties.subject_of(number) is not None


def _end_of_section(number: int, structure: Structure) -> int:
    """Return the number of the first sentence behind the item that sentence `number` belongs to."""
    headings = structure.sentences[number].headings
    depth = len(headings)
    last = min(len(structure.sentences), number + _SENTENCES_OF_PHASE)
    for later in range(number + 1, last):
        if structure.sentences[later].headings[:depth] != headings or not depth:
            return later
    return last

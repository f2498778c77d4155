"""Derived notices for reading in a terminal: a short table per notice, or each finding with all it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import typer
from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from app.folding import fold
from obligations.dates.due import nominal_dates
from obligations.dates.trace import day_text
from obligations.deadline import RecurringDeadline
from obligations.deadline_words import deadline_words
from obligations.draft import Derivation, Doubt, Draft, Modality, Relation, Tier
from obligations.errors import OutsideCalendar
from obligations.notice import Notice, Span
from obligations.workdays.workcalendar import load_calendar

Derived = tuple[Notice, Derivation, list[Relation]]
WIDTH = 100  # columns where the output goes to a file or a pipe
DATES_SHOWN = 4
INDENT = GAP = 2
COLUMNS = {"deadline": 0.2, "reading": 0.22, "who": 0.22, "what": 0.36}  # of the short table, with their shares

_WORDS = {
    "untitled": ("（无标题）", "(untitled)"),
    "same": ("与 {id} 正文相同，不再重复列出", "same text as {id}; not listed again"),
    "none": ("没有读出有期限的义务。", "No duty with a deadline was found."),
    "others": (
        "另有 {n} 项非核心事项（权利、目标、时限未定等），用 --explain 查看。",
        "{n} more of lesser tier: see --explain.",
    ),
    "deadline": ("期限", "deadline"),
    "reading": ("解读", "reading"),
    "who": ("责任单位", "responsible"),
    "what": ("事项", "action"),
    "recipient": ("报送", "to"),
    "channel": ("方式", "how"),
    "deliverable": ("材料", "deliverable"),
    "condition": ("条件", "condition"),
    "consequence": ("后果", "consequence"),
    "event": ("触发", "trigger"),
    "after": ("先行", "after"),
    "dates": ("日期", "dates"),
    "pattern": ("句式", "pattern"),
    "example": ("例：{example}", "e.g. {example}"),
    "doubts": ("疑点", "doubts"),
    "blocks": ("须先审核：{words}", "review first: {words}"),
    "place": ("位置", "place"),
    "offsets": ("第 {start}–{end} 字", "characters {start}–{end}"),
    "words": ("原文", "words"),
    "nobody": ("未写明", "not written"),
    "confidence": ("置信 {value:.2f}", "confidence {value:.2f}"),
    "addressed": ("主送 {units}", "to {units}"),
    "core": ("核心", "core"),
    "soft": ("非核心", "soft"),
    "must": ("必须", "must"),
    "must_not": ("不得", "must not"),
    "may": ("可以", "may"),
    "goal": ("目标", "goal"),
    "forwards": ("转发", "forwards"),
    "cites": ("引用", "cites"),
    "supersedes": ("取代", "supersedes"),
    "lapses": ("废止", "ends"),
    "near_duplicate": ("基本相同", "nearly the same as"),
}


def print_derived(derived: Sequence[Derived], *, lang: str, explain: bool) -> None:
    """Print `derived` to standard output in `lang` (`zh` or `en`); colours only in a terminal."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=WIDTH, no_color=True)
    page = _Page(lang, console)
    for number, one in enumerate(derived, start=1):
        with console.capture() as shown:
            console.print(Rule(Text(f"{number}/{len(derived)}", style="dim"), align="left", style="dim"))
            console.print(Padding(page.head(one), (0, 0, 0, INDENT)))
            console.print(Padding(page.explained(one) if explain else page.listed(one), (1, 0, 1, INDENT)))
        # Rich fills every line up with spaces.
        typer.echo("\n".join(line.rstrip() for line in shown.get().split("\n")), nl=False)


class _Page:
    def __init__(self, lang: str, console: Console) -> None:
        self._lang = lang
        self._colours = console.is_terminal
        self._width = console.width - INDENT

    def head(self, derived: Derived) -> RenderableType:
        """Return title, issuer, number and date of a notice, and its ties to others."""
        notice, found, ties = derived
        lines = [Text(found.title or self._say("untitled"), style="bold")]
        facts = [notice.id, found.issuer, found.doc_number, found.issued_on or (notice.published_on or "")]
        lines.append(Text(" · ".join(str(fact) for fact in facts if fact), style="dim"))
        if found.addressees:
            lines.append(Text(self._say("addressed", units="，".join(found.addressees)), style="dim"))
        for tie in [*found.relations, *ties]:
            if tie.kind != "cites":
                lines.append(Text(f"{self._say(tie.kind)} {tie.target}" + (f"（{tie.number}）" if tie.number else "")))
        return Group(*(fold(line, self._width) for line in lines))

    def listed(self, derived: Derived) -> RenderableType:
        """Return the core duties of a notice as a table, and how many other findings there are."""
        notice, found, _ = derived
        if notice.duplicate_of:
            return Text(self._say("same", id=notice.duplicate_of))
        core = [draft for draft in found.drafts if draft.tier is Tier.CORE]
        others = len(found.drafts) - len(core)
        more = [Text(self._say("others", n=others), style="dim")] if others else []
        if not core:
            return Group(Text(self._say("none")), *more)
        table = Table(box=None, padding=(0, GAP, 0, 0), header_style="bold", show_edge=False)
        free = self._width - GAP * len(COLUMNS)
        widths = [int(free * share) for share in COLUMNS.values()]
        for name, width in zip(COLUMNS, widths, strict=True):
            table.add_column(self._say(name), width=width)
        for draft in core:
            who = draft.responsible or self._say("nobody")
            cells = (draft.text, deadline_words(draft.deadline, self._lang), who, draft.action)
            table.add_row(*(fold(Text(cell), width) for cell, width in zip(cells, widths, strict=True)))
        return Group(table, *more)

    def explained(self, derived: Derived) -> RenderableType:
        """Return every finding of a notice with its sentence, pattern, reading, dates and doubts."""
        notice, found, _ = derived
        if notice.duplicate_of:
            return Text(self._say("same", id=notice.duplicate_of))
        if not found.drafts:
            return Text(self._say("none"))
        published = notice.published_on or (date.fromisoformat(found.issued_on) if found.issued_on else None)
        parts: list[RenderableType] = []
        for number, draft in enumerate(found.drafts, start=1):
            parts += [self._heading(number, draft), self._finding(notice, draft, published), Text("")]
        return Group(*parts[:-1])

    def _heading(self, number: int, draft: Draft) -> Text:
        colour = {Modality.MUST: "green", Modality.MUST_NOT: "red"}.get(draft.modality, "cyan")
        heading = Text(f"{number}. ", style="bold").append(draft.text, style=f"bold {colour}")
        for words in (self._say(draft.modality), self._say(draft.tier)):
            heading.append(f"  {words}", style="dim")
        return heading.append(f"  {self._say('confidence', value=draft.confidence)}", style="dim")

    def _finding(self, notice: Notice, draft: Draft, published: date | None) -> RenderableType:
        rows = [(self._say(name), words) for name, words in self._rows(notice, draft, published) if words]
        label = max(cell_len(name) for name, _ in rows)
        grid = Table.grid(padding=(0, GAP, 0, 0))
        grid.add_column(style="dim", width=label)
        grid.add_column()
        for name, words in rows:
            text = words if isinstance(words, Text) else Text(words)
            grid.add_row(name, fold(text, self._width - label - 2 * GAP - INDENT - 1))
        return Padding(grid, (0, 0, 0, INDENT + 1))

    def _rows(self, notice: Notice, draft: Draft, published: date | None) -> Iterator[tuple[str, str | Text | None]]:
        offsets = self._say("offsets", start=draft.span.start, end=draft.span.end)
        yield "words", self._marked(notice.text, draft.evidence, draft.span)
        yield "reading", deadline_words(draft.deadline, self._lang)
        yield "dates", self._dates(draft, published)
        yield "who", draft.responsible or self._say("nobody")
        yield "what", draft.action
        yield "deliverable", draft.deliverable
        yield "recipient", draft.recipient
        yield "channel", "；".join(f"{key} {value}" for key, value in draft.channel.items())
        yield "event", draft.trigger_event
        yield "condition", draft.condition
        yield "consequence", draft.consequence
        yield "after", "、".join(f"{position + 1}." for position in draft.depends_on)
        yield "pattern", self._pattern(draft.pattern)
        yield "doubts", "\n".join(self._doubt(doubt) for doubt in draft.doubts)
        yield "place", f"{draft.article}  {offsets}" if draft.article else offsets

    def _marked(self, text: str, evidence: Span, span: Span) -> Text:
        """Return the sentence with the span marked: by colour in a terminal, by 【】 elsewhere."""
        start, end = max(span.start, evidence.start), min(span.end, evidence.end)
        before, words, after = (
            part.replace("\n", " ")
            for part in (text[evidence.start : start], text[start:end], text[end : evidence.end])
        )
        if self._colours:
            return Text(before).append(words, style="bold reverse").append(after)
        return Text(f"{before}【{words}】{after}")

    def _dates(self, draft: Draft, published: date | None) -> str:
        """Return the first dates of a recurring deadline; a single date is its own reading."""
        if not isinstance(draft.deadline, RecurringDeadline):
            return ""
        try:
            days = nominal_dates(draft.deadline, after=published, count=DATES_SHOWN, calendar=load_calendar())
        except OutsideCalendar:
            return ""
        return "  ".join(day_text(day, self._lang) for day in days)

    def _pattern(self, name: str) -> str:
        from obligations.grammar.productions import productions

        example = next((one.example for one in productions() if one.name == name), None)
        return f"{name}  {self._say('example', example=example)}" if example else name

    def _doubt(self, doubt: Doubt) -> str:
        from obligations.derivation.confidence import doubt_kinds

        known = doubt_kinds().get(doubt.code)
        words = known.text if known and self._lang == "zh" else doubt.code.replace("_", " ")
        words = f"{words}（{doubt.about}）" if doubt.about else words
        return self._say("blocks", words=words) if known and known.blocks else words

    def _say(self, key: str, **values: object) -> str:
        return _WORDS[str(key)][1 if self._lang == "en" else 0].format(**values)

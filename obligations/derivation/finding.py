"""A time on its way to a draft: what was read, where it stands, what it became or why it was refused."""

from __future__ import annotations

from dataclasses import dataclass

from obligations.deadline import Deadline
from obligations.derivation.passage import Passage
from obligations.grammar.reading import TimeExpression
from obligations.notice import Span


@dataclass(frozen=True, slots=True)
class Finding:
    """One time of the body. `reason` names why it is no deadline; `deadline` is `None` where no day exists."""

    expression: TimeExpression
    passage: Passage
    deadline: Deadline | None
    span: Span
    doubts: tuple[str, ...] = ()
    reason: str | None = None

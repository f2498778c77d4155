"""What derivation yields: obligations still in draft, each with the words it rests on."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from obligations.deadline import Deadline
from obligations.notice import Span


class Tier(StrEnum):
    """CORE: a known party must act by a derivable time. SOFT: goals, limits, standing and vague duties."""

    CORE = "core"
    SOFT = "soft"


class Modality(StrEnum):
    MUST = "must"
    MUST_NOT = "must_not"
    MAY = "may"
    GOAL = "goal"


@dataclass(frozen=True, slots=True)
class Doubt:
    """A reason for a person to look: a stable `code` (its meaning stands in the data) and the words it is about."""

    code: str
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One duty, right or goal with its time, as read from one notice.

    `span` is the minimal time expression with its boundary word, `text` its words;
    `evidence` the sentence it stands in. `responsible` is the party as written (resolved
    where the subject is carried over), `responsible_units` the same with lists distributed,
    both empty where no party is written. `channel` maps email, phone, platform, address,
    paper_copies, electronic_copies, form, contact to what the notice says. `depends_on`
    holds the positions, in the notice's list of drafts, of earlier links of a chain.
    `confidence` lies in 0..1 and is calibrated on notices the rules were not written on.
    """

    span: Span
    text: str
    tier: Tier
    modality: Modality
    responsible: str
    responsible_units: tuple[str, ...]
    action: str
    deadline: Deadline
    evidence: Span
    pattern: str
    deliverable: str | None = None
    recipient: str | None = None
    channel: dict[str, str | int] = field(default_factory=dict)
    condition: str | None = None
    consequence: str | None = None
    trigger_event: str | None = None
    depends_on: tuple[int, ...] = ()
    article: str | None = None
    doubts: tuple[Doubt, ...] = ()
    confidence: float = 0.5


@dataclass(frozen=True, slots=True)
class Relation:
    """A tie to another document: `kind` is forwards, cites, supersedes, lapses or near_duplicate.

    `target` is the document's title, its number where no title is written, or the id of the notice that is nearly
    the same; `number` its document number where one is printed beside the title.
    """

    kind: str
    target: str
    span: Span | None = None
    number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """Everything read from one notice: metadata found in its text, its drafts, its relations.

    `issued_on`, `effective_on` and `expires_on` are `YYYY-MM-DD` or `None`.
    """

    title: str | None
    issuer: str | None
    doc_number: str | None
    issued_on: str | None
    effective_on: str | None
    expires_on: str | None
    addressees: tuple[str, ...]
    drafts: tuple[Draft, ...]
    relations: tuple[Relation, ...]

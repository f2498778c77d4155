"""What surrounds a duty: the condition it depends on, what happens to those who miss it."""

from __future__ import annotations

import re
from collections.abc import Sequence

_EVENT_BEFORE = re.compile(r"(?:^|[,并])(?P<event>[^,;。:]{2,30}?)(?:后|之后),?(?:应|须|要|应当)?(?:于|在)?$")
_CONSEQUENCE = re.compile(
    r"(?:逾期|过期|超期|过时|未按(?:期|时|规定|要求|照)|未能按|不按(?:期|时|规定|要求)|未在(?:规定|上述|限定)|对(?:未按|逾期|不按|拒不))[^;。\n]{2,80}"
)


def condition(clauses: Sequence[str]) -> str | None:
    """Return the last 'if' among the clauses before a time (…的), as written, or `None`."""
    for words in reversed(clauses):
        if words.endswith("的") and len(words) > 3:
            return words[:-1].strip()
    return None


def event_before(lead: str) -> str | None:
    """Return the event in 公示无异议后于9月18日前: it opens the way, the date limits."""
    found = _EVENT_BEFORE.search(lead[-60:])
    return found["event"] if found else None


def consequence(words: str) -> str | None:
    """Return the clause that tells what lateness leads to, as written, or `None`."""
    found = _CONSEQUENCE.search(words)
    return found[0].strip() if found else None

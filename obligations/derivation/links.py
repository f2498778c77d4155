"""Chains between the duties of one notice: who waits for whose filing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from obligations.draft import Draft

_LOOKED_BACK = 6
"""How many duties back a link may lie."""
_LEVEL = re.compile(r"(?:所在|属地|当地|本|各)?(?P<level>省|市|州|县|区|旗|乡|镇)")
_SHORTEST_NAME = 4
_ALIKE = 0.75
"""Share of the shorter name that two names of one body begin with: 经办银行 is 经办支行 a sentence later."""


def linked(drafts: Sequence[Draft]) -> tuple[Draft, ...]:
    """Return `drafts` with `depends_on`: a duty waits for the nearest earlier one that files to its party."""
    out: list[Draft] = []
    for index, draft in enumerate(drafts):
        earlier = range(index - 1, max(-1, index - 1 - _LOOKED_BACK), -1)
        link = next((one for one in earlier if draft.responsible_units and _hands_on(out[one], draft)), None)
        out.append(draft if link is None else replace(draft, depends_on=(link,)))
    return tuple(out)


def _hands_on(earlier: Draft, later: Draft) -> bool:
    """Tell whether the recipient of one duty is the party of the other, by how their names begin or end."""
    recipient, party = earlier.recipient or "", later.responsible
    if not recipient or recipient == party:
        return bool(recipient)
    tail = recipient[-5:]
    if not _begin_alike(recipient, party) and (len(tail) < _SHORTEST_NAME or tail not in party):
        return False
    above, below = _LEVEL.match(recipient), _LEVEL.match(party)
    return above is None or below is None or above["level"] == below["level"]


def _begin_alike(one: str, other: str) -> bool:
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
    return shared > _SHORTEST_NAME and shared >= _ALIKE * min(len(one), len(other))

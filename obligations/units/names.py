"""How notices name units: where (scopes), then what (an office), read from left to right.

    各县(市)区、开发(度假)区 │ 工信部门        two scopes, one office
    市 │ 工业和信息化局 │ 资源综合利用处       a section stands for its bureau
    东川区、安宁市                            scopes alone; the addressee line says which office is meant
    安宁市 │ 人民医院                         no known office: the whole is a party outside the directory

The words for areas and offices come from the directory file. The words below belong to the language.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Generic, TypeVar

from obligations.normal import normalise

T = TypeVar("T")

HEAD: Final = "head"
"""The office that governs an area: a people's government, or a zone's administrative committee."""

COUNTERPART: Final = "counterpart"
"""市局, 各县(市)区分局: the bureau with the issuer's function, elsewhere."""

HEADS = ("人民政府", "政府", "管理委员会", "管委会")
OFFICE_WORDS = ("局", "主管部门", "行政主管部门", "行政管理部门", "行政部门", "部门", "分局")
COUNTERPARTS = ("局", "分局")
ISSUERS = ("我局", "本局", "我委", "本委", "我办", "本办", "我处", "我中心", "本机关", "我单位")
LEVELS = {prefix + word: word for word in "市区县" for prefix in ("", "我", "本")} | {f"{w}级": w for w in "市区县"}
_WHOSE = ("", "项目", "企业", "单位", "工程", "贷款", "注册", "申报单位")
OWN = tuple(f"{whose}{where}" for whose in _WHOSE for where in ("所在地", "所在"))
OWN += ("辖区内", "辖区", "本辖区", "当地", "属地", "所属地", "本级", "注册地")

_QUANTIFIER = re.compile(r"(?:全市|我市|本市)?(?:各|所有|每个|\d+个)?(有关|相关|涉及的?)?")
_SEPARATOR = re.compile(r"[、,;。:/]|以及|及其?|和|与|会同|并?联合|或者?")
_HARD = frozenset("、,;。:")
_SECTION = re.compile(
    r"(?!所属|下属|直属|局属|委托|指定|授权|派驻|驻)[^、,;。:()的]{0,24}?(?<!办事)[处科股室]"
    rf"(?=$|[(等]|{_SEPARATOR.pattern})"
)
_HEAD_SECTION = re.compile(r"办公[室厅]|办")
_AND_SO_ON = re.compile(r"等(?:\d+个|有关|相关)?(?:县\(市\)区|区县|县区|地区?|部门|单位|委办局)?")
_BRACKETS = str.maketrans("〔〕[]【】﹝﹞{}", "()()()()()")


def fold(name: str) -> str:
    """Return `name` in the one spelling that is compared: plain brackets and punctuation, no white space."""
    return "".join(normalise(name).split()).translate(_BRACKETS)


class Phrases(Generic[T]):
    """Known phrases with a meaning each; the longest one at a position wins."""

    def __init__(self, meanings: Mapping[str, T]) -> None:
        self._meanings = {fold(phrase): meaning for phrase, meaning in meanings.items()}
        self._lengths = sorted({len(phrase) for phrase in self._meanings}, reverse=True)

    def at(self, text: str, start: int) -> tuple[T, int] | None:
        """Return the meaning of the longest phrase that begins at `start`, and where it ends."""
        for length in self._lengths:
            phrase = text[start : start + length]
            if len(phrase) == length and phrase in self._meanings:
                return self._meanings[phrase], start + length
        return None


class ScopeKind(StrEnum):
    NAMED = "named"  # 东川区
    GROUP = "group"  # 各县(市)区
    OWN = "own"  # 辖区, 当地: each area's own
    LEVEL = "level"  # 市, 区, 县: the issuer's own, or the one above it


@dataclass(frozen=True, slots=True)
class Scope:
    """Where: `areas` by code for NAMED and GROUP, `word` for LEVEL. `relevant` marks 有关: not all of the group."""

    kind: ScopeKind
    areas: tuple[str, ...] = ()
    word: str = ""
    relevant: bool = False


@dataclass(frozen=True, slots=True)
class Mention:
    """One thing that a name mentions; `text` are its words.

    Exactly one of these holds: `office` or bare `scopes` (an area as such), `unit` (a code),
    `members` (codes, of a unit group), `is_issuer` (我局), or none of them: a party outside the directory.
    """

    text: str
    scopes: tuple[Scope, ...] = ()
    office: str | None = None
    unit: str | None = None
    members: tuple[str, ...] | None = None
    is_issuer: bool = False
    open_list: bool = False


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What the words of one directory mean.

    `offices` and `sections` (of the city's bureaus) lead to function codes or `HEAD`, `branches` (东川分局) to areas,
    `units` to the units that no area and office make up, `groups` to the members of unit groups. `city` is the
    code of the area that the directory is about, `city_word` its level word.
    """

    scopes: Phrases[Scope]
    offices: Phrases[str]
    sections: Phrases[str]
    branches: Phrases[str]
    units: Phrases[str]
    groups: Phrases[tuple[str, ...]]
    city: str
    city_word: str


def read(name: str, lexicon: Lexicon) -> tuple[Mention, ...]:
    """Return what `name`, a party or an addressee line as written, mentions; linear in its length."""
    return tuple(_Reader(name, lexicon).mentions())


def named_areas(text: str, lexicon: Lexicon) -> tuple[str, ...]:
    """Return the codes of the areas that `text` names anywhere, in order."""
    found: list[str] = []
    folded, at = fold(text), 0
    while at < len(folded):
        hit = lexicon.scopes.at(folded, at)
        if hit and hit[0].kind is ScopeKind.NAMED:
            found.extend(hit[0].areas)
        at = hit[1] if hit else at + 1
    return tuple(found)


class _Reader:
    """Reads one name. Every method takes a position in the folded text and returns where it stopped."""

    def __init__(self, name: str, lexicon: Lexicon) -> None:
        self._name = name
        self._text = fold(name)
        self._origins = [at for at, character in enumerate(name) if not character.isspace()]
        self._lexicon = lexicon
        self._inherited: tuple[Scope, ...] = ()

    def mentions(self) -> list[Mention]:
        found, at = [], 0
        while (at := self._skip_separators(at)) < len(self._text):
            mention, at = self._mention(at)
            found.append(mention)
        return found

    def _words(self, start: int, end: int) -> str:
        """Return a piece of the name as it was written."""
        return self._name[self._origins[start] : self._origins[end - 1] + 1]

    def _skip_separators(self, at: int) -> int:
        while separator := _SEPARATOR.match(self._text, at):
            at = separator.end()
        return at

    def _mention(self, start: int) -> tuple[Mention, int]:
        known = self._whole(start) or self._in_scope(start)
        if known:
            return known
        scopes, at = self._scopes(start)
        if scopes and scopes[-1].kind is not ScopeKind.LEVEL:
            self._inherited = scopes
        end = self._end_of_item(at)
        return Mention(self._words(start, end)), end

    def _whole(self, start: int) -> tuple[Mention, int] | None:
        """Read a phrase that names units all by itself."""
        unit = self._lexicon.units.at(self._text, start)
        if unit and (end := self._closed(unit[1], _SECTION)):
            return Mention(self._words(start, end), unit=unit[0]), end
        group = self._lexicon.groups.at(self._text, start)
        if group and (end := self._closed(group[1])):
            return Mention(self._words(start, end), members=group[0]), end
        section = self._lexicon.sections.at(self._text, start)
        if section and (end := self._closed(section[1])):
            city = Scope(ScopeKind.LEVEL, word=self._lexicon.city_word)
            return Mention(self._words(start, end), scopes=(city,), office=section[0]), end
        for word in ISSUERS:
            if self._text.startswith(word, start) and (end := self._closed(start + len(word), _SECTION)):
                return Mention(self._words(start, end), is_issuer=True), end
        return None

    def _in_scope(self, start: int) -> tuple[Mention, int] | None:
        """Read scopes and the office they share; an office without a scope takes the one before it."""
        scopes, at = self._scopes(start)
        office = self._lexicon.offices.at(self._text, at)
        if office is None and scopes and (end := self._closed(at)):
            return Mention(self._words(start, end), scopes, open_list=self._goes_on(at)), end
        if office is None or (office[0] == COUNTERPART and not scopes):
            return None
        name, after = office
        if name == HEAD and (department := self._lexicon.offices.at(self._text, after)):
            name, after = department
        branch = self._lexicon.branches.at(self._text, after)
        if branch and (end := self._closed(branch[1], _SECTION)):
            return Mention(self._words(start, end), (Scope(ScopeKind.NAMED, (branch[0],)),), name), end
        end = self._closed(after, _HEAD_SECTION if name == HEAD else _SECTION)
        if not end:
            return None
        self._inherited = scopes or self._inherited
        return Mention(self._words(start, end), self._inherited, name, open_list=self._goes_on(after)), end

    def _closed(self, at: int, section: re.Pattern[str] | None = None) -> int:
        """Return where the item ends that is complete at `at`, or 0 if more words follow that change its meaning."""
        for tail in (section, _AND_SO_ON):
            if not self._at_boundary(at) and tail and (found := tail.match(self._text, at)):
                at = found.end()
        if self._text.startswith("(", at):
            at = self._text.find(")", at) + 1
        return at if at and self._at_boundary(at) else 0

    def _goes_on(self, at: int) -> bool:
        return self._text.startswith("等", at)

    def _at_boundary(self, at: int) -> bool:
        return at >= len(self._text) or _SEPARATOR.match(self._text, at) is not None

    def _end_of_item(self, at: int) -> int:
        """Return the end of an unknown item: the next mark of a list that stands outside brackets."""
        depth = 0
        for end in range(at, len(self._text)):
            depth += {"(": 1, ")": -1}.get(self._text[end], 0)
            if depth <= 0 and self._text[end] in _HARD:
                return end
        return len(self._text)

    def _scopes(self, start: int, *, in_brackets: bool = False) -> tuple[tuple[Scope, ...], int]:
        """Read a list of scopes; a level word (市) stands directly before its office, so it is never a later member."""
        scopes: list[Scope] = []
        at = end = start
        while found := self._scope(at):
            scope, after = found
            if scopes and scope.kind is ScopeKind.LEVEL:
                break
            scopes.append(scope)
            end = after
            if self._text.startswith("(", end) and not in_brackets:
                inner, close = self._scopes(end + 1 + self._text.startswith("含", end + 1), in_brackets=True)
                if inner and self._text.startswith(")", close):
                    scopes.extend(inner)
                    end = close + 1
            separator = _SEPARATOR.match(self._text, end)
            if not separator:
                break
            at = separator.end()
        return tuple(scopes), end

    def _scope(self, start: int) -> tuple[Scope, int] | None:
        """Read one scope; 昆明市 or 所在 before a smaller area only introduces it (昆明市东川区, 所在县(市)区)."""
        found = self._one_scope(start)
        if found and (found[0].kind is ScopeKind.OWN or found[0].areas == (self._lexicon.city,)):
            inner = self._one_scope(found[1])
            if inner and inner[0].kind in (ScopeKind.NAMED, ScopeKind.GROUP):
                return inner
        return found

    def _one_scope(self, start: int) -> tuple[Scope, int] | None:
        plain = self._lexicon.scopes.at(self._text, start)
        quantifier = _QUANTIFIER.match(self._text, start)
        assert quantifier, "a pattern of optional parts always matches"
        group = self._lexicon.scopes.at(self._text, quantifier.end())
        if group and group[0].kind is ScopeKind.GROUP and (not plain or group[1] > plain[1]):
            return replace(group[0], relevant=quantifier[1] is not None), group[1]
        return plain

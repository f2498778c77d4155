"""Which units a name in a notice means, given whom the notice addresses and who issued it.

A name outside the directory stays a named party; it is never stretched to fit a unit.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from obligations.units.directory import Directory, Unit
from obligations.units.names import COUNTERPART, COUNTERPARTS, HEAD, Mention, Scope, ScopeKind, fold, named_areas, read

T = TypeVar("T")

MEANINGS = {
    "department_addressed": "只写了地区，按主送机关确定为该地区的部门",
    "government_of_area": "只写了地区，主送机关中没有该地区的部门，按该地区政府（管委会）确定",
    "areas_from_addressees": "按主送机关列明的地区确定",
    "areas_not_named": "没有写明是哪些地区，主送机关也没有列明",
    "addressees_wider": "主送机关还包括正文没有写到的地区",
    "each_area": "没有写明是哪个地区，按每个地区各自的部门确定",
    "level_not_written": "没有写明是哪一级部门",
    "issuer_unknown": "以发文机关自称或者其所在地区指代，但是发文机关不在目录中",
    "group_without_members": "目录中该类单位没有登记成员",
    "no_such_unit": "目录中部分地区没有这个部门",
    "open_list": "列举未尽（“等”），其余单位需要人工补充",
}
"""What each note says to the operator."""


@dataclass(frozen=True, slots=True)
class Note:
    """How a name was understood, or why it was not: a `code` of `MEANINGS`, and the words it is about."""

    code: str
    about: str

    @property
    def meaning(self) -> str:
        return MEANINGS[self.code]


@dataclass(frozen=True, slots=True)
class Resolution:
    """The `units` that are meant, the `parties` outside the directory as written, and `notes` for the operator."""

    units: tuple[Unit, ...]
    parties: tuple[str, ...]
    notes: tuple[Note, ...]


def resolve(names: Sequence[str], *, addressees: Sequence[str], issuer: str | None, directory: Directory) -> Resolution:
    """Return the units and parties that `names` mean.

    Args:
        names: parties as written, one per list member or a whole list (`东川区、安宁市`).
        addressees: the notice's addressee line (主送机关), whole or in pieces; empty if it has none.
        issuer: the notice's issuer (发文机关), several joined by 、; `None` if unknown: 市 is then the city.

    An area alone means its addressed departments, else its government. A group of areas (各县(市)区) means all its
    members, or those that the addressee line names one by one; 有关 means only addressed areas, and 辖区, 当地 each
    addressed area's own. A level word (市财政局) goes by the issuer's area; a district speaks only of itself.
    """
    circumstances = _Circumstances.of(addressees, issuer, directory)
    findings: list[_Finding] = []
    parties: list[str] = []
    for name in names:
        found = [_find(mention, circumstances) for mention in read(name, directory.lexicon)]
        findings += found
        if any(finding.units for finding in found):
            parties += [finding.mention.text for finding in found if not finding.units]
        else:
            parties.append(name)
    notes = [Note(code, finding.mention.text) for finding in findings for code in finding.notes]
    notes += [Note("addressees_wider", words) for words in _narrower_than_addressees(findings, circumstances)]
    return Resolution(_units(findings), _once(parties), _once(notes))


def _once(items: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(items))


def _both(areas: Sequence[str], others: Container[str]) -> tuple[str, ...]:
    return tuple(area for area in areas if area in others)


@dataclass(frozen=True, slots=True)
class _Finding:
    """What one mention means: no `units` if it is a party; `notes` are codes."""

    mention: Mention
    units: tuple[Unit, ...]
    notes: tuple[str, ...]


def _units(findings: Iterable[_Finding]) -> tuple[Unit, ...]:
    return _once(unit for finding in findings for unit in finding.units)


@dataclass(frozen=True, slots=True)
class _Circumstances:
    """What a notice says about all its names: its issuers, their area (`home`), and whom it addresses.

    `addressed` holds the addressees that name a place; `listed` the areas among them named one by one.
    """

    directory: Directory
    home: str | None
    issuers: tuple[Unit, ...] = ()
    addressed: tuple[_Finding, ...] = ()
    listed: tuple[str, ...] = ()

    @classmethod
    def of(cls, addressees: Sequence[str], issuer: str | None, directory: Directory) -> _Circumstances:
        lexicon = directory.lexicon
        alone = cls(directory, home=directory.city.code)
        if issuer:
            issuers = _units(_find(mention, alone) for mention in read(issuer, lexicon))
            home = issuers[0].area if issuers else _home_of_stranger(issuer, directory)
            alone = cls(directory, home, issuers)
        mentions = [mention for line in addressees for mention in read(line, lexicon) if mention.scopes]
        scopes = [scope for mention in mentions for scope in mention.scopes if scope.kind is ScopeKind.NAMED]
        return cls(
            directory,
            alone.home,
            alone.issuers,
            addressed=tuple(_find(mention, alone) for mention in mentions),
            listed=_once(area for scope in scopes for area in scope.areas if area in directory.parts_of_city),
        )

    @property
    def addresses_groups(self) -> bool:
        return any(scope.kind is ScopeKind.GROUP for finding in self.addressed for scope in finding.mention.scopes)

    @property
    def addressed_areas(self) -> frozenset[str]:
        return frozenset(unit.area for unit in _units(self.addressed) if unit.area)


def _home_of_stranger(issuer: str, directory: Directory) -> str | None:
    """Return the area of an issuer outside the directory: named at its start, or last where the city is named."""
    named = named_areas(issuer, directory.lexicon)
    opening = directory.lexicon.scopes.at(fold(issuer), 0)
    if directory.city.code in named or (opening and opening[0].kind is ScopeKind.NAMED):
        return named[-1]
    return None


def _find(mention: Mention, circumstances: _Circumstances) -> _Finding:
    finder = _Finder(circumstances)
    units = _once(finder.units(mention))
    return _Finding(mention, units, _once([*finder.notes, *(["open_list"] if mention.open_list else [])]))


def _narrower_than_addressees(findings: Sequence[_Finding], circumstances: _Circumstances) -> list[str]:
    """Return the words for groups of areas if like units of yet other areas are addressed, but not meant."""
    units = _units(findings)
    areas = {unit.area for unit in units}
    offices = {office for unit in units for office in unit.offices}
    addressed = _units(circumstances.addressed)
    if not any(unit.area not in areas and offices.intersection(unit.offices) for unit in addressed):
        return []
    mentions = [finding.mention for finding in findings]
    return [m.text for m in mentions if any(scope.kind is ScopeKind.GROUP for scope in m.scopes)]


class _Finder:
    """Looks up one mention, and keeps `notes` of how it did."""

    def __init__(self, circumstances: _Circumstances) -> None:
        self._given = circumstances
        self._directory = circumstances.directory
        self.notes: list[str] = []

    def units(self, mention: Mention) -> Sequence[Unit]:
        """Return the units that `mention` means; none where it is a party."""
        if mention.members is not None:
            return self._noted_if_empty(self._coded(mention.members), "group_without_members")
        if mention.is_issuer or (mention.office == COUNTERPART and not self._given.issuers):
            return self._noted_if_empty(self._given.issuers, "issuer_unknown")
        if mention.scopes:
            areas = _once(area for scope in mention.scopes for area in self._areas(scope))
            return [unit for area in areas for unit in self._units_of_area(area, mention.office)]
        if mention.office:
            addressed = (finding for finding in self._given.addressed if finding.mention.office == mention.office)
            return self._noted_if_empty(_units(addressed), "level_not_written")
        return self._coded(filter(None, [mention.unit]))

    def _noted_if_empty(self, found: Sequence[T], note: str) -> Sequence[T]:
        if not found:
            self.notes.append(note)
        return found

    def _coded(self, codes: Iterable[str]) -> list[Unit]:
        return [unit for unit in map(self._directory.by_code, codes) if unit]

    def _units_of_area(self, area: str, office: str | None) -> Sequence[Unit]:
        if office is None:
            return self._area_itself(area)
        offices = [office]
        if office == COUNTERPART:
            bureaus = (unit for unit in self._given.issuers if unit.name.endswith(COUNTERPARTS))
            offices = [function for bureau in bureaus for function in bureau.functions]
        held = [unit for unit in (self._directory.at(area, each) for each in offices) if unit]
        return self._noted_if_empty(held, "no_such_unit")

    def _area_itself(self, area: str) -> Sequence[Unit]:
        """Return what the bare name of an area stands for: who is addressed there, else its government."""
        addressed = [unit for unit in _units(self._given.addressed) if unit.area == area]
        if any(unit.functions for unit in addressed):
            self.notes.append("department_addressed")
        if addressed:
            return addressed
        self.notes.append("government_of_area")
        return self._units_of_area(area, HEAD)

    def _areas(self, scope: Scope) -> Sequence[str]:
        """Return the codes of the areas that `scope` covers here; none where the notice leaves them open."""
        match scope.kind:
            case ScopeKind.LEVEL:
                return self._areas_of_level(scope.word)
            case ScopeKind.OWN:
                return self._own_areas()
            case ScopeKind.GROUP:
                return self._grouped_areas(scope)
            case ScopeKind.NAMED:
                return scope.areas

    def _areas_of_level(self, word: str) -> Sequence[str]:
        home, city = self._given.home, self._directory.city
        if home is None:
            return self._noted_if_empty((), "issuer_unknown")
        above = [area for area in (self._directory.area(home), city) if area.word == word]
        return self._noted_if_empty([area.code for area in above[:1]], "areas_not_named")

    def _own_areas(self) -> Sequence[str]:
        parts = self._directory.parts_of_city
        if self._given.home in parts:
            return [self._given.home]
        self.notes.append("each_area")
        return _both(parts, self._given.addressed_areas) or parts

    def _grouped_areas(self, scope: Scope) -> Sequence[str]:
        listed = _both(scope.areas, self._given.listed)
        if self._given.home in _both(scope.areas, self._directory.parts_of_city):
            return [self._given.home]
        if scope.relevant:
            areas = self._given.listed or _both(scope.areas, self._given.addressed_areas)
            self.notes.append("areas_from_addressees" if areas else "areas_not_named")
            return areas
        if listed and not self._given.addresses_groups:
            self.notes.append("areas_from_addressees")
            return listed
        return scope.areas

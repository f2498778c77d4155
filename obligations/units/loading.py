"""From a directory file to a `Directory`: areas times functions, checked entry by entry.

The file is one JSON object:

    city        code of the area that the directory is about
    levels      what kinds of area there are, and how their units are called; their patterns are filled in
    areas       code, name, level, aliases, short (东川, for 生态环境局东川分局; the city's also in 昆明高新区)
    functions   code, name (工业和信息化), bureau (工业和信息化局; city_bureau where the city's is called otherwise),
                stems (工信, to which 局, 部门 … are added), spellings (whole), the levels it exists `at`,
                sections (处) of the city's bureau
    area_groups name and aliases of a set of areas (各县(市)区), given by levels or by areas
    unit_groups name and aliases of a set of units (市级各部门), given by areas (their departments) or by members
    units       units of their own, or replacing a department of the same code
"""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any

from obligations.errors import BadDirectory
from obligations.units.directory import Area, Directory, Unit
from obligations.units.names import (
    COUNTERPART,
    COUNTERPARTS,
    HEAD,
    HEADS,
    LEVELS,
    OFFICE_WORDS,
    OWN,
    Lexicon,
    Phrases,
    Scope,
    ScopeKind,
    fold,
)

_SLUG = re.compile(r"[0-9a-z]+(-[0-9a-z]+)*")
_EVERY = "各"


@dataclass(frozen=True)
class _Entry:
    """One JSON object of the file with the place where it stands, for messages."""

    data: Mapping[str, Any]
    place: str

    @classmethod
    def check(cls, data: object, place: str, fields: str) -> _Entry:
        """Return `data` as an entry that has only the `fields`, of which those with `!` are required."""
        required = {name[:-1] for name in fields.split() if name.endswith("!")}
        known = {name.rstrip("!") for name in fields.split()}
        if not isinstance(data, dict):
            raise BadDirectory(f"{place} must be a JSON object with {', '.join(sorted(required))}, got {data!r:.80}")
        if unknown := sorted(data.keys() - known):
            raise BadDirectory(f"{place} has no field {unknown[0]!r}; it may have {', '.join(sorted(known))}")
        if missing := sorted(required - data.keys()):
            raise BadDirectory(f"{place} needs the field {missing[0]!r}")
        return cls(data, place)

    def text(self, field: str, default: str = "") -> str:
        value = self.data.get(field, default)
        if not isinstance(value, str) or (field in self.data and not value.strip()):
            raise BadDirectory(f"{self.place}: {field} must be text, got {value!r}")
        return value

    def texts(self, field: str) -> tuple[str, ...]:
        value = self.data.get(field, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            raise BadDirectory(f"{self.place}: {field} must be a list of texts, got {value!r:.80}")
        return tuple(value)

    def code(self) -> str:
        value = self.text("code")
        if not _SLUG.fullmatch(value):
            raise BadDirectory(f"{self.place}: code must be lower-case letters, digits and hyphens, got {value!r}")
        return value

    def known(self, field: str, options: Container[str]) -> tuple[str, ...]:
        """Return the codes in the list `field`, each of which must be one of `options`."""
        return tuple(self._known(field, value, options) for value in self.texts(field))

    def known_one(self, field: str, options: Container[str]) -> str:
        """Return the code in `field`, which must be one of `options`."""
        return self._known(field, self.text(field), options)

    def _known(self, field: str, value: str, options: Container[str]) -> str:
        if value not in options:
            raise BadDirectory(f"{self.place}: {field} names {value!r}, which the directory does not define")
        return value

    def names(self) -> tuple[str, ...]:
        return (self.text("name"), *self.texts("aliases"))


_FIELDS = {
    "levels": "code! word head! head_group! department! group!",
    "areas": "code! name! level! aliases short",
    "functions": "code! name! bureau! city_bureau stems spellings at sections",
    "area_groups": "name! aliases levels areas",
    "unit_groups": "name! aliases areas members",
    "units": "code! name! aliases group! parent area functions",
}


class _File:
    """The entries of a directory file, by section and code."""

    def __init__(self, data: object) -> None:
        top = _Entry.check(
            data, "the directory", "title note city! levels! areas! functions! area_groups unit_groups units"
        )
        self.levels = _coded(top, "levels")
        self.areas = _coded(top, "areas")
        self.functions = _coded(top, "functions")
        self.area_groups = _entries(top, "area_groups")
        self.unit_groups = _entries(top, "unit_groups")
        self.units = _coded(top, "units")
        self.city = top.known_one("city", self.areas)

    def level_of(self, area: _Entry) -> _Entry:
        return self.levels[area.known_one("level", self.levels)]

    def functions_at(self, area: _Entry) -> Iterator[_Entry]:
        level = self.level_of(area).code()
        for function in self.functions.values():
            if level in (function.known("at", self.levels) or self.levels):
                yield function


def load_directory(data: object) -> Directory:
    """Return the directory that `data`, a decoded JSON file, describes.

    Raises:
        BadDirectory: an entry is malformed, names something undefined, or takes a name that another has.
    """
    file = _File(data)
    units: dict[str, Unit] = {}
    for area in file.areas.values():
        for unit in _units_of_area(area, file):
            _add(units, unit, f"the areas' units ({unit.name})")
    for entry in file.units.values():
        units[entry.code()] = _own_unit(entry, file, replaced=units.get(entry.code()))
    lexicon = _lexicon(file, units)
    _check_units(units)
    areas = [
        Area(code=code, name=entry.text("name"), word=file.level_of(entry).text("word"), aliases=entry.texts("aliases"))
        for code, entry in file.areas.items()
    ]
    return Directory(units.values(), areas, file.city, lexicon)


def packaged_directory_file() -> dict[str, Any]:
    """Return the sample directory file that comes with the package, decoded."""
    text = resources.files("obligations").joinpath("data/units/kunming.json").read_text(encoding="utf-8")
    data: dict[str, Any] = json.loads(text)
    return data


def packaged_directory() -> Directory:
    """Return the sample directory that comes with the package: Kunming's city, districts, counties and zones."""
    return load_directory(packaged_directory_file())


def _entries(top: _Entry, section: str) -> list[_Entry]:
    listed = top.data.get(section, [])
    if not isinstance(listed, list):
        raise BadDirectory(f"{section} must be a list of JSON objects, got {listed!r:.80}")
    entries = []
    for number, item in enumerate(listed, start=1):
        label = item.get("code") or item.get("name") if isinstance(item, dict) else None
        entries.append(_Entry.check(item, f"{section}, entry {number} ({label or 'unnamed'})", _FIELDS[section]))
    return entries


def _coded(top: _Entry, section: str) -> dict[str, _Entry]:
    coded: dict[str, _Entry] = {}
    for entry in _entries(top, section):
        if entry.code() in coded:
            raise BadDirectory(f"{entry.place}: the code {entry.code()!r} is taken by {coded[entry.code()].place}")
        coded[entry.code()] = entry
    return coded


def _units_of_area(area: _Entry, file: _File) -> Iterator[Unit]:
    level, code = file.level_of(area), area.code()
    is_city = code == file.city
    places = (*area.names(), *([level.text("word")] if is_city else []))
    heads = HEADS if level.text("head") not in HEADS else _same_head(level.text("head"))
    yield Unit(
        code=code,
        name=area.text("name") + level.text("head"),
        aliases=_others(area.text("name") + level.text("head"), (place + head for place in places for head in heads)),
        group=level.text("head_group"),
        parent=None if is_city else file.city,
        area=code,
    )
    for function in file.functions_at(area):
        name = _filled(level, "department", area, function)
        bureaus = _bureaus(function)
        sections = function.texts("sections") if is_city else ()
        yield Unit(
            code=f"{code}-{function.code()}",
            name=name,
            aliases=_others(name, (*(place + bureau for place in places for bureau in bureaus), *sections)),
            group=_filled(level, "group", area, function),
            parent=code,
            area=code,
            functions=(function.code(),),
        )


def _same_head(head: str) -> tuple[str, ...]:
    return HEADS[:2] if head in HEADS[:2] else HEADS[2:]


def _filled(level: _Entry, field: str, area: _Entry, function: _Entry) -> str:
    pattern = level.text(field)
    values = {"area": area.text("name"), "name": function.text("name"), "bureau": function.text("bureau")}
    values["city_bureau"] = function.text("city_bureau", values["bureau"])
    for name, value in values.items():
        pattern = pattern.replace(f"{{{name}}}", value)
    if "{" in pattern:
        known = ", ".join(f"{{{name}}}" for name in values)
        raise BadDirectory(f"{level.place}: {field} may hold {known}, got {level.text(field)!r}")
    return pattern


def _bureaus(function: _Entry) -> tuple[str, ...]:
    """Return what a bureau with this function is called, without its area."""
    return (*_full_names(function), *(stem + OFFICE_WORDS[0] for stem in function.texts("stems")))


def _full_names(function: _Entry) -> tuple[str, ...]:
    bureau = function.text("bureau")
    return (bureau, function.text("city_bureau", bureau), *function.texts("spellings"))


def _others(name: str, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(other for other in dict.fromkeys(names) if other != name)


def _own_unit(entry: _Entry, file: _File, replaced: Unit | None) -> Unit:
    """Return a unit that the file describes itself; one that it replaces leaves it its names."""
    unit = Unit(
        code=entry.code(),
        name=entry.text("name"),
        aliases=entry.texts("aliases"),
        group=entry.text("group"),
        parent=entry.text("parent") or (replaced.parent if replaced else None),
        area=entry.known_one("area", file.areas) if "area" in entry.data else None,
        functions=entry.known("functions", file.functions),
    )
    if replaced is None:
        return unit
    if (unit.area, unit.functions) != (replaced.area, replaced.functions):
        raise BadDirectory(f"{entry.place}: replacing {replaced.name}, it must keep its area and functions")
    names = (*unit.aliases, replaced.name, *replaced.aliases)
    return replace(unit, aliases=_others(unit.name, names))


def _add(units: dict[str, Unit], unit: Unit, place: str) -> None:
    if unit.code in units:
        raise BadDirectory(f"{place}: the code {unit.code!r} is taken by {units[unit.code].name}")
    units[unit.code] = unit


def _check_units(units: Mapping[str, Unit]) -> None:
    """Refuse a name with two owners, an office held twice, and parents that are missing or go round in a circle."""
    names: dict[str, Unit] = {}
    offices: dict[tuple[str | None, str], Unit] = {}
    for unit in units.values():
        for name in (unit.name, *unit.aliases):
            if names.setdefault(fold(name), unit) is not unit:
                raise BadDirectory(
                    f"units: {name!r} must name one unit, but {names[fold(name)].code} and {unit.code} have it"
                )
        for office in unit.offices:
            if offices.setdefault((unit.area, office), unit) is not unit:
                holder = offices[unit.area, office].code
                raise BadDirectory(
                    f"units: {office!r} of {unit.area} must be held by one unit, not {holder} and {unit.code}"
                )
        seen, above = {unit.code}, unit.parent
        while above is not None:
            if above not in units or above in seen:
                raise BadDirectory(f"units: the parent of {unit.code} must lead to a unit at the top, got {above!r}")
            seen.add(above)
            above = units[above].parent


def _lexicon(file: _File, units: Mapping[str, Unit]) -> Lexicon:
    city = file.areas[file.city]
    return Lexicon(
        scopes=Phrases(_scopes(file)),
        offices=Phrases(_offices(file)),
        sections=Phrases({name: code for code, entry in file.functions.items() for name in entry.texts("sections")}),
        branches=Phrases(
            {f"{entry.text('short')}分局": code for code, entry in file.areas.items() if entry.text("short")}
        ),
        units=Phrases({name: code for code in file.units for name in (units[code].name, *units[code].aliases)}),
        groups=Phrases(_unit_groups(file, units)),
        city=file.city,
        city_word=file.level_of(city).text("word"),
    )


def _scopes(file: _File) -> dict[str, Scope]:
    scopes = {word: Scope(ScopeKind.OWN) for word in OWN}
    scopes |= {phrase: Scope(ScopeKind.LEVEL, word=word) for phrase, word in LEVELS.items()}
    for entry in file.area_groups:
        areas = _grouped(entry, file)
        for name in entry.names():
            scopes[name] = scope = Scope(ScopeKind.GROUP, areas)
            if (body := name.removeprefix(_EVERY)) not in LEVELS:
                scopes[body] = scope
    for code, entry in file.areas.items():
        for name in filter(None, (*entry.names(), entry.text("short") if code == file.city else "")):
            taken = scopes.setdefault(name, Scope(ScopeKind.NAMED, (code,)))
            if taken.areas != (code,):
                raise BadDirectory(f"{entry.place}: {name!r} already names another area or a group of areas")
    return scopes


def _grouped(entry: _Entry, file: _File) -> tuple[str, ...]:
    levels, areas = entry.known("levels", file.levels), entry.known("areas", file.areas)
    if bool(levels) == bool(areas):
        raise BadDirectory(f"{entry.place} takes either levels or areas, and at least one of them")
    return areas or tuple(code for code, area in file.areas.items() if area.text("level") in levels)


def _offices(file: _File) -> dict[str, str]:
    offices = dict.fromkeys(COUNTERPARTS, COUNTERPART) | dict.fromkeys(HEADS, HEAD)
    for code, entry in file.functions.items():
        stems = (entry.text("name"), *entry.texts("stems"))
        for name in (*_full_names(entry), *(stem + word for stem in stems for word in OFFICE_WORDS)):
            if offices.setdefault(name, code) != code:
                raise BadDirectory(f"{entry.place}: {name!r} already stands for {offices[name]!r}")
    return offices


def _unit_groups(file: _File, units: Mapping[str, Unit]) -> dict[str, tuple[str, ...]]:
    groups: dict[str, tuple[str, ...]] = {}
    for entry in file.unit_groups:
        areas = entry.known("areas", file.areas)
        members = entry.known("members", units)
        departments = tuple(unit.code for unit in units.values() if unit.area in areas and unit.functions)
        for name in entry.names():
            groups[name] = groups[name.removeprefix(_EVERY)] = (*departments, *members)
    return groups

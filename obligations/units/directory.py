"""The directory of responsible units as values: who exists, where, for what, and under which names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from obligations.units.names import HEAD, Lexicon, fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One responsible unit (责任单位).

    `code` is a stable slug (`530113-gongxin`); `group` the unit group it belongs to (单位类别), for display and
    statistics; `parent` the code of the unit above it; `area` the code of the area it works for. `functions`
    are codes such as `gongxin`. The government of an area carries the code of the area.
    """

    code: str
    name: str
    aliases: tuple[str, ...] = ()
    group: str
    parent: str | None = None
    area: str | None = None
    functions: tuple[str, ...] = ()

    @property
    def offices(self) -> tuple[str, ...]:
        """What the unit does for its area: its functions, and `HEAD` if it governs it."""
        return (*self.functions, HEAD) if self.code == self.area else self.functions


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A city, district, county or zone. `word` is what its own notices call it (市, 区, 县), empty for zones."""

    code: str
    name: str
    word: str
    aliases: tuple[str, ...] = ()


class Directory:
    """All units with the words that name them. Made by `load_directory`, which guarantees that it is consistent."""

    def __init__(self, units: Iterable[Unit], areas: Iterable[Area], city: str, lexicon: Lexicon) -> None:
        self.units = tuple(units)
        self.areas = tuple(areas)
        self.lexicon = lexicon
        self._areas = {area.code: area for area in self.areas}
        self.city = self._areas[city]
        self._codes = {unit.code: unit for unit in self.units}
        self._names = {fold(name): unit for unit in self.units for name in (unit.name, *unit.aliases)}
        self._offices = {(unit.area, office): unit for unit in self.units for office in unit.offices if unit.area}

    def by_code(self, code: str) -> Unit | None:
        """Return the unit with this code."""
        return self._codes.get(code)

    def find(self, name: str) -> Unit | None:
        """Return the unit with this name or alias, whatever its brackets and spaces look like."""
        return self._names.get(fold(name))

    def at(self, area: str, office: str) -> Unit | None:
        """Return the unit that holds `office` (a function code, or `HEAD`) for the area with the code `area`."""
        return self._offices.get((area, office))

    def area(self, code: str) -> Area:
        """Return the area with this code.

        Raises:
            KeyError: there is none.
        """
        return self._areas[code]

    @property
    def parts_of_city(self) -> tuple[str, ...]:
        """The codes of the districts, counties and zones: of every area but the city itself."""
        return tuple(code for code in self._areas if code != self.city.code)

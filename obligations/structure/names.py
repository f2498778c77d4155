"""Names of units in running text: what ends one, and how a shared head or tail is distributed."""

from __future__ import annotations

import re

# Last characters of the names of offices, bodies and kinds of addressees.
_UNIT_END = (
    r"(?:局|委|厅|办|部|署|室|政府|委员会|办公室|办公厅|管委会|办事处|指挥部|领导小组|工作组|检察院|法院|法庭|部门|机构|单位|组织|公司|集团"
    r"|企业|银行|支行|分行|分局|支队|大队|总队|中心|学校|大学|学院|医院|研究院|研究所|设计院|协会|学会|联合会|商会|联社|合作社|站|所|处|科"
    r"|馆|队|院|校|园区|街道|乡镇|人员|机关|团体|者|户|人|平台|基地|行|会|社|学)"
)
UNIT_END = re.compile(rf"{_UNIT_END}(?:\([^()]{{1,20}}\))?$")

# A place word that is really the beginning or the end of another word: 市场, 城市管理, 区域, 乡村, 城乡, 县级.
_PLACE = (
    r"(?=[市区县州旗盟乡镇街(])(?:(?<![城都])市(?![场政容直属级民])|区(?![域块划])|县(?![域级直])|州(?!直)|旗|盟|(?<!城)乡(?!村)|镇|街道"
    r"|\([^()]{1,12}\)(?=[市县区旗州])|(?<=[市县区旗州盟])\([^()]{1,12}\))"
)
_PLACES = re.compile(_PLACE)
_LISTS = re.compile("[、,;]")
# A level without a name: 各县(市), 自治区, 区 — with the next one it makes up a single kind of unit.
_LEVEL = r"(?:省|自治区|直辖市|计划单列市|自治州|地区|市|县|区|州|旗|盟|地)(?:\([^()]{1,12}\))?(?:市|县|区)?"
_LEVEL_LAST = re.compile(rf"(?:^|各){_LEVEL}$")
_LEVEL_FIRST = re.compile(_LEVEL)


def split_top(words: str, marks: str) -> list[str]:
    """Split at any of `marks` that stands outside brackets; pieces are stripped, empty ones left out."""
    pieces: list[str] = []
    depth = start = 0
    for index, char in enumerate(words):
        if char in "(《“":
            depth += 1
        elif char in ")》”":
            depth = max(0, depth - 1)
        elif char in marks and depth == 0:
            pieces.append(words[start:index])
            start = index + 1
    pieces.append(words[start:])
    return [piece.strip() for piece in pieces if piece.strip()]


def distributed(words: str) -> tuple[str, ...]:
    """Return the units that a list names, a shared tail given to each place.

    东川区、晋宁区人民政府 gives 东川区人民政府 and 晋宁区人民政府; in 各县(市)区财政局、人社局 the offices share
    one place and stay together. `words` is normalised text.
    """
    if not _LISTS.search(words):
        return (words.strip(),) if words.strip() else ()
    units: list[str] = []
    for group in split_top(words, ",;"):
        units.extend(_distribute_group(split_top(group, "、")))
    return tuple(units)


def _distribute_group(items: list[str]) -> list[str]:
    out: list[str] = []
    places: list[str] = []
    together: list[str] = []  # the places of the unit being written, waiting for further offices
    for item in _with_joined_levels(items):
        place, office = _place_and_office(item)
        if place and not office:
            places.append(place)
            together = []
        elif place:
            together = [*places, place]
            out.extend(name + office for name in together)
            places = []
        elif together and office[0] not in "市县区州旗盟乡镇":
            out[-len(together) :] = [f"{name}、{office}" for name in out[-len(together) :]]
        else:
            out.extend([*places, office])
            places, together = [], []
    return out + places


def _with_joined_levels(items: list[str]) -> list[str]:
    """Join what only together names units: 各县(市)、区人民政府, 各供水、排水企业."""
    joined: list[str] = []
    for item in items:
        before = joined[-1].rpartition("、")[2] if joined else ""
        generic = _LEVEL_LAST.search(before) and _LEVEL_FIRST.match(item)
        if generic or (before and not _names_a_whole(before)):
            joined[-1] += f"、{item}"
        else:
            joined.append(item)
    return joined


def _names_a_whole(item: str) -> bool:
    """Tell a unit or a place from a word that shares the noun of the next: 各供水、排水企业, 各国家级、省级园区."""
    place, office = _place_and_office(item)
    return bool(UNIT_END.search(item)) or (bool(place) and not office)


def _place_and_office(item: str) -> tuple[str, str]:
    """Split 东川区人民政府 into place and office; either may be empty."""
    end = 0
    for found in _PLACES.finditer(item):
        end = found.end()
    if end <= 1:  # 市政府各部门, 区应急局: the level alone names no place
        return "", item
    return item[:end], item[end:]

"""Responsible units: what the directory holds, and what the names in a notice resolve to."""

from __future__ import annotations

import copy
import json
from importlib import resources
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from obligations.errors import BadDirectory
from obligations.units import Directory, Resolution, load_directory, packaged_directory, resolve
from tests.shared_files import shared

TO_ALL_INDUSTRY_BUREAUS = ["各县(市)区、开发区工业和信息化主管部门"]
TO_NINE_AND_TWO = [
    "东川区、晋宁区、安宁市、富民县、宜良县、嵩明县、石林县、禄劝县、寻甸县人民政府,空港经济区、阳宗海风景区管委会"
]


@pytest.fixture(scope="module")
def kunming() -> Directory:
    return packaged_directory()


def meant(
    directory: Directory, *names: str, addressees: list[str] | None = None, issuer: str | None = None
) -> Resolution:
    return resolve(names, addressees=addressees or [], issuer=issuer, directory=directory)


def codes(resolution: Resolution) -> list[str]:
    return [unit.code for unit in resolution.units]


def names(resolution: Resolution) -> list[str]:
    return [unit.name for unit in resolution.units]


def notes(resolution: Resolution) -> set[str]:
    return {note.code for note in resolution.notes}


# -- the directory ----------------------------------------------------------------------------------------------------


def test_the_sample_covers_the_city_with_its_districts_counties_and_zones(kunming: Directory) -> None:
    assert kunming.city.name == "昆明市"
    assert len([code for code in kunming.parts_of_city if code.isdigit()]) == 14
    assert len([code for code in kunming.parts_of_city if not code.isdigit()]) == 7
    dongchuan = kunming.by_code("530113-gongxin")
    assert dongchuan is not None
    assert (dongchuan.name, dongchuan.area, dongchuan.parent) == ("东川区工业和信息化局", "530113", "530113")
    assert dongchuan.functions == ("gongxin",)
    assert dongchuan.group == "各县(市)区工业和信息化部门"
    government = kunming.by_code("530113")
    assert government is not None
    assert (government.name, government.parent) == ("东川区人民政府", "5301")


def test_what_is_unknown_is_none(kunming: Directory) -> None:
    assert kunming.by_code("539999") is None
    assert kunming.find("安宁市人民医院") is None


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("石林彝族自治县人民政府", "530126"),
        ("高新区管理委员会", "5301-gaoxin"),
        ("昆明高新区管委会", None),
        ("昆明市工信局", "5301-gongxin"),
        ("市工业和信息化局", "5301-gongxin"),
        ("资源综合利用处", "5301-gongxin"),
        ("安宁市科工信局", "530181-gongxin"),
        ("磨憨—磨丁合作区 管委会", "5301-mohan"),
        ("昆明供电局", "gongdian"),
    ],
)
def test_find_takes_names_and_aliases_in_any_spelling(kunming: Directory, name: str, code: str | None) -> None:
    found = kunming.find(name)
    assert (found.code if found else None) == code


def test_every_name_of_every_unit_resolves_to_that_unit_alone(kunming: Directory) -> None:
    spellings = [(name, unit) for unit in kunming.units for name in (unit.name, *unit.aliases)]
    wrong = [(name, unit.code) for name, unit in spellings if meant(kunming, name).units != (unit,)]
    assert wrong == []
    assert len(spellings) > 5 * len(kunming.units)


# -- names as they are written ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        pytest.param("东川区工业和信息化局", "530113-gongxin", id="own-name"),
        pytest.param("东川区 科学技术和工业信息化局", "530113-gongxin", id="another-spelling-of-the-function"),
        pytest.param("昆明市东川区工信局", "530113-gongxin", id="the-city-before-the-district"),
        pytest.param("昆明经开区管委会", "5301-jingkai", id="the-city-before-a-zone"),
        pytest.param("市工信局", "5301-gongxin", id="level-word"),
        pytest.param("市级财政部门", "5301-caizheng", id="level-word-with-级"),
        pytest.param("市市场监管局", "5301-shichang", id="level-word-before-the-same-character"),
        pytest.param("市工业和信息化局资源综合利用处", "5301-gongxin", id="section-of-a-bureau"),
        pytest.param("市工信局对口处室", "5301-gongxin", id="unnamed-section"),
        pytest.param("市生态环境局资源节约和环境保护处", "5301-shengtai", id="section-with-和"),
        pytest.param("市工信局（中小企业处）", "5301-gongxin", id="section-in-brackets"),
        pytest.param("中小企业处", "5301-gongxin", id="listed-section-alone"),
        pytest.param("富民县人民政府办公室", "530124-zhengfuban", id="government-office"),
        pytest.param("昆明市生态环境局东川分局", "530113-shengtai", id="branch"),
        pytest.param("市信息通信建设管理办公室", "5301-xintong", id="office-of-the-city-only"),
        pytest.param("市创业人员小额担保贷款工作领导小组办公室", "5301-xiaodai", id="leading-group-office"),
        pytest.param("自贸试验区管委会", "5301-jingkai", id="zone-with-two-names"),
        pytest.param("云南滇中新区管委会财政局", "5301-dianzhong-caizheng", id="department-of-a-committee"),
        pytest.param("昆明市人民政府国有资产监督管理委员会", "5301-guozi", id="commission-of-a-government"),
    ],
)
def test_a_name_means_one_unit(kunming: Directory, name: str, unit: str) -> None:
    found = meant(kunming, name)
    assert codes(found) == [unit]
    assert found.parties == ()


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("安宁市人民医院", id="named-after-an-area"),
        pytest.param("安宁市人民政府金方街道办事处", id="below-a-government"),
        pytest.param("昆明市公安局交通警察支队", id="below-a-bureau"),
        pytest.param("市水务局下属水库管理处", id="institution-of-a-bureau"),
        pytest.param("五华区教育体育局第一幼儿园", id="school"),
        pytest.param("东川区、安宁市人民医院", id="list-of-strangers"),
        pytest.param("玉溪市财政局", id="another-city"),
        pytest.param("玉溪高新区管委会", id="zone-of-another-city"),
        pytest.param("北京市西山区财政局", id="area-of-the-same-name-elsewhere"),
        pytest.param("省工业和信息化厅", id="province"),
        pytest.param("企业", id="companies"),
        pytest.param("占用人", id="anybody"),
        pytest.param("供电部门", id="unknown-function"),
        pytest.param("市场主体", id="begins-like-a-level-word"),
        pytest.param("区域内规模以上企业", id="begins-like-a-district"),
        pytest.param("县(市)区贷款经办部门", id="unknown-office-of-known-areas"),
        pytest.param("有关县(市)区相关责任部门和街道(乡镇)", id="vague"),
        pytest.param("创业担保贷款经办银行", id="group-without-members"),
        pytest.param("绿化行政管理部门委托的绿化工程质量监督机构", id="commissioned-by-a-unit"),
        pytest.param("认捐、认养的单位和个人", id="list-inside-a-description"),
        pytest.param("财政部", id="ministry"),
        pytest.param("市绿化委员会", id="deliberative-body"),
    ],
)
def test_what_is_not_in_the_directory_stays_a_party(kunming: Directory, name: str) -> None:
    found = meant(kunming, name)
    assert found.units == ()
    assert found.parties == (name,)


def test_a_list_is_read_member_by_member(kunming: Directory) -> None:
    found = meant(kunming, "市财政局、人社局，昆明银行和五华区财政部门")
    assert codes(found) == ["5301-caizheng", "5301-renshe"]
    assert found.parties == ("昆明银行和五华区财政部门",)
    together = meant(kunming, "市工业和信息化局会同市财政局")
    assert codes(together) == ["5301-gongxin", "5301-caizheng"]


def test_an_open_list_is_noted(kunming: Directory) -> None:
    found = meant(kunming, "市发展改革委、市应急局等部门")
    assert codes(found) == ["5301-fagai", "5301-yingji"]
    assert notes(found) == {"open_list"}


def test_a_party_keeps_its_spelling(kunming: Directory) -> None:
    assert meant(kunming, "市财政局、各 承贷机构（含分支）").parties == ("各 承贷机构（含分支）",)


# -- groups -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "members"),
    [
        ("各县(市)区工信部门", 14),
        ("县（市）区财政局", 14),
        ("各县(市)、区人民政府", 14),
        ("各县〔市、区〕科工信局", 14),
        ("昆明市各县(市)区住建局", 14),
        ("各开发(度假)区经贸局", 7),
        ("各县(市)区、开发(度假)区工信部门", 21),
        ("各县（市、区）（含开发区）教育体育局", 21),
        ("各县(市)区人力资源社会保障局、财政分局", 28),
        ("自贸试验(经济合作)区管委会", 2),
        ("主城五区城管部门", 5),
        ("各区水务局", 7),
        ("市、县(市)区财政部门", 15),
        ("全市各级审计机关", 15),
    ],
)
def test_a_group_resolves_to_its_members(kunming: Directory, name: str, members: int) -> None:
    found = meant(kunming, name)
    assert len(found.units) == members
    assert found.parties == ()


def test_the_city_is_no_member_of_its_districts(kunming: Directory) -> None:
    assert "5301" not in codes(meant(kunming, "各县(市)区、开发区"))
    assert names(meant(kunming, "昆明市")) == ["昆明市人民政府"]


def test_a_unit_group_lists_the_bureaus_of_the_city(kunming: Directory) -> None:
    found = meant(kunming, "市政府各委办局")
    assert {unit.area for unit in found.units} == {"5301"}
    assert {"5301-gongxin", "5301-caizheng"} <= set(codes(found))
    assert "5301" not in codes(found)


def test_a_group_without_members_is_a_party_and_noted(kunming: Directory) -> None:
    found = meant(kunming, "各承贷银行")
    assert found.parties == ("各承贷银行",)
    assert notes(found) == {"group_without_members"}


# -- names that need the notice around them ---------------------------------------------------------------------------


def test_an_area_alone_is_its_addressed_department(kunming: Directory) -> None:
    found = meant(kunming, "东川区", "安宁市", addressees=TO_ALL_INDUSTRY_BUREAUS)
    assert names(found) == ["东川区工业和信息化局", "安宁市工业和信息化局"]
    assert notes(found) == {"department_addressed"}


def test_an_area_alone_is_its_government_when_no_department_is_addressed(kunming: Directory) -> None:
    found = meant(kunming, "东川区、高新区", addressees=["各有关单位"])
    assert names(found) == ["东川区人民政府", "高新区管委会"]
    assert notes(found) == {"government_of_area"}


def test_each_area_alone_goes_by_its_own_addressee(kunming: Directory) -> None:
    found = meant(kunming, "东川区", "安宁市", addressees=["东川区财政局", "安宁市人民政府"])
    assert names(found) == ["东川区财政局", "安宁市人民政府"]


def test_all_counties_alone_leave_the_addressed_zones_out_and_say_so(kunming: Directory) -> None:
    found = meant(kunming, "各县(市)区", addressees=TO_ALL_INDUSTRY_BUREAUS)
    assert len(found.units) == 14
    assert {unit.functions for unit in found.units} == {("gongxin",)}
    assert notes(found) == {"department_addressed", "addressees_wider"}
    whole = meant(kunming, "各县(市)区", "各开发区", addressees=TO_ALL_INDUSTRY_BUREAUS)
    assert len(whole.units) == 21
    assert "addressees_wider" not in notes(whole)


@pytest.mark.parametrize("name", ["有关县(市)区", "各有关县（市）区", "相关县(市)区"])
def test_relevant_counties_are_those_the_addressee_line_names(kunming: Directory, name: str) -> None:
    found = meant(kunming, name, addressees=TO_NINE_AND_TWO)
    assert len(found.units) == 11
    assert names(found)[0] == "东川区人民政府"
    assert names(found)[-1] == "阳宗海风景区管委会"
    assert "五华区人民政府" not in names(found)


def test_relevant_counties_that_nobody_names_stay_a_party(kunming: Directory) -> None:
    found = meant(kunming, "有关县(市)区")
    assert (found.units, found.parties) == ((), ("有关县(市)区",))
    assert notes(found) == {"areas_not_named"}


def test_a_group_means_no_more_than_the_areas_named_one_by_one(kunming: Directory) -> None:
    found = meant(kunming, "各县(市)区", addressees=["东川区、安宁市工业和信息化局"])
    assert names(found) == ["东川区工业和信息化局", "安宁市工业和信息化局"]


@pytest.mark.parametrize("own", ["辖区", "当地", "属地", "本级", "项目所在地", "企业所在县(市)区、开发区"])
def test_the_own_department_is_each_areas(kunming: Directory, own: str) -> None:
    found = meant(kunming, f"{own}绿化行政管理部门")
    assert len(found.units) == 21
    assert {unit.functions for unit in found.units} == {("lvhua",)}


def test_the_own_department_is_only_of_addressed_areas(kunming: Directory) -> None:
    found = meant(kunming, "当地中小企业主管部门、财政部门", addressees=["东川区、安宁市人民政府"])
    assert codes(found) == ["530113-gongxin", "530181-gongxin", "530113-caizheng", "530181-caizheng"]


def test_a_department_without_an_area_is_the_addressed_one_or_a_party(kunming: Directory) -> None:
    assert len(meant(kunming, "工信主管部门", addressees=TO_ALL_INDUSTRY_BUREAUS).units) == 21
    alone = meant(kunming, "绿化行政管理部门", addressees=TO_ALL_INDUSTRY_BUREAUS)
    assert (alone.units, alone.parties) == ((), ("绿化行政管理部门",))
    assert notes(alone) == {"level_not_written"}


def test_the_issuer_speaks_of_itself(kunming: Directory) -> None:
    assert codes(meant(kunming, "我局", issuer="昆明市工业和信息化局")) == ["5301-gongxin"]
    assert codes(meant(kunming, "我局中小企业处", issuer="市财政局")) == ["5301-caizheng"]
    unknown = meant(kunming, "我局", issuer="玉溪市财政局")
    assert (unknown.parties, notes(unknown)) == (("我局",), {"issuer_unknown"})


@pytest.mark.parametrize(
    ("issuer", "name", "units"),
    [
        (None, "市财政局", ["5301-caizheng"]),
        ("昆明市人民政府办公室", "市财政局", ["5301-caizheng"]),
        ("国家税务总局昆明市税务局", "市财政局", ["5301-caizheng"]),
        ("富民县人民政府", "市财政局", ["5301-caizheng"]),
        ("安宁市人民政府", "市财政局", ["530181-caizheng"]),
        ("安宁市总工会", "市财政局", ["530181-caizheng"]),
        ("五华区人民政府", "区财政局", ["530102-caizheng"]),
        ("高新区管委会", "区财政部门", ["5301-gaoxin-caizheng"]),
        ("五华区人民政府", "辖区财政部门", ["530102-caizheng"]),
        ("富民县人民政府", "县级财政部门", ["530124-caizheng"]),
        ("东川区工信局", "市局", ["5301-gongxin"]),
        ("玉溪市人民政府", "市财政局", []),
        ("玉溪高新区管委会", "市财政局", []),
        ("昆明市人民政府", "区财政局", []),
    ],
)
def test_a_level_word_goes_by_the_issuer(kunming: Directory, issuer: str | None, name: str, units: list[str]) -> None:
    found = meant(kunming, name, issuer=issuer)
    assert codes(found) == units
    assert found.parties == (() if units else (name,))


def test_bureaus_elsewhere_share_the_issuers_function(kunming: Directory) -> None:
    found = meant(kunming, "各县(市)区局", issuer="昆明市市场监督管理局")
    assert len(found.units) == 14
    assert {unit.functions for unit in found.units} == {("shichang",)}
    assert notes(meant(kunming, "市局")) == {"issuer_unknown"}
    assert meant(kunming, "市局", issuer="昆明市人民政府办公室").parties == ("市局",)


def test_no_name_is_no_unit(kunming: Directory) -> None:
    assert meant(kunming, addressees=TO_ALL_INDUSTRY_BUREAUS) == Resolution((), (), ())


def test_notes_speak_to_the_operator(kunming: Directory) -> None:
    (note,) = meant(kunming, "各承贷银行").notes
    assert (note.about, note.meaning) == ("各承贷银行", "目录中该类单位没有登记成员")


@pytest.mark.parametrize(
    "piece",
    [
        "东川区、",
        "昆明市",
        "所在",
        "市财政局(",
        "(",
        "东川区(",
        "市财政局等",
        "各",
        "甲乙丙、",
        "市财政局预算",
        "县(市)区",
    ],
)
def test_a_very_long_name_ends(kunming: Directory, piece: str) -> None:
    endless = piece * 20_000
    found = meant(kunming, endless + "人民医院")
    assert found.parties


# -- the annotated listing page ---------------------------------------------------------------------------------------


def test_the_annotated_parties_resolve(kunming: Directory) -> None:
    gold = json.loads(shared("gold/seed_obligations.json").read_text(encoding="utf-8"))
    notices = {notice["index"]: notice for notice in gold["notices"]}
    found = {}
    for duty in gold["obligations"]:
        notice = notices[duty["notice"]]
        parties = [duty["responsible"]] if duty["responsible"] else duty["responsible_resolved"]
        found[duty["id"]] = meant(kunming, *parties, addressees=notice["addressees"], issuer=notice["issuer"])
    assert names(found["n4-o6"]) == ["东川区工业和信息化局", "安宁市工业和信息化局"]
    assert [len(found[duty].units) for duty in ("n3-o8", "n4-o5", "n9-o1", "n0-o2")] == [21, 14, 14, 11]
    assert names(found["n8-o12"]) == ["昆明市创业人员小额担保贷款工作领导小组办公室"]
    assert found["n8-o10"].parties == ("创业担保贷款经办银行",)
    assert found["n1-o30"].parties == ("供电部门",)


# -- directory files --------------------------------------------------------------------------------------------------


@pytest.fixture
def file() -> dict[str, Any]:
    return small_file()


def small_file() -> dict[str, Any]:
    """Return the directory file of another city, with as little in it as works."""
    return {
        "city": "5304",
        "levels": [
            {
                "code": "city",
                "word": "市",
                "head": "人民政府",
                "head_group": "市政府",
                "department": "{area}{bureau}",
                "group": "市级部门",
            },
            {
                "code": "area",
                "word": "区",
                "head": "人民政府",
                "head_group": "各县(市、区)政府",
                "department": "{area}{bureau}",
                "group": "各县(市、区){name}部门",
            },
        ],
        "areas": [
            {"code": "5304", "name": "玉溪市", "level": "city"},
            {"code": "530402", "name": "红塔区", "level": "area"},
        ],
        "functions": [{"code": "caizheng", "name": "财政", "bureau": "财政局"}],
        "area_groups": [{"name": "各县(市、区)", "levels": ["area"]}],
        "unit_groups": [{"name": "各承办银行", "members": ["bank"]}],
        "units": [{"code": "bank", "name": "红塔银行", "group": "银行"}],
    }


def test_another_citys_directory_is_a_file(file: dict[str, Any]) -> None:
    yuxi = load_directory(file)
    assert [unit.code for unit in yuxi.units] == ["5304", "5304-caizheng", "530402", "530402-caizheng", "bank"]
    assert codes(meant(yuxi, "各县（市、区）财政局", "各承办银行")) == ["530402-caizheng", "bank"]
    assert meant(yuxi, "东川区财政局").parties == ("东川区财政局",)


def test_a_unit_entry_replaces_a_department_under_its_code(file: dict[str, Any]) -> None:
    renamed = {
        "code": "530402-caizheng",
        "name": "红塔区财政金融局",
        "group": "金融",
        "area": "530402",
        "functions": ["caizheng"],
    }
    yuxi = load_directory({**file, "units": [*file["units"], renamed]})
    unit = yuxi.by_code("530402-caizheng")
    assert unit is not None
    assert (unit.name, unit.parent) == ("红塔区财政金融局", "530402")
    assert yuxi.find("红塔区财政局") is unit
    assert meant(yuxi, "红塔区财政局", "红塔区财政金融局", "各县(市、区)财政部门").units == (unit,)


@pytest.mark.parametrize(
    ("section", "change", "complaint"),
    [
        ("areas", {"code": "5304 02"}, "code must be lower-case letters, digits and hyphens, got '5304 02'"),
        ("areas", {"code": "5304"}, "the code '5304' is taken by areas, entry 1"),
        ("areas", {"level": "town"}, "level names 'town', which the directory does not define"),
        ("areas", {"name": "  "}, "name must be text, got '  '"),
        ("areas", {"aliases": "红塔"}, "aliases must be a list of texts, got '红塔'"),
        ("areas", {"nmae": "红塔区"}, "has no field 'nmae'; it may have aliases, code"),
        ("areas", {"name": "玉溪市"}, "'玉溪市' already names another area"),
        ("functions", {"at": ["county"]}, "at names 'county'"),
        ("functions", {"stems": ["政府"], "spellings": ["政府"]}, "'政府' already stands for"),
        ("levels", {"department": "{place}{bureau}"}, "department may hold {area}"),
        ("area_groups", {"areas": ["530402"]}, "takes either levels or areas"),
        ("unit_groups", {"members": ["nobody"]}, "members names 'nobody'"),
        ("units", {"name": "玉溪市财政局"}, "'玉溪市财政局' must name one unit, but 5304-caizheng and bank have it"),
        ("units", {"parent": "nobody"}, "the parent of bank must lead to a unit at the top, got 'nobody'"),
        ("units", {"parent": "bank"}, "the parent of bank must lead to a unit at the top, got 'bank'"),
        ("units", {"code": "530402-caizheng"}, "replacing 红塔区财政局, it must keep its area and functions"),
        ("units", {"area": "530402", "functions": ["caizheng"]}, "'caizheng' of 530402 must be held by one unit"),
    ],
)
def test_a_wrong_entry_is_named_with_the_right_form(
    file: dict[str, Any], section: str, change: dict[str, Any], complaint: str
) -> None:
    broken = copy.deepcopy(file)
    broken[section][-1].update(change)
    with pytest.raises(BadDirectory) as caught:
        load_directory(broken)
    assert complaint in str(caught.value)


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        ([], "the directory must be a JSON object with areas, city, functions, levels, got []"),
        ({"city": "5304"}, "the directory needs the field 'areas'"),
    ],
)
def test_a_file_that_is_no_directory_is_refused(data: object, complaint: str) -> None:
    with pytest.raises(BadDirectory) as caught:
        load_directory(data)
    assert complaint in str(caught.value)


def test_a_section_that_is_no_list_is_refused(file: dict[str, Any]) -> None:
    with pytest.raises(BadDirectory, match="areas must be a list of JSON objects"):
        load_directory({**file, "areas": {"530402": "红塔区"}})
    with pytest.raises(BadDirectory, match="city names '5304', which the directory does not define"):
        load_directory({**file, "areas": []})
    with pytest.raises(BadDirectory, match=r"entry 1 .*must be a JSON object"):
        load_directory({**file, "areas": ["红塔区"]})


SCRAPS = st.recursive(
    st.sampled_from([None, True, 0, "", " ", "财政局", "各县(市)区", "5304", "530402", "caizheng", "{area}", "a b"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["code", "name"]), inner, max_size=2),
    max_leaves=3,
)


@given(data=st.data())
def test_a_damaged_file_loads_or_is_refused_in_words(data: st.DataObject) -> None:
    damaged: Any = small_file()
    section = data.draw(st.sampled_from(sorted(damaged)))
    if isinstance(damaged[section], list) and data.draw(st.booleans()):
        entry = data.draw(st.sampled_from(damaged[section]))
        entry[data.draw(st.sampled_from([*sorted(entry), "aliases", "stems", "parent", "area", "at"]))] = data.draw(
            SCRAPS
        )
    else:
        damaged[section] = data.draw(SCRAPS)
    try:
        loaded = load_directory(damaged)
    except BadDirectory:
        return
    assert all(loaded.find(unit.name) is loaded.by_code(unit.code) for unit in loaded.units)
    assert set(meant(loaded, "市财政局", "各县(市、区)").units) <= set(loaded.units)


def test_the_packaged_file_is_what_the_loader_reads(kunming: Directory) -> None:
    text = resources.files("obligations").joinpath("data/units/kunming.json").read_text(encoding="utf-8")
    assert load_directory(json.loads(text)).units == kunming.units

"""What derivation reads from whole notices: the golden ones, the annotated ones, hostile ones."""

from __future__ import annotations

import json
import time
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from obligations.deadline import parse_deadline, to_json
from obligations.derivation import derive
from obligations.derivation.confidence import confidence, doubt_kinds
from obligations.derivation.deriving import read_findings
from obligations.derivation.judging import Rejection, rejections
from obligations.draft import Doubt, Draft, Modality, Tier
from obligations.notice import Notice
from obligations.structure import read_structure
from tests.shared_files import shared

GOLDEN = sorted((Path(__file__).parents[1] / "golden").glob("*.toml"))
# What is said about a deadline besides what it is.
ASIDE = ("marker", "year_inherited_from", "kind")
PUBLISHED = date(2024, 3, 4)


def notice(text: str, *, published_on: date | None = PUBLISHED, **known: Any) -> Notice:
    return Notice(id="n", text=text, published_on=published_on, **known)


def said(draft: Draft) -> dict[str, Any]:
    return {key: value for key, value in to_json(draft.deadline).items() if key not in ASIDE}


def dated(draft: Draft) -> bool:
    """Tell whether a draft gives something to compute with."""
    deadline = to_json(draft.deadline)
    return deadline.get("offset") is not None or any(deadline.get(key) for key in ("date", "to", "freq"))


def duties(text: str, **known: Any) -> list[Draft]:
    drafts = derive(notice(text, **known)).drafts
    return [one for one in drafts if one.tier is Tier.CORE and one.modality is Modality.MUST and dated(one)]


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_golden_notice_gives_exactly_its_duties_and_rights(path: Path) -> None:
    golden = tomllib.loads(path.read_text(encoding="utf-8"))
    text = golden["text"].strip("\n")
    drafts = derive(
        notice(text, published_on=golden["published_on"], title=golden["title"], issuer=golden["issuer"])
    ).drafts
    for mode, expected in ((Modality.MUST, golden["duties"]), (Modality.MAY, golden.get("rights", []))):
        found = [one for one in drafts if one.tier is Tier.CORE and one.modality is mode and dated(one)]
        assert [one.text for one in found] == [row[0] for row in expected]
        for draft, (words, deadline, *roles) in zip(found, expected, strict=True):
            assert said(draft) == deadline, words
            party, recipient = [*roles, None, None][:2]
            assert party in (None, draft.responsible), words
            assert recipient in (None, draft.recipient), words


@pytest.mark.parametrize("rule", rejections(), ids=lambda rule: f"{rule.name}-{rule.example[:12]}")
def test_a_rejection_refuses_its_example(rule: Rejection) -> None:
    start, end = rule.example.index("‹"), rule.example.index("›") - 1
    text = rule.example.replace("‹", "").replace("›", "")
    document = notice(text)
    at = [one for one in read_findings(document, read_structure(document)) if one.passage.span.end == end]
    assert [one.reason for one in at] == [rule.name]
    assert at[0].passage.span.start >= start - 1
    assert [one.text for one in duties(text) if one.span.start < end and one.span.end > start] == []


def test_every_rejection_is_needed_for_its_example() -> None:
    """A rule that an earlier one always beats would be dead."""
    for number, rule in enumerate(rejections()):
        text = rule.example.replace("‹", "").replace("›", "")
        document = notice(text)
        reasons = [one.reason for one in read_findings(document, read_structure(document))]
        assert rule.name in reasons, f"rule {number} ({rule.name}) never decides"


class TestYears:
    def test_a_december_notice_that_names_january_means_the_next_one(self) -> None:
        [draft] = duties("各单位请于1月15日前报送总结。", published_on=date(2023, 12, 20))
        assert said(draft)["date"] == "2024-01-15"

    def test_a_year_written_earlier_in_the_section_carries_on(self) -> None:
        text = "一、各单位于2025年3月10日前完成自查,12月20日前报送总结。"
        assert [said(one)["date"] for one in duties(text, published_on=date(2024, 12, 1))] == [
            "2025-03-10",
            "2025-12-20",
        ]

    def test_a_year_does_not_carry_into_the_next_section(self) -> None:
        text = "一、各单位于2025年3月10日前完成自查。\n二、各单位于12月20日前报送名单。"
        dates = [said(one)["date"] for one in duties(text, published_on=date(2024, 12, 1))]
        assert dates == ["2025-03-10", "2024-12-20"]

    def test_without_any_source_the_year_stays_open_and_blocks(self) -> None:
        [draft] = duties("各单位请于5月15日前报送总结。", published_on=None)
        assert said(draft)["date"] == "--05-15"
        assert [one.code for one in draft.doubts if doubt_kinds()[one.code].blocks] == ["year_unknown"]

    def test_the_signature_serves_where_the_source_gives_no_date(self) -> None:
        text = "各单位请于5月15日前报送总结。\n平江市水务局\n2022年4月1日"
        [draft] = duties(text, published_on=None)
        assert said(draft)["date"] == "2022-05-15"
        assert to_json(draft.deadline)["year_inherited_from"] == "issued_on"

    def test_the_year_after_the_reported_one(self) -> None:
        [draft] = duties(
            "各单位应于次年2月15日前报送自评报告。", title="关于下达2019年专项资金的通知", published_on=date(2019, 5, 2)
        )
        assert said(draft)["date"] == "2020-02-15"

    def test_a_day_that_does_not_exist_is_no_deadline(self) -> None:
        assert duties("各单位请于2023年2月30日前报送总结。") == []


class TestRolls:
    ITEMS = "一、报送时间。(一)月报每月5日前报送。(二)季报每季度首月10日前报送。{rule}\n二、名单于5月20日前报送。"

    def rolls(self, text: str) -> list[str | None]:
        return [said(one).get("roll") for one in duties(f"各单位:\n{text}")]

    def test_a_rule_that_closes_an_item_covers_that_item(self) -> None:
        assert self.rolls(
            "一、月报每月5日前报送;季报每季度首月10日前报送。遇节假日顺延。\n二、名单于5月20日前报送。"
        ) == [
            "following",
            "following",
            None,
        ]

    def test_a_rule_beside_a_time_covers_only_that(self) -> None:
        assert self.rolls("一、月报每月5日前报送,遇公休日提前至前一个工作日。\n二、名单于5月20日前报送。") == [
            "preceding",
            None,
        ]

    def test_a_rule_with_an_item_to_itself_covers_its_siblings(self) -> None:
        assert self.rolls(
            "一、月报每月5日前报送。\n二、名单于5月20日前报送。\n三、如遇法定节假日,顺延至节后第一个工作日。"
        ) == [
            "following",
            "following",
        ]

    def test_a_rule_on_a_line_of_its_own_covers_the_list_it_closes(self) -> None:
        assert self.rolls(
            "一、定期报送\n1.快报每月6日前报送。\n2.各站每季度首月12日前报送分析。\n以上报送时间遇节假日的,顺延至节后首个工作日。\n"
            "二、名单于5月20日前报送。"
        ) == ["following", "following", None]

    def test_a_rule_may_say_from_when_the_dates_hold(self) -> None:
        assert self.rolls(
            "四、各站月报于月后6日前报送。各县所于月后9日前审核完毕。"
            "以上时间自2031年3月起执行,截止日遇节假日顺延至节后第一个工作日。"
        ) == ["following", "following"]

    def test_what_does_not_move_carries_no_roll(self) -> None:
        assert self.rolls("一、月报每月5日前报送,不因节假日顺延。\n二、以上时间遇节假日顺延。") == [None]

    def test_the_words_of_a_rule_are_no_deadline(self) -> None:
        assert [one.text for one in duties("各单位每月5日前报送月报,遇节假日顺延至节后首个工作日。")] == ["每月5日前"]


class TestRoles:
    def test_a_chain_of_offices_each_with_its_own_day(self) -> None:
        text = "各企业于4月10日前报县区工信局,县区工信局于4月20日前汇总报市工信局,市工信局于4月30日前上报省厅。"
        found = duties(text)
        assert [(one.responsible, said(one)["date"]) for one in found] == [
            ("各企业", "2024-04-10"),
            ("县区工信局", "2024-04-20"),
            ("市工信局", "2024-04-30"),
        ]
        assert [one.depends_on for one in found] == [(), (0,), (1,)]

    def test_a_shared_head_is_distributed_over_the_units(self) -> None:
        [draft] = duties("东山区、西山区人民政府请于5月15日前报送名单。")
        assert draft.responsible_units == ("东山区人民政府", "西山区人民政府")

    def test_parallel_requests_name_the_parties_of_their_items(self) -> None:
        text = (
            "二、强化监管\n请东山区加强对甲公司、西山区加强对乙公司的监管。\n(一)每季度首月3日前,将情况表反馈至市局。"
        )
        [draft] = duties(text)
        assert draft.responsible == "东山区、西山区"
        assert "party_from_heading" in [one.code for one in draft.doubts]

    def test_an_unwritten_party_is_a_class_without_units(self) -> None:
        [draft] = duties("第六条 因抢险需要临时占道的,可以先行占用,但应当在24小时内补办手续。")
        assert draft.responsible == "因抢险需要临时占道的单位和个人"
        assert draft.responsible_units == ()
        assert to_json(draft.deadline)["event"] == "先行占用"

    def test_one_date_over_two_acts_gives_both(self) -> None:
        found = duties("各县区工信局应于5月8日前完成对申报企业的核查,并将推荐名单报市工信局。")
        assert [(one.action, one.recipient) for one in found] == [
            ("完成对申报企业的核查", None),
            ("报送推荐名单", "市工信局"),
        ]

    def test_the_issuer_s_own_plan_is_soft(self) -> None:
        drafts = derive(notice("市局将于4月中旬组织抽查。", issuer="平江市水务局")).drafts
        assert [(one.tier, [doubt.code for doubt in one.doubts if doubt.code == "issuer_plan"]) for one in drafts] == [
            (Tier.SOFT, ["issuer_plan"])
        ]

    def test_a_public_call_without_addressees_is_for_those_who_answer_it(self) -> None:
        [draft] = duties("一、申请时间:2024年5月10日至6月10日(工作日9:00-17:00)。\n二、申请地点:户籍所在街道。")
        assert (draft.responsible, draft.action) == ("申请人", "申请")
        assert [one.code for one in draft.doubts if one.code.startswith("party")] == ["party_not_written"]

    def test_a_public_call_prefers_the_name_that_a_later_item_gives(self) -> None:
        text = "一、缴费截止时间:7月15日24:00。\n二、应试人员须于9月2日至6日登录系统打印准考证。"
        assert [one.responsible for one in duties(text)] == ["应试人员", "应试人员"]

    def test_who_must_act_goes_before_whom_a_condition_speaks_of(self) -> None:
        text = "当事人提出申请的,受理机关应当自收到申请之日起2个工作日内作出决定。予以受理的,在15个工作日内核实。"
        assert [one.responsible for one in duties(text)] == ["受理机关", "受理机关"]

    def test_a_phase_is_for_whom_its_item_names_with_by(self) -> None:
        text = "各乡镇人民政府:\n(一)摸底阶段(2024年5月底前):由村委会组织农户申请,乡镇审核。\n(二)验收阶段。"
        assert [one.responsible for one in duties(text)] == ["村委会"]

    def test_a_joint_check_of_the_issuer_is_its_own_plan(self) -> None:
        text = "各学校:\n督查阶段(5月20日-5月31日)。区教育局联合区市场监管局进行督查。"
        assert duties(text, issuer="某区教育局") == []

    def test_a_bulletin_asks_only_where_it_says_so(self) -> None:
        text = (
            "各市统计局:\n一、总体情况。乙市6月底前对32家企业立案,被检查企业均在15日内完成整改。\n"
            "二、工作要求。(一)甲市于7月31日前完成剩余任务。(二)各市于8月31日前报送总结。"
        )
        found = duties(text, title="关于统计执法检查情况的通报")
        assert [(one.text, one.responsible) for one in found] == [("7月31日前", "甲市"), ("8月31日前", "各市")]

    def test_who_settles_an_objection_has_a_duty(self) -> None:
        [draft] = duties("第九条 公示期内有异议的,由居委会组织协商,并在10个工作日内形成书面意见。")
        assert (draft.text, draft.responsible) == ("10个工作日内", "居委会")

    def test_an_objection_is_a_right(self) -> None:
        text = "如对公示有异议,请自公示发布之日起15个工作日内向市通信办反映,联系电话:63001122,邮箱:tx@example.cn。"
        [right] = [one for one in derive(notice(text)).drafts if one.tier is Tier.CORE]
        assert right.modality is Modality.MAY
        assert (right.recipient, right.channel["phone"], right.channel["email"]) == (
            "市通信办",
            "63001122",
            "tx@example.cn",
        )

    def test_a_posting_grants_its_right_over_its_dates(self) -> None:
        text = "现予公示,公示时间为2024年9月2日至9月8日。公示期间如有异议,可向市工信局反映。"
        [right] = derive(notice(text)).drafts
        assert (right.modality, said(right)["to"], right.recipient) == (Modality.MAY, "2024-09-08", "市工信局")


class TestDutiesWithoutANumber:
    def events(self, text: str) -> list[tuple[str, Any, Any]]:
        found = [(one, to_json(one.deadline)) for one in derive(notice(text)).drafts]
        return [(one.responsible, data.get("event"), data.get("direction")) for one, data in found]

    def test_before_at_and_after_an_event(self) -> None:
        text = (
            "第三条 建设单位应当在开工前,向区绿化局申请办理质量监督手续。"
            "第四条 项目竣工验收时,区绿化局应当监督验收。"
            "第五条 占用期满后占用人应当恢复绿地。"
        )
        assert self.events(text) == [
            ("建设单位", "开工", "before"),
            ("区绿化局", "项目竣工验收", "at"),
            ("占用人", "占用期满", "after"),
        ]

    def test_a_vague_word_is_soft_and_undated(self) -> None:
        [draft] = derive(notice("各镇应当及时上报险情。")).drafts
        assert (draft.tier, to_json(draft.deadline)) == (Tier.SOFT, {"kind": "vague", "word": "及时"})

    def test_a_time_left_to_another_notice(self) -> None:
        [draft] = derive(notice("市局检查时间另行通知。")).drafts
        assert to_json(draft.deadline) == {"kind": "set_elsewhere", "where": "另行通知"}

    def test_a_time_that_follows_is_not_said_twice(self) -> None:
        assert len(derive(notice("村镇银行应在发生险情后2小时内报告分局。")).drafts) == 1


def test_doubts_lower_confidence_and_are_all_described() -> None:
    assert (
        confidence([])
        > confidence([Doubt("party_not_written")])
        > confidence([Doubt("party_not_written"), Doubt("event_not_written")])
    )
    assert all(kind.text and 0 <= kind.weight < 1 for kind in doubt_kinds().values())


@pytest.mark.parametrize(
    "unit",
    [
        "各单位于9月6日前报送材料",
        "企业自收到通知之日起3日内提交报告",
        "各单位于9月6日前报送材料。",
        "一、各单位于9月6日前报送材料\n",
    ],
)
def test_a_long_run_of_deadlines_loses_none_of_them(unit: str) -> None:
    assert len(duties(unit)) == 1
    assert len(duties(unit * 300)) == 300


@pytest.mark.parametrize(
    "unit", ["(9月6日前", "《“(", "1234567890", "9月6日、", "后应当", "每季度首月", "遇节假日", "将材料报送"]
)
def test_time_grows_with_the_text_and_no_faster(unit: str) -> None:
    """Four times the text takes at most ten times as long: a square would take sixteen."""

    def seconds(count: int) -> float:
        document = notice(unit * count)
        runs = []
        for _ in range(2):
            start = time.process_time()
            derive(document)
            runs.append(time.process_time() - start)
        return min(runs)

    assert seconds(800) < 10 * seconds(200) + 0.05


PIECES_OF_NOTICES = [
    *(
        "各县(市)区",
        "水务局",
        "应当",
        "请",
        "于",
        "9月6日前",
        "每季度首月3日前",
        "自受理之日起",
        "3日内",
        "15个工作日内",
        "报送",
        "《情况表》",
        "至",
    ),
    *(
        "市局",
        "。",
        ",",
        ";",
        "\n",
        "一、",
        "(一)",
        "第三条",
        "的",
        "逾期",
        "遇节假日顺延",
        "2024年",
        "4月1日至5月1日",
        "另行通知",
        "及时",
        "(",
        ")",
        "《",
        "后",
    ),
]


NOTICES: list[str] = [tomllib.loads(path.read_text(encoding="utf-8"))["text"] for path in GOLDEN]


@st.composite
def mutated_notices(draw: st.DrawFn) -> str:
    """Return some words of a notice with pieces put in and characters lost."""
    text = draw(st.sampled_from(NOTICES))
    start = draw(st.integers(0, len(text) - 1))
    words = text[start : start + 200]
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(words)))
        words = words[:at] + draw(st.sampled_from(PIECES_OF_NOTICES)) + words[at + draw(st.integers(0, 5)) :]
    return words


ANY_TEXT = (
    st.lists(st.sampled_from(PIECES_OF_NOTICES), max_size=60).map("".join) | st.text(max_size=80) | mutated_notices()
)


def assert_drafts_stand_in(text: str) -> None:
    for draft in derive(notice(text)).drafts:
        assert 0 <= draft.evidence.start <= draft.span.start < draft.span.end <= draft.evidence.end <= len(text)
        assert text[draft.span.start : draft.span.end] == draft.text
        assert parse_deadline(to_json(draft.deadline)) == draft.deadline
        assert 0 < draft.confidence <= 1


@settings(max_examples=200, deadline=None)
@given(ANY_TEXT)
def test_any_text_gives_drafts_whose_words_are_in_it(text: str) -> None:
    assert_drafts_stand_in(text)


@pytest.mark.soak
@settings(max_examples=100_000, deadline=None)
@given(ANY_TEXT)
def test_a_hundred_thousand_texts_give_drafts_whose_words_are_in_them(text: str) -> None:
    assert_drafts_stand_in(text)


class TestAnnotatedListingPage:
    """The annotated notices: every scored duty found, nothing else, every deadline exact."""

    @pytest.fixture
    def drafts(self) -> dict[str, tuple[Draft, ...]]:
        rows = json.loads((shared("gold/seed") / "notices.json").read_text(encoding="utf-8"))
        return {
            row["id"]: derive(
                Notice(
                    id=row["id"],
                    text=row["text"],
                    title=row["title"],
                    issuer=row["issuer"],
                    doc_number=row["doc_number"],
                    published_on=date.fromisoformat(row["published_on"]) if row["published_on"] else None,
                )
            ).drafts
            for row in rows
        }

    def test_every_scored_duty_is_found_with_its_deadline(self, drafts: dict[str, tuple[Draft, ...]]) -> None:
        gold = json.loads((shared("gold/seed") / "gold.json").read_text(encoding="utf-8"))["obligations"]
        scored = [one for one in gold if one["tier"] == "core" and one["modality"] == "must"]
        for one in scored:
            span = one["deadline_span"]
            at = [
                draft
                for draft in drafts[one["notice"]]
                if draft.span.start < span["end"] and span["start"] < draft.span.end
            ]
            compared = ("kind", "date", "time", "freq", "month_of_period", "day", "offset", "unit", "direction")
            wanted = {key: one["deadline"].get(key) for key in compared}
            assert wanted in [{key: to_json(draft.deadline).get(key) for key in compared} for draft in at], one["id"]
        assert len(scored) == 16

    def test_no_other_duty_is_invented(self, drafts: dict[str, tuple[Draft, ...]]) -> None:
        gold = json.loads((shared("gold/seed") / "gold.json").read_text(encoding="utf-8"))["obligations"]
        annotated = [(one["notice"], one["deadline_span"]) for one in gold if one["deadline_span"]]
        for name, found in drafts.items():
            for draft in found:
                if draft.tier is Tier.CORE and draft.modality is Modality.MUST and dated(draft):
                    spans = [span for where, span in annotated if where == name]
                    assert any(draft.span.start < one["end"] and one["start"] < draft.span.end for one in spans), (
                        draft.text
                    )

"""The structure of notices, with and without line breaks; all notices here are invented."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from obligations.notice import Notice
from obligations.structure import Part, Sentence, Structure, read_structure

LINES = """临澜市水务局文件
临水〔2025〕17号

临澜市水务局关于做好农村供水管网
冬季防冻工作的通知

青坪区、云岭县水务局，各供水公司：
  为保障农村供水安全，现就有关事项通知如下：
一、排查要求
（一）摸清底数。各县（区）水务局要逐村登记裸露管道，登记表于11月20日前报市水务局。
（二）落实措施
1.供水公司应当在气温降至零度前完成保温包扎；
2.11月底前备足抢修材料。
二、值守要求
各供水公司实行24小时值守，发生爆管的，2小时内报告。
三、报送方式：通过市供水管理平台填报，纸质表寄送至我局（地址：滨江路8号301室）。
联系人：吴小满，联系电话：0871-65550123，邮箱：gongshui@linlan.example。
附件：1.裸露管道登记表
      2.抢修材料清单

临澜市水务局（印章）
2025年11月3日

（此件公开发布）

附件1
裸露管道登记表
序号\t村名\t长度
1\t石桥村\t120米
2\t柳湾村\t80米
"""

RULES = """临澜市人民政府办公室关于印发《临澜市共享单车停放管理办法》的通知
各区人民政府，市直各部门：
《临澜市共享单车停放管理办法》已经市政府同意，现印发给你们，请遵照执行。
临澜市人民政府办公室
2025年3月6日
临澜市共享单车停放管理办法
第一章 总则
第一条 为规范停放秩序，根据《临澜市市容条例》第十二条规定，制定本办法。
第二条 本办法适用于建成区。
第二章 运营
第三条 运营企业应当遵守下列规定：
（一）投放前15日备案；
（二）每月5日前报送上月投放数量。
第四条 违反第三条第（一）、（二）项规定的，责令限期改正。
第五条 本办法自2025年5月1日起施行，有效期至2030年4月30日。
"""


def read(text: str, **known: str) -> Structure:
    return read_structure(Notice(id="n", text=text, **known))  # type: ignore[arg-type]  # only text fields are given


def run_on(text: str) -> str:
    """Return `text` as listing pages print it: every line break lost."""
    return "".join(line.strip().replace("\t", "") for line in text.splitlines())


def words(structure: Structure, part: Part) -> list[str]:
    return [one.span.of(structure.text) for one in structure.sentences if one.part is part]


def sentence(structure: Structure, beginning: str) -> Sentence:
    return next(one for one in structure.sentences if one.span.of(structure.text).startswith(beginning))


def test_a_notice_with_line_breaks_gives_its_head_and_signature() -> None:
    notice = read(LINES)
    assert notice.title == "临澜市水务局关于做好农村供水管网冬季防冻工作的通知"
    assert notice.doc_number == "临水〔2025〕17号"
    assert notice.issuer == "临澜市水务局"
    assert notice.issued_on == "2025-11-03"
    assert notice.addressees == ("青坪区水务局", "云岭县水务局", "各供水公司")
    assert notice.addressee_span is not None
    assert notice.addressee_span.of(LINES) == "青坪区、云岭县水务局，各供水公司："


def test_a_listed_number_glued_to_a_date_is_no_part_of_the_sentence() -> None:
    for text in (LINES, run_on(LINES)):
        stock = sentence(read(text), "11月底前备足")
        assert stock.article == "一、(二)2"
        assert [heading.number for heading in stock.headings] == ["一、", "(二)", "2."]
        assert [heading.level for heading in stock.headings] == [1, 2, 3]


def test_headings_carry_their_titles() -> None:
    notice = read(LINES)
    titles = {heading.number: heading.title.of(notice.text) for one in notice.sentences for heading in one.headings}
    assert titles["一、"] == "排查要求"
    assert titles["(一)"] == "摸清底数。"
    assert titles["三、"] == "报送方式："
    assert titles["1."] == ""


def test_contacts_are_found_and_contact_lines_set_apart() -> None:
    notice = read(LINES)
    assert words(notice, Part.CLOSING) == ["联系人：吴小满，联系电话：0871-65550123，邮箱：gongshui@linlan.example。"]
    assert [span.of(LINES) for span in notice.closing.phones] == ["0871-65550123"]
    assert [span.of(LINES) for span in notice.closing.emails] == ["gongshui@linlan.example"]
    assert notice.closing.addresses == ()
    assert [span.of(LINES) for span in notice.contacts.addresses] == ["滨江路8号301室"]
    assert [span.of(LINES) for span in notice.contacts.platforms] == ["市供水管理平台"]


def test_a_duty_that_names_a_phone_is_no_contact_line() -> None:
    text = "各公司:请于5月6日前将回执发至邮箱:a@b.example。对结果有异议的,向我局反映,联系电话:65550123。"
    assert words(read(text), Part.CLOSING) == []


def test_attachments_and_tables_are_no_body() -> None:
    notice = read(LINES)
    assert words(notice, Part.ATTACHMENT)[:2] == ["附件：1.裸露管道登记表", "2.抢修材料清单"]
    assert not any("登记表\n" in one or "石桥村" in one for one in words(notice, Part.BODY))
    flat = "各公司:请核对附表。附表序号村名管道长度责任单位1石桥村120米甲公司2柳湾村80米乙公司3杨家村5米丙公司"
    assert words(read(flat), Part.TABLE) == [
        "序号村名管道长度责任单位1石桥村120米甲公司2柳湾村80米乙公司3杨家村5米丙公司"
    ]


def test_a_table_of_tabs_inside_the_body_is_a_table() -> None:
    text = "各公司：\n请核对下列数据：\n村名\t长度\n石桥村\t120米\n核对结果于5月6日前报我局。\n"
    notice = read(text)
    assert words(notice, Part.TABLE) == ["村名\t长度", "石桥村\t120米"]
    assert words(notice, Part.BODY)[-1] == "核对结果于5月6日前报我局。"


@pytest.mark.parametrize("text", [RULES, run_on(RULES)], ids=["lines", "run-on"])
def test_enclosed_rules_keep_the_signature_and_go_on_with_the_body(text: str) -> None:
    notice = read(text)
    assert (notice.issuer, notice.issued_on) == ("临澜市人民政府办公室", "2025-03-06")
    assert (notice.effective_on, notice.expires_on) == ("2025-05-01", "2030-04-30")
    assert words(notice, Part.TITLE)[-1] == "临澜市共享单车停放管理办法"
    assert sentence(notice, "每月5日前").article in ("第三条(二)", "第三条（二）")
    assert sentence(notice, "违反第三条").article == "第四条"
    assert sentence(notice, "为规范停放秩序").article == "第一条"


def test_losing_the_line_breaks_loses_no_sentence_of_the_body() -> None:
    def body(text: str) -> list[tuple[str | None, str]]:
        notice = read(text)
        return [(one.article, one.span.of(text)) for one in notice.sentences if one.part is Part.BODY]

    assert body(run_on(RULES)) == body(RULES)


def test_known_metadata_win_over_the_text() -> None:
    notice = read(LINES, title="关于防冻的通知", issuer="青坪区水务局", doc_number="青水〔2025〕1号")
    assert (notice.title, notice.issuer, notice.doc_number) == ("关于防冻的通知", "青坪区水务局", "青水〔2025〕1号")


def test_a_known_title_is_recognised_across_its_line_break() -> None:
    title = "临澜市水务局关于做好农村供水管网冬季防冻工作的通知"
    notice = read(LINES, title=title)
    assert "冬季防冻工作的通知" in words(notice, Part.TITLE)
    assert not any("防冻工作的通知" in one for one in words(notice, Part.BODY))


def test_several_issuers_sign() -> None:
    apart = read("各单位：\n请遵照执行。\n临澜市财政局\n临澜市水务局\n二〇二五年三月十日\n")
    assert (apart.issuer, apart.issued_on) == ("临澜市财政局、临澜市水务局", "2025-03-10")
    glued = read("各单位:请遵照执行。临澜市财政局临澜市水务局2025年3月10日")
    assert glued.issuer == "临澜市财政局、临澜市水务局"


def test_an_issuer_in_spaced_letters_signs() -> None:
    notice = read("各单位：\n请遵照执行。\n        临 澜 市 水 务 局\n        2025 年 3 月 10 日\n")
    assert (notice.issuer, notice.issued_on) == ("临澜市水务局", "2025-03-10")


def test_list_numbers_with_spaces() -> None:
    notice = read("各单位：\n一 、总体要求\n（ 一 ）请于5月6日前报送。\n")
    assert sentence(notice, "请于5月6日前").article == "一、(一)"


def test_a_date_alone_signs_and_a_date_inside_a_sentence_does_not() -> None:
    notice = read("各单位:请按2024年3月1日印发的《甲办法》办理,结果于2025年6月1日前报我局。 2025年4月2日")
    assert (notice.issuer, notice.issued_on) == (None, "2025-04-02")
    assert read("各单位:请在2025年4月2日前报我局").issued_on is None


def test_a_date_line_above_the_body_does_not_end_it() -> None:
    text = "关于征集节水案例的公告\n2025年4月2日\n现征集节水案例。\n请于5月6日前报送。\n临澜市水务局\n2025年4月2日"
    assert "请于5月6日前报送。" in words(read(text), Part.BODY)


def test_lines_of_a_web_page_above_the_address_line_are_passed_over() -> None:
    text = "关于核对户籍的通知\n发布时间：2025-04-02\n各派出所：\n请于5月6日前报送。\n"
    assert read(text).addressees == ("各派出所",)


@pytest.mark.parametrize(
    ("line", "units"),
    [
        ("青坪区、云岭县人民政府,高新区、度假区管委会", "青坪区人民政府 云岭县人民政府 高新区管委会 度假区管委会"),
        ("各县(市)区、高新区住建局、财政局", "各县(市)区住建局、财政局 高新区住建局、财政局"),
        ("各县(市)、区人民政府,市直各部门", "各县(市)、区人民政府 市直各部门"),
        ("青坪区城市管理局、云岭县市场监督管理局", "青坪区城市管理局 云岭县市场监督管理局"),
        ("各乡镇人民政府、街道办事处", "各乡镇人民政府 街道办事处"),
        ("市发展改革委、市财政局、各有关企业", "市发展改革委 市财政局 各有关企业"),
        ("各供水、排水企业,市、区水务局", "各供水、排水企业 市、区水务局"),
        ("各省、自治区、直辖市和计划单列市税务局", "各省、自治区、直辖市和计划单列市税务局"),
        ("各市、县(区)人民政府,省直各部门", "各市、县(区)人民政府 省直各部门"),
        ("机关各处室、局属各单位", "机关各处室 局属各单位"),
        ("各国家级、省级开发区管委会", "各国家级、省级开发区管委会"),
    ],
)
def test_a_shared_tail_is_given_to_each_place(line: str, units: str) -> None:
    assert read(f"{line}:请遵照执行。").addressees == tuple(units.split())


@pytest.mark.parametrize("opening", ["为做好防汛工作,现将有关事项通知如下:", "经研究,主要包括:", "联系电话:65550123。"])
def test_a_first_colon_that_addresses_nobody(opening: str) -> None:
    notice = read(f"{opening}一、请于5月6日前报送。")
    assert notice.addressees == ()
    assert notice.addressee_span is None


@pytest.mark.parametrize(
    ("force", "effective", "expires"),
    [
        ("本办法自2025年5月1日起施行,至2027年4月30日失效。", "2025-05-01", "2027-04-30"),
        ("本通知自印发之日起施行,有效期至2026年12月31日。", "2025-03-10", "2026-12-31"),
        ("本通知自公开之日起30日后施行。", None, None),
        ("本办法自2025年5月1日起施行,有效期5年。", "2025-05-01", None),
        ("根据《甲办法》(2014年9月1日起施行)办理。", None, None),
        ("《乙办法》自2025年5月1日起废止。", None, None),
    ],
)
def test_force(force: str, effective: str | None, expires: str | None) -> None:
    notice = read(f"各单位:{force}临澜市水务局2025年3月10日")
    assert (notice.effective_on, notice.expires_on) == (effective, expires)


@pytest.mark.parametrize(
    "words_",
    [
        "每年5、11月25日前报送",
        "按照《甲标准》(GB/T 1234.2-2013)执行",
        "坡度不大于2.5米",
        "依照第二十一条等规定处罚",
        "见附件2.申报表",
        "达到一、二级标准",
    ],
)
def test_numbers_inside_a_sentence_begin_no_item(words_: str) -> None:
    notice = read(f"各单位:一、总体安排1.先行{words_},并说明原因。")
    assert len({one.article for one in notice.sentences if one.part is Part.BODY}) <= 2
    assert any(words_ in one for one in words(notice, Part.BODY))


def test_a_full_stop_inside_quotes_or_brackets_ends_no_sentence() -> None:
    text = "各单位:标语为“讲卫生。爱清洁。”的横幅(见图。)应当悬挂。其他略。"
    assert words(read(text), Part.BODY) == ["标语为“讲卫生。爱清洁。”的横幅(见图。)应当悬挂。", "其他略。"]


PIECES = [
    "一、",
    "(一)",
    "1.",
    "第三条 ",
    "附件:",
    "《",
    "》",
    "(",
    ")",
    "。",
    "\n",
    "2024年3月5日",
    "某某市水务局",
    "序号",
    ":",
    "、",
    "各区",
]


@given(
    st.lists(st.sampled_from([*PIECES, "请于五月六日前报送", " ", "\t", "①", "：", "@a.cn", "12345678"]), max_size=60)
)
def test_every_word_lies_in_one_sentence_or_list_number(pieces: list[str]) -> None:
    notice = read("".join(pieces))
    covered = [0] * len(notice.text)
    numbers = {heading.span.start: len(heading.number) for one in notice.sentences for heading in one.headings}
    for one in notice.sentences:
        assert one.span.of(notice.text) == one.span.of(notice.text).strip() != ""
        for index in range(*one.span):
            covered[index] += 1
    for start, length in numbers.items():
        for index in range(start, start + length):
            covered[index] += 1
    assert max(covered, default=0) <= 1
    starts = [one.span.start for one in notice.sentences]
    assert starts == sorted(starts)


HOSTILE = [
    "(",
    "《",
    "1",
    "1.",
    "一、",
    "第一条 ",
    "附件:",
    "序号名称单位",
    "为\n2024年1月1日\n",
    "@",
    "市、",
    "《甲》现印发",
    "\t",
    "“(《",
]


@pytest.mark.parametrize("unit", HOSTILE)
def test_time_is_linear_on_hostile_text(unit: str) -> None:
    def seconds(length: int) -> float:
        text = (unit * (length // len(unit) + 1))[:length]
        best = float("inf")
        for _ in range(3):
            started = time.process_time()
            read(text)
            best = min(best, time.process_time() - started)
        return best

    # Eight times the text: measured ratios lie near 8, quadratic work would give 64.
    assert seconds(48_000) < 20 * seconds(6_000) + 0.05


def test_random_characters_raise_nothing() -> None:
    source = random.Random(7)
    text = "".join(chr(source.randrange(0x20, 0x9FFF)) for _ in range(30_000))
    assert read(text).sentences


@pytest.mark.parametrize(
    ("opening", "title", "addressees"),
    [
        ("关于做好应急预案修订工作的通知各区水务局:", "关于做好应急预案修订工作的通知", ("各区水务局",)),
        (
            "临澜市水务局关于印发《泵站办法》的通知临水〔2025〕3号各单位:",
            "临澜市水务局关于印发《泵站办法》的通知",
            ("各单位",),
        ),
        (
            "关于转发省厅关于规划编制的通知的通知青坪区、云岭县水务局:",
            "关于转发省厅关于规划编制的通知的通知",
            ("青坪区水务局", "云岭县水务局"),
        ),
        ("关于征集节水案例的公告为推广经验,现征集案例。", "关于征集节水案例的公告", ()),
        ("索引号:123\n发布机构:临澜市水务局\n关于报送名单的通知\n各单位:", "关于报送名单的通知", ("各单位",)),
        ("根据关于节水的通知要求,请报送。", None, ()),
    ],
)
def test_a_title_that_no_line_break_ends(opening: str, title: str | None, addressees: tuple[str, ...]) -> None:
    notice = read(f"{opening}请于5月6日前报送。")
    assert (notice.title, notice.addressees) == (title, addressees)


def test_the_body_goes_on_behind_attachments_and_tables() -> None:
    text = (
        "各单位:一、报送名单。附件:1.名单表2.汇总表。二、报送总结。"
        "序号单位名称内容1甲公司总结2乙公司总结三、其他请于5月6日前报送。"
    )
    notice = read(text)
    assert words(notice, Part.ATTACHMENT) == ["附件:1.名单表2.汇总表。"]
    assert words(notice, Part.TABLE) == ["序号单位名称内容1甲公司总结2乙公司总结"]
    assert sentence(notice, "其他").article == "三"


def test_a_sentence_about_attachments_is_no_list_of_them() -> None:
    notice = read("各单位:请填表。附件1、附件2由各单位于5月6日前报送。附件3另发。")
    assert words(notice, Part.ATTACHMENT) == []


def test_digits_of_other_scripts_number_nothing() -> None:
    notice = read("各单位:\n\u1bb41.甲\n\u1bb4、请于\u1bb4月5日前登录www.linlan.gov.cn报送。")
    assert all(one.headings == () for one in notice.sentences)
    assert [span.of(notice.text) for span in notice.contacts.platforms] == ["www.linlan.gov.cn"]


def test_a_duty_line_and_an_emergency_line() -> None:
    notice = read("各单位:\n应急值班电话:65550123\n请将回执发至邮箱:a@b.example\n")
    assert words(notice, Part.CLOSING) == ["应急值班电话:65550123"]

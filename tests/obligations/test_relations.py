"""Ties between notices; all notices here are invented."""

from __future__ import annotations

import pytest

from obligations.notice import Notice
from obligations.relations import duplicates, near_duplicates, relations_of
from obligations.structure import read_structure


def ties(text: str, title: str | None = None) -> list[tuple[str, str, str | None]]:
    notice = read_structure(Notice(id="n", text=text, title=title))
    return [(one.kind, one.target, one.number) for one in relations_of(notice)]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (
            "现将《省水利厅关于防汛的通知》(滇水〔2024〕5号)转发给你们。",
            ("forwards", "省水利厅关于防汛的通知", "滇水〔2024〕5号"),
        ),
        ("现转发《关于防汛的通知》,请遵照执行。", ("forwards", "关于防汛的通知", None)),
        ("按照《防汛条例》规定办理。", ("cites", "防汛条例", None)),
        ("根据滇水〔2024〕5号文件精神办理。", ("cites", "滇水〔2024〕5号", None)),
        ("本办法自印发之日起施行,《旧停车办法》同时废止。", ("supersedes", "旧停车办法", None)),
        ("本标准代替《旧停车标准》。", ("supersedes", "旧停车标准", None)),
        (
            "2018年印发的《关于成立专班的通知》(临办〔2018〕3号)停止执行。",
            ("lapses", "关于成立专班的通知", "临办〔2018〕3号"),
        ),
        ("对《临时收费办法》予以废止。", ("lapses", "临时收费办法", None)),
        ("此前发布的其他停车规定与本办法不一致的,以本办法为准。", ("supersedes", "此前发布的其他停车规定", None)),
    ],
)
def test_a_sentence_ties_the_notice_to_a_document(sentence: str, expected: tuple[str, str, str | None]) -> None:
    assert ties(f"各单位:{sentence}") == [expected]


def test_what_is_said_of_the_last_of_a_list_holds_for_the_whole_list() -> None:
    text = "各单位:依据《停车条例》,《甲办法》(临政〔2015〕1号)、《乙办法》和《丙细则》同时废止。"
    assert ties(text) == [
        ("cites", "停车条例", None),
        ("supersedes", "甲办法", "临政〔2015〕1号"),
        ("supersedes", "乙办法", None),
        ("supersedes", "丙细则", None),
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        "填写《停车位登记表》并附《车辆清单》。",
        "《临澜市停车办法》已经市政府第3次常务会议审议通过,现印发给你们,请遵照执行。",
        "有关条款见本《意见》。",
        "本办法有效期至2026年12月31日,到期失效。",
    ],
)
def test_forms_and_the_notice_itself_are_no_ties(sentence: str) -> None:
    assert ties(f"各单位:{sentence}", "关于印发《临澜市停车办法》的通知") == []


def test_a_title_that_forwards() -> None:
    title = "临澜市水务局关于转发省水利厅关于做好防汛工作的通知的通知"
    assert ties("各单位:请遵照执行。", title) == [("forwards", "省水利厅关于做好防汛工作的通知", None)]


def test_a_document_named_in_the_title_and_with_its_number_in_the_text_is_one() -> None:
    text = "各单位:\n现将《关于防汛的通知》(滇水〔2024〕5号)转发给你们。"
    assert ties(text, "关于转发《关于防汛的通知》的通知") == [("forwards", "关于防汛的通知", "滇水〔2024〕5号")]


def test_the_span_covers_the_words_in_the_text() -> None:
    text = "各单位:按照《防汛条例》(临政〔2015〕1号)办理。"
    (relation,) = relations_of(read_structure(Notice(id="n", text=text)))
    assert relation.span is not None
    assert relation.span.of(text) == "《防汛条例》(临政〔2015〕1号)"


BODY = (
    "各区水务局:为做好2025年节水宣传周活动,现将有关事项通知如下。一、各区水务局要在主要街道、社区、学校和公园设置宣传展板,"
    "展板内容由市节水办统一提供。二、各供水企业于5月10日前开放水厂,接待市民参观,并做好安全保障和讲解工作。"
    "三、活动结束后,各区水务局将总结和照片于6月3日前报市水务局节水处。"
)


def notices(*texts: str) -> list[Notice]:
    return [Notice(id=f"n{index}", text=text) for index, text in enumerate(texts)]


def test_the_same_text_with_other_white_space_is_a_duplicate() -> None:
    assert duplicates(notices(BODY, "别的通知", BODY.replace("。", "。\n  "))) == [None, None, 0]


def test_a_text_in_another_wrapper_is_nearly_the_same() -> None:
    wrapped = f"首页 > 政务公开 > 通知公告\n来源:市水务局 浏览次数:120\n{BODY}\n打印本页 关闭窗口"
    (pair,) = near_duplicates(notices(BODY, "无关的短通知", wrapped))
    assert (pair.first, pair.second) == (0, 2)
    assert pair.share == 1.0


def test_the_same_call_of_another_year_is_another_notice() -> None:
    next_year = BODY.replace("2025年", "2026年").replace("5月10日", "5月12日").replace("6月3日", "6月8日")
    assert near_duplicates(notices(BODY, next_year)) == []


def test_the_threshold_of_near_duplicates() -> None:
    """A share of 0.85 of the shorter text: a changed tail of a tenth still counts, one of a third does not."""
    tenth, third = len(BODY) // 10, len(BODY) // 3
    filler = "".join(chr(0x5000 + index) for index in range(len(BODY)))
    assert near_duplicates(notices(BODY, filler[:tenth] + BODY[tenth:]))
    assert not near_duplicates(notices(BODY, filler[:third] + BODY[third:]))


def test_equal_texts_are_no_near_duplicates() -> None:
    assert near_duplicates(notices(BODY, BODY)) == []

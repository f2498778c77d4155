from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers.message import Item, Light, Message, Recipient, Summary, by_safe_day, sections
from notifiers.render import cut_bytes, fit, render, size
from notifiers.wording import flat, headline
from tests.notifiers.examples import a_message, an_item


@pytest.mark.parametrize(
    ("item", "line"),
    [
        pytest.param(an_item(unit="东川区", title="自查"), "▲临近 东川区 自查 2026-09-30 周三", id="short"),
        pytest.param(
            an_item(light=Light.RED, safe_on=date(2026, 9, 30)),
            "■逾期 东川区工信局 …运行台账 2026-09-30 周三",
            id="a-long-title",
        ),
        pytest.param(
            an_item(unit="昆明经济技术开发区经济发展局", title="自查"),
            "▲临近 昆明经济技术开发… 自查 2026-09-30 周三",
            id="a-long-unit",
        ),
        pytest.param(
            an_item(unit="昆明经济技术开发区经济发展局", light=Light.GREEN),
            "●正常 昆明经济技… …运行台账 2026-09-30 周三",
            id="both-long",
        ),
        pytest.param(an_item(safe_on=None, title="报告险情"), "▲临近 东川区工信局 报告险情 立即办理", id="act-now"),
    ],
)
def test_the_first_thirty_characters_say_it_all(item: Item, line: str) -> None:
    assert headline(a_message(item), item) == line
    assert len(line) <= 30


ANY = st.text(st.characters(exclude_categories=()), min_size=1, max_size=60)  # halves of pairs included


@given(
    unit=ANY,
    title=ANY,
    word=st.just("") | ANY,
    light=st.sampled_from(Light),
    lang=st.sampled_from(["zh", "en"]),
)
def test_whatever_the_names_the_safe_day_stays_in_sight(
    unit: str, title: str, word: str, light: Light, lang: str
) -> None:
    item = an_item(unit=unit, title=title, light=light, light_word=word)
    line = headline(a_message(item, lang=lang), item)
    assert len(line) <= {"zh": 30, "en": 60}[lang]
    assert "2026-09-30" in line
    assert line.encode()


def test_items_stand_by_safe_day_and_units_by_their_first() -> None:
    items = (
        an_item(occurrence_id="c", unit="甲局", safe_on=date(2026, 10, 9)),
        an_item(occurrence_id="b", unit="乙局", safe_on=date(2026, 9, 30)),
        an_item(occurrence_id="a", unit="甲局", safe_on=date(2026, 9, 29)),
        an_item(occurrence_id="now", unit="丙局", safe_on=None),
    )
    grouped = sections(by_safe_day(items))
    assert [(s.unit, [item.occurrence_id for item in s.items]) for s in grouped] == [
        ("丙局", ["now"]),
        ("甲局", ["a", "c"]),
        ("乙局", ["b"]),
    ]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"days_left": 3}, "安全日：2026-09-30 周三，还剩 3 个工作日"),
        ({"days_left": 0}, "安全日：2026-09-30 周三，就是今天"),
        ({"days_left": -2}, "安全日：2026-09-30 周三，已过 2 个工作日"),
        ({"days_left": None}, "安全日：2026-09-30 周三\n"),
        ({"provisional": True, "days_left": None}, "安全日：2026-09-30 周三（暂定）\n"),
        ({"safe_on": None, "days_left": None}, "安全日：立即办理\n"),
        ({"due_on": date(2026, 10, 8)}, "原文日期：2026-10-03 周六 · 到期日：2026-10-08 周四\n"),
        ({"due_time": "17:00"}, "原文日期：2026-10-03 周六 17:00\n"),
        ({"recipient": None}, "原文日期：2026-10-03 周六\n   依据："),
        ({"source": "", "quote": ""}, "报送：市市场监管局\n   详情："),
    ],
)
def test_every_item_shows_the_written_date_beside_the_safe_day(changes: dict[str, object], words: str) -> None:
    text = render("email/body.txt", a_message(an_item(**changes)), 1)
    assert words in text
    assert "原文日期：2026-10-03 周六" in text


@pytest.mark.parametrize(
    ("step", "zh", "en"),
    [
        ("T-3", "安全日前3个工作日", "working days before the safe day: 3"),
        ("T-0", "安全日当天", "on the safe day"),
        ("+2", "逾期第2个工作日", "working days overdue: 2"),
        ("now", "即时提醒", "at once"),
        ("summary", "summary", "summary"),
    ],
)
def test_steps_are_said_in_words(step: str, zh: str, en: str) -> None:
    message = a_message(an_item(step=step))
    assert f"（{zh}）" in render("email/body.txt", message, 1)
    assert f" ({en})" in render("email/body.txt", replace(message, lang="en"), 1)


def test_a_light_may_have_a_word_of_its_own() -> None:
    item = an_item(light_word="已过安全日")
    assert headline(a_message(item), item).startswith("▲已过安全日 东川区")
    assert "▲已过安全日 报送" in render("webhook/text.txt", a_message(item), 1)


def test_markup_in_a_notice_stays_text() -> None:
    html = render("email/body.html", a_message(an_item(title="<script>x</script>", quote='"><img>', unit="<b>局")), 1)
    assert "&lt;script&gt;x&lt;/script&gt;" in html
    assert "<script>" not in html
    assert "<img>" not in html
    assert "<b>局" not in html


def test_an_alert_needs_no_items() -> None:
    silent = [Summary(kind="without-channel", units=(name,)) for name in ("甲局", "乙局")]
    facts = {"channel": "email", "reason": "gone", "detail": "RCPT: 550"}
    alert = Message(delivery_id="d-2", summaries=(*silent, Summary(kind="failed", units=("丙局",), facts=facts)))
    assert render("webhook/text.txt", alert, 0).splitlines() == [
        "督办运行情况：2 个单位无人收到提醒，1 条消息没有送达",
        "有 2 个单位没有可用的渠道，到期的提醒无人收到：甲局、乙局。请为它们登记订阅。",
        "没有送达：丙局（email：gone RCPT: 550）",
    ]


@pytest.mark.parametrize("delivery_id", ["", "a.b", "a b", "a\n", "甲", "a" * 65])
def test_an_id_that_could_not_be_a_header_is_refused(delivery_id: str) -> None:
    with pytest.raises(ValueError, match="delivery id"):
        a_message(delivery_id=delivery_id)


def test_a_message_says_something() -> None:
    with pytest.raises(ValueError, match="at least one item"):
        Message(delivery_id="d")


def test_a_recipient_shows_neither_address_nor_secrets() -> None:
    shown = repr(Recipient(address="https://h.example/token-1", name="东川区", secrets=("whsec_x",)))
    assert "东川区" in shown
    assert "token-1" not in shown
    assert "whsec_x" not in shown


@given(count=st.integers(0, 60), limit=st.integers(80, 4000))
def test_as_many_items_as_fit_and_not_one_more(count: int, limit: int) -> None:
    message = a_message(*(an_item(occurrence_id=f"o{n}", title="报送" + "表" * (n % 9)) for n in range(count + 1)))

    def rendered(shown: int) -> str:
        return render("webhook/text.txt", message, shown)

    shown, text = fit(message, limit, rendered)
    assert size(text) <= limit
    if shown < len(message.items):
        assert size(rendered(shown + 1)) > limit
    if size(rendered(0)) <= limit:
        assert text == rendered(shown)
        assert ("另有" in text.split("\n", 1)[1]) == (shown < len(message.items))


@given(st.text(max_size=40), st.integers(3, 60))
def test_a_cut_falls_between_characters_and_shows(text: str, limit: int) -> None:
    kept = cut_bytes(text, limit)
    assert size(kept) <= limit
    assert kept == text or (kept.endswith("…") and text.startswith(kept[:-1]))


@given(ANY)
def test_a_flat_text_is_one_printable_line_without_encoded_words(text: str) -> None:
    line = flat(text)
    assert "=?" not in line
    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 or char in "\u2028\u2029\u202e" for char in line)

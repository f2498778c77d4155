"""The pages and their JSON twins, through the real server."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest

from store.rows import AttemptRow, DeliveryRow, RecipientRow, ReminderRow, SubscriptionRow
from tests.records import add_channel
from tests.web import stock
from tests.web.conftest import Office, OpenOffice

FIRST = "gas-o1.530113-ranqi.2026Q4"
PAGES = ["/", f"/occurrences/{FIRST}", "/units", f"/units/{stock.DONGCHUAN}", "/notices", "/notices/gas", "/undated"]


def rows_of(html: str) -> list[str]:
    """Return the occurrence ids of a page's table, in order."""
    return re.findall(r'<td class="item"><a class="clamp" href="/occurrences/([^"]+)"', html)


def _fails() -> dict[str, str | None]:
    raise RuntimeError


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_and_its_twin_answer(still_office: Office, path: str, lang: str) -> None:
    answer = still_office.client.get(path, params={"lang": lang})
    assert answer.status_code == 200
    assert f'<html lang="{"zh-CN" if lang == "zh" else "en"}">' in answer.text
    assert answer.text.count("<h1") == 1
    for table in re.findall(r"<table.*?</table>", answer.text, re.S):
        assert "<caption>" in table
        assert 'scope="col"' in table
    assert "<script" not in answer.text
    assert not re.search(r'\s(on\w+|style)="', answer.text), "nothing inline that the policy would stop"
    twin = re.search(r'<p class="foot"><a href="([^"]+)"', answer.text)
    assert twin
    assert still_office.client.get(unescape(twin[1])).headers["content-type"] == "application/json"


def test_the_board_says_on_which_day_it_was_drawn_up(office: Office) -> None:
    assert "截至 2026-09-21 周一 工作日 放假安排已载入至 2026 年" in words(office.client.get("/").text)
    office.clock.move_to(stock.NOW + timedelta(days=4))
    assert "2026-09-25 周五 休息日（中秋节）" in words(office.client.get("/").text)
    office.clock.move_to(stock.NOW - timedelta(days=1))
    assert "2026-09-20 周日 调休上班" in words(office.client.get("/").text)


def test_the_safe_day_leads_and_the_written_date_stands_beside_it(still_office: Office) -> None:
    text = words(still_office.client.get("/").text)
    assert "东川区燃气管理站 2026-09-30 周三 2026-10-03 周六 剩 6 个工作日 自然日 9 天" in text
    assert "2026-12-31 周四 2027-01-03 周日" in text
    assert text.index("2026-09-30") < text.index("2026-12-31")


@pytest.mark.parametrize("days", [0, 5, 8, 9, 10, 17, 18, 30])
def test_counts_equal_rows_whatever_the_day(office: Office, days: int) -> None:
    office.clock.move_to(stock.NOW + timedelta(days=days))
    board = office.client.get("/api/board").json()
    for count in board["counts"]:
        key = count["light"]["key"]
        page, twin = (office.client.get(path, params={"light": key}) for path in ("/", "/api/board"))
        assert len(rows_of(page.text)) == len(twin.json()["rows"]) == twin.json()["total"] == count["rows"]
        assert [row["id"] for row in twin.json()["rows"]] == rows_of(page.text)
    assert board["pending"] == board["total"] == len(board["rows"]) == len(rows_of(office.client.get("/").text)) == 9
    assert board["undated"] == len(office.client.get("/api/undated").json()["undated"]) == 2


def test_lights_follow_the_days_and_red_means_overdue_only(office: Office) -> None:
    seen = {}
    for days in (0, 3, 8, 9, 10, 18):
        office.clock.move_to(stock.NOW + timedelta(days=days))
        view = office.client.get(f"/api/occurrences/{FIRST}").json()
        page = office.client.get(f"/occurrences/{FIRST}").text
        seen[days] = (view["light"]["shape"], view["light"]["zh"], view["status"])
        assert f"{view['light']['shape']}</span>{view['light']['zh']}" in page, "shape and word, not colour alone"
        assert ('class="light red' in page) == (view["status"] == "overdue")
    assert seen == {
        0: ("●", "正常", "open"),
        3: ("▲", "临近", "open"),
        8: ("▲", "最后1日", "open"),
        9: ("▲", "最后1日", "open"),
        10: ("▲", "已过安全日", "at_risk"),
        18: ("■", "逾期", "overdue"),
    }


def test_overdue_is_counted_in_working_days_and_in_days(office: Office) -> None:
    office.clock.move_to(stock.NOW + timedelta(days=21))  # Monday 2026-10-12; overdue since Friday the 9th
    view = office.client.get(f"/api/occurrences/{FIRST}").json()
    assert (view["working_days_overdue"], view["days_overdue"]) == (3, 4), "Saturday the 10th is a working day"
    assert "逾期 3 个工作日 自然日 4 天" in words(office.client.get("/").text)


def test_filters_stand_in_the_address_and_an_empty_list_says_why(still_office: Office) -> None:
    page = still_office.client.get("/", params={"unit": stock.ANNING, "light": "normal"})
    assert rows_of(page.text) == [f"gas-o1.{stock.ANNING}.{q}" for q in ("2026Q4", "2027Q1", "2027Q2", "2027Q3")]
    assert f'value="{stock.ANNING}" selected' in page.text
    assert f'href="/?unit={stock.ANNING}&amp;light=overdue"' in page.text, "a light keeps the unit"
    empty = still_office.client.get("/", params={"light": "overdue"})
    assert "在当前筛选下没有事项" in empty.text
    other = still_office.client.get("/", params={"notice": "gas", "unit": stock.PANLONG})
    assert "在当前筛选下没有事项" in other.text


@pytest.mark.parametrize(
    ("query", "status", "says"),
    [
        ("light=purple", 400, "light must be one of"),
        ("page=0", 400, "page must be"),
        ("page=-1", 400, "page must be"),
        ("page=%D9%A1", 400, "page must be"),
        ("page=99999999999999999999", 400, "page must be"),
        ("as_of=2026-02-30", 400, "as_of must be a day"),
        ("as_of=20260901", 400, "as_of must be a day"),
        ("as_of=1700-01-01", 400, "leaves the calendar"),
        ("unit=nobody", 404, "nobody"),
        ("notice=nothing", 404, "nothing"),
        ("unit=%27%20OR%201=1--", 404, "OR 1=1"),
    ],
)
def test_a_value_without_meaning_is_named(still_office: Office, query: str, status: int, says: str) -> None:
    for path in ("/", "/api/board"):
        answer = still_office.client.get(f"{path}?{query}")
        assert answer.status_code == status
        assert says in unescape(answer.text)


def test_pages_hold_fifty_rows_and_the_total_is_said(office: Office) -> None:
    for number in range(10, 60):
        stock.add_obligation(
            office.store,
            stock.TIMED,
            "2026年9月30日",
            {"kind": "fixed", "date": "2026-09-30"},
            stock.PANLONG,
            seq=number,
        )
    first, second = (office.client.get("/", params={"page": page}).text for page in (1, 2))
    assert (len(rows_of(first)), len(rows_of(second))) == (50, 9)
    assert not set(rows_of(first)) & set(rows_of(second))
    assert "共 59 项" in first
    assert "第 2 / 2 页" in second
    assert '<td class="number">51</td>' in second
    assert office.client.get("/", params={"page": 3}).status_code == 200


def test_an_occurrence_explains_its_date_down_to_the_words(still_office: Office) -> None:
    html = still_office.client.get(f"/occurrences/{FIRST}").text
    assert '<mark class="strong">每季度首月3日前</mark>' in html
    text = words(html)
    for said in (
        "安全日 2026-09-30 周三",
        "原文日期 2026-10-03 周六",
        "2026-10-08 周四 《民法典》第二百零三条",
        "越过：2026-10-01 周四（国庆节）",
        "安全日：2026-09-30 周三",
        "市燃气管理办公室",
        "滇燃〔2026〕8号",
    ):
        assert said in text
    paper = re.search(r'<div class="paper" lang="zh-CN">(.*?)</div>', html, re.S)
    assert paper
    assert unescape(re.sub(r"<[^>]*>", "", paper[1])) == stock.TEXT, "the stored text, to the letter"


def test_a_clock_is_shown_beside_its_date(still_office: Office) -> None:
    assert "2026-09-30 周三 17:00" in words(still_office.client.get("/occurrences/gas-o3.530113-ranqi.once").text)


def test_what_has_no_date_says_what_is_missing_and_how_to_supply_it(still_office: Office) -> None:
    text = words(still_office.client.get("/undated").text)
    assert "补办开挖手续 “险情排除后3日内” 起算日待确认：触发事件的日期未知（险情排除）" in text
    assert "duban event gas-o2 险情排除" in text
    assert "报告异常 “及时” 用语未含确定日期" in text
    assert rows_of(still_office.client.get("/undated").text) == []
    only = still_office.client.get("/api/undated", params={"unit": stock.ANNING}).json()["undated"]
    assert [duty["id"] for duty in only] == ["gas-o4"]


def test_a_notice_shows_everything_read_from_it_in_its_own_text(still_office: Office) -> None:
    html = still_office.client.get("/notices/gas").text
    marked = re.findall(r'<a id="(gas-o\d)"></a><mark>([^<]+)</mark>', html)
    assert marked == [
        ("gas-o1", "每季度首月3日前"),
        ("gas-o2", "险情排除后3日内"),
        ("gas-o3", "2026年9月30日17:00前"),
        ("gas-o4", "及时"),
    ]
    for id_, _ in marked:
        assert f'href="#{id_}"' in html


def test_what_a_notice_says_is_shown_as_text_everywhere(office: Office) -> None:
    attack = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}"
    stock.add_notice(
        office.store, "bad", f"{attack}请于2026年9月30日前报送。", title=attack, issuer=attack, doc_number=attack
    )
    id_ = stock.add_obligation(
        office.store,
        f"{attack}请于2026年9月30日前报送。",
        "2026年9月30日前",
        {"kind": "fixed", "date": "2026-09-30"},
        stock.DONGCHUAN,
        notice_id="bad",
        seq=1,
        action=attack,
        recipient=attack,
        deliverable=attack,
        channel={"email": attack},
        condition=attack,
        consequence=attack,
    )
    for path in (
        "/",
        f"/occurrences/{id_}.{stock.DONGCHUAN}.once",
        f"/units/{stock.DONGCHUAN}",
        "/notices",
        "/notices/bad",
    ):
        html = office.client.get(path).text
        assert "<script" not in html
        assert "<img" not in html
        assert "49" not in words(html).replace(attack, "")
        assert attack in unescape(html)


def test_a_note_settles_and_reopens_and_all_of_it_stays_in_the_history(office: Office) -> None:
    path = f"/occurrences/{FIRST}"
    office.clock.move_to(stock.NOW + timedelta(hours=2))
    assert office.client.post(path, data={"verb": "close", "note": " 已收到盖章件 <b> "}).headers["location"] == path
    page = office.client.get(path).text
    assert "已收到盖章件 &lt;b&gt;" in page
    assert "按期办结" in page
    assert "状态 未办 → 已销号" in words(page)
    again = office.client.post(path, data={"verb": "close", "note": "再来"})
    assert again.status_code == 409
    assert office.client.post(path, data={"verb": "reopen", "note": "数据有误"}).status_code == 303
    assert "状态 已销号 → 未办" in words(office.client.get(path).text)


@pytest.mark.parametrize(
    "form", [{}, {"verb": "close"}, {"verb": "close", "note": "  "}, {"verb": "delete", "note": "x"}]
)
def test_a_form_without_its_values_changes_nothing(office: Office, form: dict[str, str]) -> None:
    assert office.client.post(f"/occurrences/{FIRST}", data=form).status_code == 400
    assert office.client.post(f"/api/occurrences/{FIRST}", json=form).status_code == 400
    assert office.client.post(f"/occurrences/{FIRST}", data={"verb": "close", "note": "x" * 501}).status_code == 400
    assert office.client.get(f"/api/occurrences/{FIRST}").json()["status"] == "open"


def test_a_body_of_any_size_or_shape_is_survived(office: Office) -> None:
    path = f"/api/occurrences/{FIRST}"
    assert office.client.post(path, content=b"x" * 200_000).status_code in (413, 415)
    assert office.client.post(path, json=["close"]).status_code == 400
    assert office.client.post(path, content=b"{", headers={"content-type": "application/json"}).status_code == 400
    assert office.client.get("/healthz").status_code == 200


def test_messages_are_shown_with_their_proof_and_without_secrets(office: Office) -> None:
    with office.store.writing() as session:
        add_channel(session, "s1", stock.DONGCHUAN, "clerk@dc.example", at=stock.NOW)
        add_channel(session, "s2", stock.DONGCHUAN, "sealed-x", at=stock.NOW, kind="webhook")
        session.flush()
        session.add(DeliveryRow(id="d1", recipient_id="s1", state="sent", send_at=stock.NOW, created_at=stock.NOW))
        session.flush()
        for subscription, delivery in (("s1", "d1"), ("s2", None)):
            session.add(
                ReminderRow(
                    occurrence_id=FIRST,
                    version=1,
                    step="T-7",
                    recipient_id=subscription,
                    role="handler",
                    reason="first",
                    planned_at=stock.NOW,
                    send_at=stock.NOW,
                    delivery_id=delivery,
                )
            )
        done = stock.NOW + timedelta(seconds=2)
        session.add(AttemptRow(delivery_id="d1", fence=1, started_at=stock.NOW, finished_at=done, outcome="delivered"))
    html = office.client.get(f"/occurrences/{FIRST}").text
    assert "安全日前7个工作日 邮件 clerk@dc.example 2026-09-21 08:59 送达 2026-09-21 08:59" in words(html)
    assert "安全日前7个工作日 Webhook 2026-09-21 08:59 待发" in words(html)
    assert "sealed-x" not in html + office.client.get(f"/api/occurrences/{FIRST}").text


def test_a_unit_page_says_how_to_subscribe(still_office: Office) -> None:
    page = still_office.client.get(f"/units/{stock.DONGCHUAN}").text
    assert f"duban feed-url {stock.DONGCHUAN}" in page
    assert len(rows_of(page)) == 5


def test_a_unit_page_says_who_is_reminded_and_warns_where_nobody_is(office: Office) -> None:
    def shown() -> str:
        return words(office.client.get(f"/units/{stock.DONGCHUAN}").text)

    assert "没有可用的提醒渠道" in shown()
    assert f"duban subscribe {stock.DONGCHUAN}" in shown()
    with office.store.writing() as session:
        add_channel(session, "s1", stock.DONGCHUAN, "clerk@dc.example", at=stock.NOW)
        add_channel(session, "s2", stock.DONGCHUAN, "sealed-x", at=stock.NOW, kind="webhook", role="regulator")
    assert "经办人 · 邮件 clerk@dc.example 监管 · Webhook" in shown()
    assert "没有可用的提醒渠道" not in shown()
    assert "sealed-x" not in shown()
    with office.store.writing() as session:
        session.get_one(SubscriptionRow, "s2").ended_at = stock.NOW
        broken = session.get_one(RecipientRow, "s1")
        broken.state, broken.trouble = "broken", "gone: RCPT: 550"
    assert "没有可用的提醒渠道" in shown()
    assert "clerk@dc.example 已停用 ：gone: RCPT: 550" in shown().replace("已停用：", "已停用 ：")
    assert "监管 · Webhook" not in shown()


def test_the_language_asked_for_is_remembered_and_chinese_is_the_default(office: Office) -> None:
    assert "督办看板" in office.client.get("/", headers={"accept-language": "en-US"}).text
    assert "Overdue board" in office.client.get("/", params={"lang": "en"}).text
    assert "past the safe day" in office.client.get("/").text
    assert "督办看板" in office.client.get("/", params={"lang": "zh"}).text
    assert office.client.get("/", params={"lang": "xx"}).status_code == 200


def test_a_shifted_clock_is_announced_on_every_page(open_office: OpenOffice) -> None:
    shifted, plain = open_office(clock_shifted=True), open_office()
    for path in PAGES:
        assert "演示时钟：本页的“现在”是 2026-09-21 08:59" in shifted.client.get(path).text
        assert "演示时钟" not in plain.client.get(path).text


@pytest.mark.parametrize(
    "path",
    [
        "/occurrences/nothing",
        "/units/nothing",
        "/notices/nothing",
        "/occurrences/",
        "/%2e%2e/etc/passwd",
        "/<script>",
        "/%00",
        "/%ff",
    ],
)
def test_what_does_not_exist_is_404_in_the_form_that_was_asked_for(still_office: Office, path: str) -> None:
    page, call = still_office.client.get(path), still_office.client.get(f"/api{path}")
    assert (page.status_code, call.status_code) == (404, 404)
    assert "回到看板" in page.text
    assert "<script>" not in page.text
    assert call.json()["error"]["status"] == 404


def test_ready_means_that_the_database_answers_and_every_check_is_well(open_office: OpenOffice) -> None:
    trouble: dict[str, str | None] = {"ticks": None}
    office = open_office(checks=lambda: trouble)
    assert office.client.get("/readyz").json() == {"ready": True, "checks": {"database": "ok", "ticks": "ok"}}
    trouble["ticks"] = "send: last finished 400 s ago"
    answer = office.client.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["ticks"]) == (503, "send: last finished 400 s ago")
    broken = open_office(checks=_fails)
    assert broken.client.get("/readyz").status_code == 503
    assert broken.client.get("/healthz").status_code == 200


def test_an_internal_error_is_complete_in_the_log_only(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    with office.store.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE occurrence RENAME TO elsewhere")
    for path in ("/", "/api/board"):
        answer = office.client.get(path)
        assert answer.status_code == 500
        assert "occurrence" not in answer.text
    assert "no such table" in caplog.text

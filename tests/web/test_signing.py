"""签收 and the printable record, through the real server."""

from __future__ import annotations

from datetime import timedelta

from store.rows import AttemptRow, DeliveryRow, ReminderRow
from tests.records import add_channel
from tests.web import stock
from tests.web.conftest import Office
from tests.web.test_pages import FIRST, words

PAGE = f"/occurrences/{FIRST}"


def test_a_name_signs_on_the_page_and_the_item_stays_open(office: Office) -> None:
    assert "签收人（不填则记责任单位）" in words(office.client.get(PAGE).text)
    answer = office.client.post(PAGE, data={"verb": "sign", "by": "李会计"})
    assert answer.status_code == 303
    page = words(office.client.get(PAGE).text)
    assert "已由李会计签收 2026-09-21" in page
    assert "签收人 — → 李会计" in page
    document = office.client.get(f"/api{PAGE}").json()["occurrence"]
    assert (document["state"], document["signed_by"]) == ("open", "李会计")


def test_without_a_name_the_unit_signs_and_nobody_signs_twice(office: Office) -> None:
    signed = office.client.post(f"/api{PAGE}", json={"verb": "sign"}).json()["occurrence"]
    assert signed["signed_by"] == "东川区燃气管理站"
    assert office.client.post(f"/api{PAGE}", json={"verb": "sign"}).status_code == 409
    too_long = office.client.post(f"/api{PAGE}", json={"verb": "sign", "by": "李" * 61})
    assert too_long.status_code == 400


def test_the_record_shows_recipient_plan_attempts_receipt_and_signature(office: Office) -> None:
    add_record(office)
    office.client.post(PAGE, data={"verb": "sign", "by": "李会计"})
    page = words(office.client.get(f"{PAGE}/proof").text)
    assert "提醒送达记录" in page
    assert "已由李会计签收" in page
    assert "安全日前7个工作日 已发 经办人 · 邮件 clerk@dc.example 2026-09-21 08:59" in page
    assert "送达 回执 ：250-0" in page.replace("回执：", "回执 ：")
    assert f"{PAGE}/proof" in office.client.get(PAGE).text
    assert "Record of reminders" in words(office.client.get(f"{PAGE}/proof", params={"lang": "en"}).text)
    assert office.client.get("/occurrences/nothing/proof").status_code == 404


def add_record(office: Office, steps: tuple[str, ...] = ("T-7",)) -> None:
    """Put delivered reminders of the first item on record."""
    with office.store.writing() as session:
        add_channel(session, "s1", stock.DONGCHUAN, "clerk@dc.example", at=stock.NOW)
        session.flush()
        for number, step in enumerate(steps):
            at = stock.NOW + timedelta(days=number)
            name = f"d{number}"
            session.add(DeliveryRow(id=name, recipient_id="s1", state="sent", send_at=at, created_at=at))
            session.flush()
            session.add(
                ReminderRow(
                    occurrence_id=FIRST,
                    version=1,
                    step=step,
                    recipient_id="s1",
                    role="handler",
                    state="sent",
                    reason="step",
                    planned_at=at,
                    send_at=at,
                    delivery_id=name,
                )
            )
            session.add(
                AttemptRow(
                    delivery_id=name,
                    fence=1,
                    started_at=at,
                    finished_at=at,
                    outcome="delivered",
                    receipt=f"250-{number}",
                )
            )

"""`duban serve`: what it refuses, what it sends, how it ends; and `duban deliveries`, the proof of it."""

from __future__ import annotations

import json
import socket
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from threading import Event

import pytest
from sqlmodel import text

from store.database import Store, open_store, sqlite_url
from store.presence import mark_presence
from tests.acceptance.processes import Processes
from tests.acceptance.receiver import SlowReceiver
from tests.app.conftest import Duban
from tests.notifiers.servers import SmtpReceiver

NOTICE = """关于报送重点企业用电情况的通知
东川区工业和信息化局、安宁市工业和信息化局：
请于每季度首月3日前将上季度《重点企业用电情况表》报送市工业和信息化局。
昆明市工业和信息化局
2026年3月2日
"""
UNITS = ("530113-gongxin", "530181-gongxin")


@pytest.fixture
def quarterly(duban: Duban, tmp_path: Path) -> Duban:
    """`duban` with a notice of a quarterly return of two units."""
    (tmp_path / "notice.txt").write_text(NOTICE, encoding="utf-8")
    assert duban.json("ingest", str(tmp_path / "notice.txt"))["occurrences"] >= 2
    return duban


def test_it_refuses_in_one_sentence_what_it_cannot_serve(duban: Duban, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert f"port {port} is taken" in duban.refuses("serve", "--port", port)
    assert "DUBAN_ACCESS_TOKEN" in duban.refuses("serve", "--host", "0.0.0.0", "--port", "0")
    assert "instant is written like" in duban.refuses("serve", "--port", "0", "--clock", "tomorrow")
    monkeypatch.setenv("DUBAN_LOG", "loud")
    assert "DUBAN_LOG must be text or json" in duban.refuses("serve", "--port", "0")


def test_it_refuses_a_database_that_it_cannot_migrate(duban: Duban) -> None:
    store = open_store(sqlite_url(duban.data))
    with store.writing() as session:
        session.connection().execute(text("update alembic_version set version_num = 'from-the-future'"))
    store.close()
    ran = duban("serve", "--port", "0")
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "newer release" in ran.err


def test_a_notice_becomes_a_message_and_a_proof(quarterly: Duban, processes: Processes) -> None:
    receiver = SlowReceiver(0.0)
    for unit in UNITS:
        quarterly.json("subscribe", unit, "--webhook", f"{receiver.url}/{unit}")
    moment = "2026-09-29T08:59:58+08:00"
    allowed = f"127.0.0.1/32:{receiver.port}"
    daemon = processes.serve(quarterly.data, "--clock", moment, DUBAN_WEBHOOK_ALLOW=allowed, DUBAN_LOG="json")
    receiver.wait_for(2)
    status, body = daemon.get("/readyz")
    assert (status, json.loads(body)["ready"]) == (200, True), body
    assert set(json.loads(body)["checks"]) >= {"database", "plan", "send", "reclaim", "senders", "backlog"}
    assert daemon.terminate() == 0
    receiver.close()

    assert sorted(path for path, _ in receiver.arrived) == [f"/{unit}" for unit in UNITS]
    (item,) = receiver.bodies[0]["items"]
    assert (item["step"], item["safe_on"], item["written_on"]) == ("T-1", "2026-09-30", "2026-10-03")
    proof = quarterly.json("deliveries", "--state", "sent")
    assert {one["id"] for one in proof} == {delivery_id for _, delivery_id in receiver.arrived}
    assert [[each["outcome"] for each in one["attempts"]] for one in proof] == [["delivered"], ["delivered"]]
    assert {one["recipient"] for one in proof} == {f"{receiver.url}/…"}
    assert quarterly.json("deliveries", "--unit", UNITS[0], "--limit", "1")[0]["unit"] == UNITS[0]
    assert quarterly.json("deliveries", "--state", "failed") == []
    assert "已送达" in quarterly("deliveries").out

    lines = [json.loads(line) for line in daemon.log.read_text().splitlines()]
    assert [line["event"] for line in lines].count("delivered") == 2
    assert {line["level"] for line in lines} == {"info"}
    assert receiver.url not in daemon.log.read_text()


def test_the_operator_hears_of_a_unit_without_a_channel(quarterly: Duban, processes: Processes) -> None:
    with SmtpReceiver() as sink:
        settings = {"DUBAN_SMTP_URL": sink.url(), "DUBAN_OPERATOR_EMAIL": "ops@example.cn"}
        daemon = processes.serve(quarterly.data, "--clock", "2026-09-29T09:19:59+08:00", **settings)
        for _ in range(150):
            if sink.mails:
                break
            Event().wait(0.1)
        assert daemon.terminate() == 0
    (mail,) = sink.mails
    message = message_from_bytes(mail, policy=default)
    assert message["To"] == "ops@example.cn"
    assert message["Subject"] == "督办运行情况：2 个单位无人收到提醒，0 条消息没有送达"
    plain = message.get_body(("plain",))
    assert plain is not None
    assert "东川区工业和信息化局、安宁市工业和信息化局" in plain.get_content()
    (proof,) = quarterly.json("deliveries", "--state", "sent")
    assert [one["kind"] for one in proof["summaries"]] == ["without-channel"] * 2
    assert proof["units"] == list(UNITS)


def test_an_operator_without_a_mailbox_is_refused(duban: Duban, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUBAN_OPERATOR_EMAIL", "ops at example.cn")
    assert "DUBAN_OPERATOR_EMAIL" in duban.refuses("serve", "--port", "0")


def test_a_proof_of_what_does_not_exist_is_refused(duban: Duban) -> None:
    assert "nowhere" in duban.refuses("deliveries", "--unit", "nowhere")
    assert "n1-o1.x.2026Q4" in duban.refuses("deliveries", "--occurrence", "n1-o1.x.2026Q4")
    assert "--state must be one of" in duban.refuses("deliveries", "--state", "lost")


def test_two_processes_know_of_each_other(store: Store) -> None:
    first = mark_presence(store)
    assert first.alone
    first.share()
    second = mark_presence(store)
    assert not second.alone
    second.share()
    first.close()
    second.close()
    third = mark_presence(store)
    assert third.alone
    third.close()

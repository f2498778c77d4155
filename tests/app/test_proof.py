"""`duban proof`: who was told what, by which channel, when it was planned, how each try ended, and who signed."""

from __future__ import annotations

from notifiers.errors import DeliveryFailed, Reason
from store.database import open_store, sqlite_url
from tests.app.conftest import SAMPLES, Duban
from tests.scheduler.world import World

UNIT = "530111-shangwu"


def test_the_record_holds_every_attempt_with_its_result_and_the_signature(duban: Duban) -> None:
    duban.at("2026-07-06T09:00:00+08:00")
    duban.json("ingest", str(SAMPLES / "fuel-returns.txt"))
    duban("subscribe", UNIT, "--email", "clerk@example.org")
    rows = duban.json("list", "--unit", UNIT)
    occurrence = next(r["id"] for r in rows if r["written_on"] == "2026-10-06" and r["id"].endswith("2026Q4"))
    duban.at("2026-09-20T09:00:00+08:00")
    duban("sign", occurrence, "--by", "李会计")
    errors = [DeliveryFailed(Reason.UNAVAILABLE, retryable=True, detail="451 try again")]
    store = open_store(sqlite_url(duban.data))
    try:
        world = World(store, duban.clock)
        world.fault = lambda *_: errors.pop() if errors else None
        world.tick("2026-09-20T09:30")
        world.tick("2026-09-20T09:31")
    finally:
        store.close()
    document = duban.json("proof", occurrence)
    assert (document["signed_by"], document["signed_at"]) == ("李会计", "2026-09-20T09:00:00+08:00")
    (reminder,) = [one for one in document["reminders"] if one["step"] == "T-7"]
    assert reminder | {"attempts": None, "delivery": None} == {
        "step": "T-7",
        "reason": "step",
        "state": "sent",
        "role": "handler",
        "channel": "email",
        "recipient": "clerk@example.org",
        "planned_at": "2026-09-20T09:00:00+08:00",
        "delivery": None,
        "attempts": None,
    }
    assert [(one["outcome"], one["reason"], one["detail"]) for one in reminder["attempts"]] == [
        ("failed", "unavailable", "451 try again"),
        ("delivered", None, None),
    ]
    assert reminder["attempts"][0]["started_at"] == "2026-09-20T09:30:00+08:00"
    text = duban("proof", occurrence).out
    for said in ("提醒送达记录", "签收：李会计", "clerk@example.org  已发", "失败 unavailable 451 try again", "送达"):
        assert said in text


def test_without_reminders_the_record_says_so(duban: Duban) -> None:
    duban.json("ingest", str(SAMPLES / "fuel-returns.txt"))
    occurrence = duban.json("list")[0]["id"]
    assert "还没有提醒记录" in duban("proof", occurrence).out
    assert "尚未签收" in duban("proof", occurrence).out
    assert "n9-o1" in duban.refuses("proof", "n9-o1.530113.2026Q4")

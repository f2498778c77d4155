"""Programs that people use show each change of a feed: moved, cancelled, done and restored."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler.expansion import expand
from store.occurrences import Move, move
from store.rows import ObligationRow, UnitRow
from tests.web import stock
from tests.web.conftest import Office
from tests.web.readers.clients import Client, Gnome, Khal, Shown

pytestmark = pytest.mark.clients

UNIT = "530102-ranqi"
TEXT = "请于2026年10月16日前报送{}。"
DAY = {"kind": "fixed", "date": "2026-10-16"}
TITLES = {
    seq: f"报送{name}" for seq, name in enumerate(("甲表", "乙表", "丙表", "丁表", "戊表、含；逗号,与\\反斜杠😀"), 1)
}


@pytest.fixture(params=[Khal, Gnome])
def client(request: pytest.FixtureRequest, tmp_path: Path, office: Office) -> Iterator[Client]:
    """Each program, subscribed to the calendar of one unit with five duties due on Friday 2026-10-16."""
    kind = request.param
    if not kind.installed():
        assert not os.environ.get("CI"), f"the checks of a change need every program: {kind.NEEDS}"
        pytest.skip(f"not on this machine: {kind.NEEDS}")
    fill(office)
    folder = tmp_path / "home"
    folder.mkdir()
    made = kind(folder, f"{office.client.base_url}{office.feed(UNIT)}", stock.NOW.date())
    yield made
    getattr(made, "close", lambda: None)()


def fill(office: Office) -> None:
    with office.store.writing() as session:
        session.add(UnitRow(code=UNIT, name="五华区燃气管理站"))
    stock.add_notice(office.store, "more", "".join(TEXT.format(title) for title in TITLES.values()))
    for seq, title in TITLES.items():
        stock.add_obligation(
            office.store, TEXT.format(title), "2026年10月16日前", DAY, UNIT, notice_id="more", seq=seq, action=title
        )
    change(office, 4, Move.CLOSE)


def change(office: Office, seq: int, how: Move) -> None:
    with office.store.writing() as session:
        now = office.clock.now()
        move(session, f"more-o{seq}.{UNIT}.once", how, note="试", now=now, today=office.clock.today())


def put_off(office: Office, seq: int, day: str) -> None:
    with office.store.writing() as session:
        row = session.get_one(ObligationRow, f"more-o{seq}")
        row.deadline = {"kind": "fixed", "date": day}
        session.flush()
        expand(session, now=office.clock.now(), obligation_ids=[row.id], zone=stock.SHANGHAI, reason="来文改期")


def shown(seq: int, mark: str, day: str = "2026-10-16", status: str = "CONFIRMED") -> Shown:
    return Shown(mark + TITLES[seq], day, status)


def test_moved_cancelled_done_and_restored_arrive(client: Client, office: Office) -> None:
    assert client.read() == {*(shown(seq, "【截止】") for seq in (1, 2, 3, 5)), shown(4, "【已办】")}
    office.clock.move_to(stock.NOW + timedelta(days=1))
    put_off(office, 1, "2026-10-20")
    change(office, 2, Move.WAIVE)
    change(office, 3, Move.CLOSE)
    change(office, 4, Move.REOPEN)
    assert client.read() == {
        shown(1, "【改期】", day="2026-10-20"),
        shown(2, "【已取消】", status="CANCELLED"),
        shown(3, "【已办】"),
        shown(4, "【截止】"),
        shown(5, "【截止】"),
    }

"""A small office: two invented notices, three units, and the occurrences that the real expansion makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from scheduler.expansion import expand
from store.database import Store
from store.obligations import assign
from store.rows import NoticeRow, ObligationRow, UnitRow
from store.states import ObligationState

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 9, 21, 8, 59, 40, tzinfo=SHANGHAI)
INGESTED = datetime(2026, 9, 1, 9, 0, tzinfo=SHANGHAI)
QUARTERLY = "各县（市、区）燃气管理部门应当于每季度首月3日前，将《管道巡检情况表》报送市燃气管理办公室。"
HAZARD = "险情排除后3日内，产权单位应当向所在地燃气管理部门补办开挖手续。"
TIMED = "首次自查报告请于2026年9月30日17:00前发送至gas@example.org，电话0871-5550123。"
VAGUE = "发现异常的，应当及时报告。"
TEXT = "\n".join(
    (
        "关于加强燃气管道巡检的通知",
        "各县（市、区）燃气管理部门：",
        f"一、{QUARTERLY}",
        f"二、{HAZARD}",
        f"三、{TIMED}",
        f"四、{VAGUE}",
    )
)
DONGCHUAN, ANNING, PANLONG = "530113-ranqi", "530181-ranqi", "530103-ranqi"


def add_units(store: Store) -> None:
    """Add three gas offices."""
    with store.writing() as session:
        for code, name in (
            (DONGCHUAN, "东川区燃气管理站"),
            (ANNING, "安宁市燃气管理站"),
            (PANLONG, "盘龙区燃气管理站"),
        ):
            session.add(UnitRow(code=code, name=name, group="燃气管理部门"))


def add_notice(store: Store, notice_id: str = "gas", text: str = TEXT, **fields: Any) -> None:
    """Add a notice without obligations."""
    given = {
        "title": "关于加强燃气管道巡检的通知",
        "issuer": "滇城市燃气管理办公室",
        "doc_number": "滇燃〔2026〕8号",
        **fields,
    }
    with store.writing() as session:
        session.add(NoticeRow(id=notice_id, sha256=notice_id, text=text, ingested_at=INGESTED, **given))


def add_obligation(
    store: Store,
    sentence: str,
    words: str,
    deadline: Mapping[str, Any],
    *units: str,
    now: datetime = INGESTED,
    **fields: Any,
) -> str:
    """Add an active obligation that rests on `sentence` of its notice, fall it on `units`, and expand it."""
    with store.writing() as session:
        notice = session.get(NoticeRow, fields.pop("notice_id", "gas"))
        assert notice is not None
        start = notice.text.index(sentence)
        begin = notice.text.index(words, start)
        seq = fields.pop("seq")
        row = ObligationRow(
            **{
                "id": f"{notice.id}-o{seq}",
                "notice_id": notice.id,
                "seq": seq,
                "kind": "duty",
                "state": ObligationState.ACTIVE,
                "start": begin,
                "end": begin + len(words),
                "text": words,
                "evidence_start": start,
                "evidence_end": start + len(sentence),
                "tier": "core",
                "modality": "must",
                "responsible": "各县（市、区）燃气管理部门",
                "action": "报送《管道巡检情况表》",
                "deadline": dict(deadline),
                "pattern": "test",
                "confidence": 0.97,
                "created_at": now,
                **fields,
            }
        )
        session.add(row)
        session.flush()
        assign(session, row.id, units)
        expand(session, now=now, obligation_ids=[row.id], zone=SHANGHAI)
        return row.id


def fill(store: Store) -> None:
    """Add the whole office."""
    add_units(store)
    add_notice(store, published_on=date(2026, 8, 31))
    add_obligation(
        store,
        QUARTERLY,
        "每季度首月3日前",
        {"kind": "recurring", "freq": "quarterly", "month_of_period": 1, "day": 3, "marker": "前"},
        DONGCHUAN,
        ANNING,
        seq=1,
        recipient="市燃气管理办公室",
        deliverable="《管道巡检情况表》",
    )
    add_obligation(
        store,
        HAZARD,
        "险情排除后3日内",
        {"kind": "relative", "event": "险情排除", "offset": 3, "unit": "day", "direction": "after"},
        PANLONG,
        seq=2,
        action="补办开挖手续",
        trigger_event="险情排除",
    )
    add_obligation(
        store,
        TIMED,
        "2026年9月30日17:00前",
        {"kind": "fixed", "date": "2026-09-30", "time": "17:00"},
        DONGCHUAN,
        seq=3,
        action="发送首次自查报告",
        channel={"email": "gas@example.org", "phone": "0871-5550123"},
        consequence="逾期不报的，通报批评",
    )
    add_obligation(
        store, VAGUE, "及时", {"kind": "vague", "word": "及时"}, ANNING, seq=4, action="报告异常", confidence=0.8
    )

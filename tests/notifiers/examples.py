"""Messages as the dispatcher would hand them over."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from notifiers.message import Item, Light, Message

NOON = datetime(2026, 9, 25, 4, 0, tzinfo=UTC)

_ITEM = Item(
    occurrence_id="n1-o2-530113-2026Q4",
    unit="东川区工信局",
    title="报送锅炉运行台账",
    step="T-3",
    light=Light.YELLOW,
    status="open",
    written_on=date(2026, 10, 3),
    due_on=date(2026, 10, 3),
    safe_on=date(2026, 9, 30),
    days_left=3,
    quote="各县区应于每季度首月3日前报送上季度锅炉运行台账",
    source="《关于加强锅炉运行管理的通知》（虚市监〔2026〕5号）",
    recipient="市市场监管局",
    link="https://duban.example/occurrences/n1-o2-530113-2026Q4",
)


def an_item(**changes: Any) -> Item:
    return replace(_ITEM, **changes)


def a_message(*items: Item, **changes: Any) -> Message:
    message = Message(delivery_id="d-1", items=items or (_ITEM,), link="https://duban.example/units/530113")
    return replace(message, **changes)

"""Which calendar program reads an address, how often it usually comes, and what its user should know."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Client:
    """A family of programs; `marks` are words of its User-Agent, `interval` how often it usually reads."""

    name: str
    marks: tuple[str, ...]
    interval: str
    hint: str


# As measured on the programs or reported by their users; the first whose mark occurs is meant.
CLIENTS = (
    Client("Google 日历", ("google-calendar", "google"), "8 至 24 小时一次", "不理会提醒设置，改期最迟次日可见"),
    Client("Outlook", ("microsoft", "outlook", "exchange"), "约 3 小时一次", "订阅日历不响提醒"),
    Client(
        "Apple 日历",
        ("ios/", "macos", "mac os x", "dataaccessd", "calendaragent"),
        "由用户设定",
        "添加时请保留提醒",
    ),
    Client("Thunderbird", ("thunderbird",), "30 分钟一次", "事件与待办都可订阅"),
    Client("GNOME 日历", ("evolution", "libsoup"), "30 分钟一次", "事件与待办要各订阅一次"),
    Client("Nextcloud", ("nextcloud", "owncloud"), "最长一周一次", "请在设置中保留待办和提醒"),
    Client("ICSx⁵", ("icsx5",), "由用户设定", "提醒可单独静音"),
    Client("Home Assistant", ("homeassistant", "home assistant"), "由程序设定", "已取消的事项也会显示"),
    Client("vdirsyncer", ("vdirsyncer",), "由用户设定", "删除会同步到本地"),
)
OTHER = Client("其他程序", (), "由程序决定", "日历只作告知，提醒以消息为准")


def client_of(user_agent: str | None) -> Client:
    """Return the family that a User-Agent belongs to."""
    text = (user_agent or "").lower()
    return next((one for one in CLIENTS if any(mark in text for mark in one.marks)), OTHER)

"""From a message to the text of a channel, within the channel's limit."""

from __future__ import annotations

import functools
from collections.abc import Callable

from jinja2 import Environment, PackageLoader, StrictUndefined, Template, select_autoescape

from notifiers import wording
from notifiers.message import Message, by_safe_day, sections


def render(template: str, message: Message, shown: int) -> str:
    """Return `template` (such as `email/body.html`) in the message's language, with its first `shown` items.

    Items stand by safe day, grouped by unit; what is left out appears as a count with the
    link to all of them. HTML is escaped. Quotes are cut at 160 characters, titles at 80.
    """
    items = by_safe_day(message.items)
    text = _compiled(template).render(
        message=message,
        headline=wording.headline(message, items[0] if items else None),
        sections=sections(items[:shown]),
        told=wording.WORDINGS[message.lang].told(message.summaries),
        left_out=len(items) - shown,
        words=wording.WORDINGS[message.lang],
    )
    return text.strip() + "\n"


def fit(message: Message, limit: int, rendered: Callable[[int], str], *, least: int = 1) -> tuple[int, str]:
    """Return how many items `rendered` can show in `limit` UTF-8 bytes, and the text with that many.

    `least` bytes per item, surely needed, spare rendering a text that cannot fit. Where
    even no items are too long, the text is cut.
    """
    most = min(len(message.items), limit // least)
    text = rendered(most)
    if size(text) <= limit:
        return most, text
    low, high, best = 0, most - 1, ""
    while low <= high:
        middle = (low + high) // 2
        text = rendered(middle)
        if size(text) <= limit:
            low, best = middle + 1, text
        else:
            high = middle - 1
    return (high, best) if best else (0, cut_bytes(rendered(0), limit))


def size(text: str) -> int:
    """Return the length of `text` in UTF-8 bytes."""
    return len(text.encode())


def cut_bytes(text: str, limit: int) -> str:
    """Return the longest beginning of `text` within `limit` UTF-8 bytes, with a visible cut."""
    if size(text) <= limit:
        return text
    return text.encode()[: max(limit - size("…"), 0)].decode(errors="ignore") + "…"


@functools.cache
def _compiled(path: str) -> Template:
    return _environment().get_template(path)


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("notifiers"),
        autoescape=select_autoescape(("html",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["flat"] = lambda text, limit=200: wording.cut(wording.flat(text), limit)
    return environment

"""Saved web pages: the words of the notice without what the site puts around them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from scheduler.intake.errors import BadSource

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag
    from bs4.element import PageElement

_NO_WORDS = [
    "script",
    "style",
    "noscript",
    "template",
    "iframe",
    "nav",
    "header",
    "footer",
    "aside",
    "button",
    "select",
]
# Names that sites give to what stands around an article, and how they hide things.
_FRAME = re.compile(
    r"(?:^|[-_ ])(?:nav|navbar|menu|breadcrumb|crumbs?|header|footer|foot|sidebar|share|bdshare|related|copyright"
    r"|toolbar|search|login|print|weizhi|position|qrcode|ewm|pager|pagination|fontsize|hidden)(?:$|[-_ \d])",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"display ?: ?none|visibility ?: ?hidden", re.IGNORECASE)
# Elements that stand in a line of their own.
_BLOCK = re.compile(
    r"address|article|blockquote|body|br|center|d[dlt]|div|fieldset|figure|form|h[1-6r]|li|main|ol|p|pre|section|t(?:able|body|foot|head|r)|ul"
)
# Lines that sites print inside the article.
_SITE_LINE = re.compile(
    r"(?:\[?打印(?:本页)?\]?|\[?关闭(?:窗口|本页)?\]?|分享(?:到|至)?|扫一扫.{0,20}|返回顶部|上一篇.{0,60}|下一篇.{0,60}|字(?:体|号).{0,16}"
    r"|(?:浏览|阅读|点击)(?:次数|量|数)?.{0,16}|(?:信息)?来源[:：].{0,30}|(?:发布|更新)(?:时间|日期)[:：].{0,30}|当前位置.{0,60})"
    r"(?:[\s|｜]+(?:\[?打印(?:本页)?\]?|\[?关闭(?:窗口|本页)?\]?|分享(?:到|至)?|字(?:体|号).{0,16}))*"
)
_XML_HEAD = re.compile(r"^\s{0,20}<\?xml[^<>]{0,200}\?>")
CELL = 200  # characters; a larger cell lays out the page and holds paragraphs
MOST = 0.8  # a child that holds this share of the words holds the notice
_TABLE = ("table", "tbody", "tr")
_WHITE = re.compile(r"[ \t\r\n\f\xa0\u3000\u200b\ufeff]+")
_DAY = re.compile(r"(\d{4})[-/年.](\d{1,2})[-/月.](\d{1,2})")


@dataclass(frozen=True, slots=True)
class WebPage:
    """What a page says once its frame is gone: text, title and the publication date it states."""

    text: str
    title: str | None
    published_on: date | None


def read_web_page(markup: str, path: Path) -> WebPage:
    """Return the notice on a page: its text in lines, and the title and date that the page declares for it.

    Cells of a table row are set apart by tabs. Title and date are read from `<meta>` (ArticleTitle, PubDate) and,
    for the title, from the only `<h1>`.

    Raises:
        BadSource: the page holds no words.
    """
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(_XML_HEAD.sub("", markup), "lxml")
    title, published_on = _title(soup), _published_on(soup)
    for tag in soup(_NO_WORDS):
        tag.decompose()
    body = soup.body or soup
    for tag in _frames(body):
        tag.decompose()
    text = _lines(_main(body))
    if not text:
        raise BadSource(path, "the page holds no words; save the page of the notice itself as .html")
    return WebPage(text, title, published_on)


def _meta(soup: BeautifulSoup, *names: str) -> str | None:
    for tag in soup.find_all("meta"):
        if str(tag.get("name", "")).lower() in names:
            content = _WHITE.sub(" ", str(tag.get("content", ""))).strip()
            if content:
                return content
    return None


def _title(soup: BeautifulSoup) -> str | None:
    declared = _meta(soup, "articletitle")
    if declared:
        return declared
    heads = [_WHITE.sub("", head.get_text()) for head in soup.find_all("h1")]
    return heads[0] if len(heads) == 1 and heads[0] else None


def _published_on(soup: BeautifulSoup) -> date | None:
    found = _DAY.match(_meta(soup, "pubdate", "publishdate") or "")
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def _frames(body: Tag) -> list[Tag]:
    """Return the outermost elements that by their name frame the article, unless they hold half of all words."""
    weights = _weights(body, links=1)
    frames: list[Tag] = []
    stack = _children(body)
    while stack:
        tag = stack.pop()
        names = [str(tag.get("id") or ""), *(tag.get("class") or [])]
        framed = any(_FRAME.search(name) for name in names) or _HIDDEN.search(str(tag.get("style") or ""))
        if framed and 2 * weights[id(tag)] < weights[id(body)]:
            frames.append(tag)
        else:
            stack.extend(_children(tag))
    return frames


def _main(body: Tag) -> Tag:
    """Return the smallest block that holds most of the page's words outside links."""
    weights = _weights(body, links=0)
    node = body
    while True:
        least = MOST * weights[id(body)]
        child = next((one for one in _children(node) if weights[id(one)] >= least), None)
        if child is None or child.name not in ("div", "article", "main", "section", "form", "center", "td", *_TABLE):
            return node
        node = child


def _children(node: Tag) -> list[Tag]:
    from bs4 import Tag as Element

    return [child for child in node.children if isinstance(child, Element)]


def _weights(root: Tag, *, links: int) -> dict[int, int]:
    """Return, by the identity of each element, how many characters it holds; those in a link count `links` times."""
    weights: dict[int, int] = {}
    for tag in [*reversed(root.find_all(True)), root]:
        words = 0
        for child in tag.children:
            if id(child) in weights:
                words += weights[id(child)]
            elif isinstance(child, str) and _is_words(child):
                words += len(_WHITE.sub("", child))
        weights[id(tag)] = words * links if tag.name == "a" else words
    return weights


def _lines(node: Tag) -> str:
    lines = (_tidy(line) for line in "".join(_pieces(node)).split("\n"))
    return "\n".join(line for line in lines if line and not _SITE_LINE.fullmatch(line))


@dataclass(frozen=True, slots=True)
class _Edge:
    """What is written before and after an element: a line break, or a tab after a cell."""

    mark: str


def _pieces(root: Tag) -> Iterator[str]:
    """Yield the words below `root` and the breaks between them, without recursion: pages may nest deeply."""
    weights = _weights(root, links=1)
    stack: list[tuple[PageElement | _Edge, str]] = [(child, "") for child in reversed(list(root.children))]
    while stack:
        node, place = stack.pop()
        if isinstance(node, _Edge):
            yield node.mark
        elif isinstance(node, str):
            if _is_words(node):
                yield node if place == "pre" else _WHITE.sub(" ", node)
        else:
            name = getattr(node, "name", "") or ""
            is_cell = name in ("td", "th") and weights[id(node)] <= CELL
            in_line = not (_BLOCK.fullmatch(name) or name in ("td", "th")) or is_cell
            mark = "" if in_line else " " if place == "cell" else "\n"
            if is_cell or name == "pre":
                place = "cell" if is_cell else "pre"
            stack.append((_Edge("\t" if is_cell else mark), place))
            stack.extend((child, place) for child in reversed(list(getattr(node, "children", ()))))
            stack.append((_Edge(mark), place))


def _is_words(child: str) -> bool:
    from bs4.element import CData, NavigableString

    return type(child) in (NavigableString, CData)  # comments and declarations are subclasses


def _tidy(line: str) -> str:
    cells = [_WHITE.sub(" ", cell).strip() for cell in line.split("\t")]
    return "\t".join(cells).strip()

"""Word documents (.docx): paragraphs with their automatic numbers, tables as rows of tabs."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from obligations.structure.marks import in_han
from scheduler.intake.errors import BadSource

if TYPE_CHECKING:
    from docx.document import Document

MOST_UNPACKED = 200_000_000  # bytes; a larger archive is no notice
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SKIPPED = {f"{_W}{name}" for name in ("del", "moveFrom", "instrText", "delText", "txbxContent", "pPr", "rPr")}


def read_word(data: bytes, path: Path) -> str:
    """Return the text of a document in reading order, one line per paragraph or table row.

    Insertions under revision are taken as accepted, deletions as made. Numbers that Word itself puts before a
    paragraph are written out, since they carry the structure of the notice.

    Raises:
        BadSource: `data` is no .docx, or holds no words.
    """
    document = _open(data, path)
    numbers = _Numbers(document)
    lines: list[str] = []
    for element in document.element.body:
        if element.tag == f"{_W}p":
            lines.append(numbers.before(element) + _words(element).replace("\t", " "))
        elif element.tag == f"{_W}tbl":
            lines.extend(_rows(element))
        elif element.tag == f"{_W}sdt":
            lines.extend(_words(paragraph).replace("\t", " ") for paragraph in element.iter(f"{_W}p"))
    text = "\n".join(line.strip() for line in lines if line.strip())
    if not text:
        raise BadSource(path, "the document holds no words; give a .docx with the text of a notice")
    return text


def _open(data: bytes, path: Path) -> Document:
    import docx

    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST_UNPACKED:
                raise BadSource(path, f"unpacked it is larger than {MOST_UNPACKED:,} bytes; give the notice alone")
        return docx.Document(BytesIO(data))
    except BadSource:
        raise
    except Exception as error:  # python-docx lets errors of zipfile, lxml and its own through
        raise BadSource(path, "it is no Word document; save the notice as .docx again") from error


def _words(element: Any) -> str:
    pieces: list[str] = []
    stack = [element]
    while stack:
        node = stack.pop()
        if node.tag in _SKIPPED:
            continue
        if node.tag == f"{_W}t":
            pieces.append(node.text or "")
        elif node.tag == f"{_W}tab":
            pieces.append("\t")
        elif node.tag in (f"{_W}br", f"{_W}cr"):
            pieces.append("\n")
        elif node.tag == f"{_W}noBreakHyphen":
            pieces.append("-")
        elif not str(node.tag).endswith("}Fallback"):
            stack.extend(reversed(node))
    return "".join(pieces)


def _rows(table: Any) -> Iterator[str]:
    """Yield the rows of a table; a row of one cell is a frame around paragraphs."""
    for row in table.findall(f"{_W}tr"):
        cells = row.findall(f"{_W}tc")
        if len(cells) == 1:
            yield from (_words(paragraph).replace("\t", " ") for paragraph in cells[0].iter(f"{_W}p"))
        else:
            yield "\t".join(" ".join(_words(cell).split()) for cell in cells)


class _Numbers:
    """The running numbers of automatic lists: (number list, level) → last number."""

    def __init__(self, document: Document) -> None:
        self._levels = _levels(document)
        self._styles = {style.style_id: style for style in document.styles}
        self._last: dict[tuple[str, int], int] = {}

    def before(self, paragraph: Any) -> str:
        """Return the number that Word prints before `paragraph`, or nothing."""
        place = self._place(paragraph)
        if place is None or place not in self._levels:
            return ""
        list_id, level = place
        self._last[place] = self._last.get(place, self._levels[place][2] - 1) + 1
        for other in [key for key in self._last if key[0] == list_id and key[1] > level]:
            del self._last[other]
        written = self._levels[place][1]
        for depth in range(level + 1):
            form, _, first = self._levels.get((list_id, depth), ("decimal", "", 1))
            written = written.replace(f"%{depth + 1}", _written(self._last.get((list_id, depth), first), form))
        return f"{written} " if written[-1:].isalnum() else written

    def _place(self, paragraph: Any) -> tuple[str, int] | None:
        style = paragraph.find(f"{_W}pPr/{_W}pStyle")
        holders = [paragraph]
        named = self._styles.get(style.get(f"{_W}val")) if style is not None else None
        while named is not None and len(holders) < 10:
            holders.append(named.element)
            named = getattr(named, "base_style", None)
        for holder in holders:
            numbering = holder.find(f"{_W}pPr/{_W}numPr")
            if numbering is not None and numbering.find(f"{_W}numId") is not None:
                level = numbering.find(f"{_W}ilvl")
                depth = int(level.get(f"{_W}val")) if level is not None else 0
                return str(numbering.find(f"{_W}numId").get(f"{_W}val")), depth
        return None


def _levels(document: Document) -> dict[tuple[str, int], tuple[str, str, int]]:
    """Return (list, level) → (number format, text with %1 …, first number); bullets are left out."""
    try:
        root = document.part.numbering_part.element
    except (KeyError, NotImplementedError):
        return {}
    abstract = {one.get(f"{_W}abstractNumId"): one for one in root.findall(f"{_W}abstractNum")}
    out: dict[tuple[str, int], tuple[str, str, int]] = {}
    for number in root.findall(f"{_W}num"):
        link = number.find(f"{_W}abstractNumId")
        found = abstract.get(link.get(f"{_W}val")) if link is not None else None
        for level in found.findall(f"{_W}lvl") if found is not None else ():
            form, text, first = (_value(level, name) for name in ("numFmt", "lvlText", "start"))
            if text and form not in (None, "bullet", "none"):
                key = (str(number.get(f"{_W}numId")), int(level.get(f"{_W}ilvl")))
                out[key] = (str(form), text, int(first) if first else 1)
    return out


def _value(level: Any, name: str) -> str | None:
    found = level.find(f"{_W}{name}")
    return None if found is None else found.get(f"{_W}val")


def _written(number: int, form: str) -> str:
    if "hinese" in form or "japanese" in form.lower() or form == "ideographDigital":
        return in_han(number)
    if form == "decimalEnclosedCircle" and 1 <= number <= 20:
        return chr(ord("①") + number - 1)
    return str(number)

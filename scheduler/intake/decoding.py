"""From bytes to text: UTF-8 with or without BOM, UTF-16, GB18030 with its subsets GBK and GB2312, declared or not."""

from __future__ import annotations

import re
from pathlib import Path

from scheduler.intake.errors import BadSource

# Longer marks first: the UTF-32 mark begins like that of UTF-16.
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_DECLARED = re.compile(rb"""(?:charset|encoding) ?= ?["']?([A-Za-z0-9_-]{2,20})""", re.IGNORECASE)
DECLARED_REACH = 4096  # bytes in which a page declares its encoding
_SUPERSET = {"gb2312": "gb18030", "gbk": "gb18030", "hz-gb-2312": "gb18030"}
_GUESSED = ["gb18030", "utf_16_le", "utf_16_be"]
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ue000-\uf8ff\ufffe\uffff]")
_EXPECTED = re.compile(r"[\t\n\r -~\u3000-\u303f\u4e00-\u9fff\uff00-\uffef“”‘’…—·〔〕]")
LEAST_EXPECTED = 0.7  # share of Chinese and ASCII characters below which a guessed encoding is wrong
MOST_CONTROL = 0.01  # share of control and private characters above which bytes are no text


def decode(data: bytes, path: Path) -> str:
    """Return the text in `data`, line breaks as `\\n`, without a byte order mark.

    Raises:
        BadSource: `data` is empty, or no text in a known encoding.
    """
    if not data.strip():
        raise BadSource(path, "the file is empty; it should hold the text of a notice")
    text = _decoded(data)
    if text is None or len(_CONTROL.findall(text)) > MOST_CONTROL * len(text):
        raise BadSource(path, "it is no text in UTF-8, UTF-16 or GB18030; give .txt, .html, .docx, .pdf or .json")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise BadSource(path, "the file is empty; it should hold the text of a notice")
    return text


def _decoded(data: bytes) -> str | None:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strict(data[len(mark) :], encoding)
    # Bytes of another encoding are hardly ever valid UTF-8, whatever a page declares.
    text = _strict(data, "utf-8")
    if text is not None and "\x00" not in text:
        return text
    declared = _DECLARED.search(data, 0, DECLARED_REACH)
    if declared:
        name = declared[1].decode("ascii").lower()
        text = _strict(data, _SUPERSET.get(name, name))
        if text is not None:
            return text
    return _guessed(data)


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (LookupError, UnicodeDecodeError):
        return None


def _guessed(data: bytes) -> str | None:
    """Return the reading that looks most like Chinese; a short text alone does not tell GB18030 from UTF-16."""
    from charset_normalizer import from_bytes

    readings = [_strict(data, match.encoding) for match in from_bytes(data, cp_isolation=_GUESSED)]
    best = max((text for text in readings if text), key=_share_expected, default=None)
    return best if best and _share_expected(best) >= LEAST_EXPECTED else None


def _share_expected(text: str) -> float:
    return len(_EXPECTED.findall(text)) / len(text)

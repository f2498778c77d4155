"""From a path to notices: which format it is, and which id each notice gets."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from obligations.notice import Notice
from scheduler.intake.decoding import decode
from scheduler.intake.errors import BadSource
from scheduler.intake.listing import split_listing

SUFFIXES = frozenset({".txt", ".html", ".htm", ".docx", ".pdf", ".json"})
FORMS = "a listing page, .txt, .html, .docx, .pdf or .json file"
LARGEST = 64_000_000  # bytes
ID_DIGITS = 12
_OLD_WORD = b"\xd0\xcf\x11\xe0"


def read_notices(*paths: Path | str, progress: Callable[[int, int], object] = lambda _done, _of: None) -> list[Notice]:
    """Return the notices in files and folders, in the order of `paths` and, in a folder, of file names.

    A notice without an id gets the first 12 hexadecimal digits of the SHA-256 of its text. A second copy of a text
    in the same run names the first in `duplicate_of`; where it has no id of its own it gets that of the first with
    `-2`, `-3`, …. `progress` is told how many files of a folder are read, and of how many.

    Raises:
        BadSource: a path does not exist or does not hold notices in a known form.
    """
    return _identified([pair for path in paths for pair in _read_path(Path(path), progress)])


def _read_path(path: Path, progress: Callable[[int, int], object]) -> list[tuple[Path, Notice]]:
    if not path.is_dir():
        return [(path, notice) for notice in _read_file(path)]
    files = sorted(one for one in path.rglob("*") if one.suffix.lower() in SUFFIXES and one.is_file())
    visible = [one for one in files if not any(part.startswith(".") for part in one.relative_to(path).parts)]
    if not visible:
        raise BadSource(path, f"the folder holds no notices; it needs at least one {FORMS}")
    found = []
    for number, one in enumerate(visible):
        progress(number, len(visible))
        found += [(one, notice) for notice in _read_file(one)]
    return found


def _read_file(path: Path) -> list[Notice]:
    data = _bytes(path)
    kind = _kind(path, data)
    if kind == ".pdf":
        from scheduler.intake.pdf import read_pdf

        return [Notice(id="", text=read_pdf(data, path))]
    if kind == ".docx":
        from scheduler.intake.word import read_word

        return [Notice(id="", text=read_word(data, path))]
    text = decode(data, path)
    if kind == ".json":
        from scheduler.intake.records import read_records

        return read_records(text, path)
    if kind == ".html":
        from scheduler.intake.web_page import read_web_page

        page = read_web_page(text, path)
        return [Notice(id="", text=page.text, title=page.title, published_on=page.published_on)]
    return _plain(text)


def _plain(text: str) -> list[Notice]:
    from scheduler.intake.lines import is_hard_wrapped, rejoin

    blocks = split_listing(text)
    if blocks is not None:
        return [Notice(id="", text=words, label=label) for label, words in blocks]
    lines = text.split("\n")
    return [Notice(id="", text=rejoin(lines) if is_hard_wrapped(lines) else text.strip())]


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST:
            raise BadSource(path, f"the file is larger than {LARGEST:,} bytes; give the notices alone")
        return path.read_bytes()
    except FileNotFoundError:
        raise BadSource(path, f"there is no such file or folder; give {FORMS}, or a folder of them") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise BadSource(path, f"the file cannot be opened ({reason}); give {FORMS}") from None


def _kind(path: Path, data: bytes) -> str:
    """Return the format by what the file begins with, and by its name where that says nothing."""
    if data.startswith(b"%PDF-"):
        return ".pdf"
    if data.startswith(b"PK\x03\x04"):
        return ".docx"
    if data.startswith(_OLD_WORD):
        raise BadSource(path, "it is a Word file of the old form .doc; save it as .docx")
    suffix = path.suffix.lower()
    if suffix == ".htm":
        return ".html"
    if suffix in SUFFIXES:
        return suffix
    return ".txt"


def _identified(found: list[tuple[Path, Notice]]) -> list[Notice]:
    first: dict[str, str] = {}  # text → id of its first copy
    texts: dict[str, str] = {}  # id → text
    copies: dict[str, int] = {}  # id → how often its text was met
    out: list[Notice] = []
    for path, notice in found:
        original = first.get(notice.text)
        own = notice.id or original or hashlib.sha256(notice.text.encode()).hexdigest()[:ID_DIGITS]
        if texts.get(own) == notice.text:
            copies[own] = copies.get(own, 1) + 1
            own = f"{own}-{copies[own]}"
        if own in texts:
            raise BadSource(path, f"the id {own!r} names two different texts; give each notice an id of its own")
        texts[own] = notice.text
        first.setdefault(notice.text, own)
        out.append(replace(notice, id=own, duplicate_of=original))
    return out

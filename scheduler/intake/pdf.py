"""PDF files with a text layer; a scanned page has none and is refused."""

from __future__ import annotations

import logging
from io import BytesIO
from pathlib import Path

from scheduler.intake.errors import BadSource
from scheduler.intake.lines import rejoin, without_gaps, without_page_numbers

_NO_TEXT = "the PDF has no text layer (a scan?); give a PDF with text, or the notice as .docx, .html or .txt"


def read_pdf(data: bytes, path: Path) -> str:
    """Return the text of all pages: paragraphs rejoined across lines and pages, page numbers left out.

    Raises:
        BadSource: `data` is no PDF, is locked by a password, or has no text layer.
    """
    lines: list[str] = []
    for page in _pages(data, path):
        lines.extend(without_page_numbers([without_gaps(line) for line in page.split("\n")]))
    text = rejoin(lines)
    if not text:
        raise BadSource(path, _NO_TEXT)
    return text


def _pages(data: bytes, path: Path) -> list[str]:
    import pypdf

    logging.getLogger("pypdf").setLevel(logging.ERROR)  # its remarks on odd files are not for our users
    try:
        reader = pypdf.PdfReader(BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise BadSource(path, "the PDF is locked by a password; give an unlocked copy")
        return [page.extract_text() for page in reader.pages]
    except BadSource:
        raise
    except Exception as error:  # a damaged file makes pypdf fail in many ways
        raise BadSource(path, "the PDF is damaged; save or download it again") from error

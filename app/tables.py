"""Tables for a terminal: every row on a line where it fits, Chinese text aligned."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

WIDEST = 180  # columns; a table that goes into a file or a pipe has no terminal to fit


def print_table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, whole: Sequence[str] = ()) -> None:
    """Print `rows` under `headings`; the columns named in `whole` are never broken into lines."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(heading, no_wrap=heading in whole, overflow="fold")
    for row in rows:
        table.add_row(*row)
    console = Console() if sys.stdout.isatty() else Console(width=WIDEST)
    console.print(table, markup=False, highlight=False)

"""The command line `duban`: registers the commands, and turns declared errors into one sentence."""

from __future__ import annotations

import sys
from functools import cache
from typing import Any, NoReturn

import typer

from app.commands import (
    calendar,
    chain,
    conventions,
    deliveries,
    demo,
    derive,
    due,
    event,
    feeds,
    ingest,
    occurrences,
    proof,
    reminders,
    review,
    score,
    serve,
    simulate,
    subscriptions,
    units,
)
from obligations.errors import DomainError
from store.errors import StoreError

cli = typer.Typer(
    name="duban",
    help="督办: duties and dates from Chinese government notices.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for module in (
    derive,
    due,
    calendar,
    chain,
    conventions,
    ingest,
    review,
    units,
    subscriptions,
    feeds,
    event,
    occurrences,
    reminders,
    deliveries,
    proof,
    simulate,
    serve,
    demo,
    score,
):
    module.register(cli)


@cache
def _command() -> Any:
    """Return what is called: made once for whoever calls it often in one process."""
    return typer.main.get_command(cli)


def main() -> None:
    """Run `duban`; a declared error, or a command line that cannot be read, prints one sentence and exits with 2."""
    try:
        status = _command()(standalone_mode=False)
        sys.exit(status if isinstance(status, int) else 0)  # a command's own result is not a status
    except typer.Abort:
        sys.exit(130)
    except (DomainError, StoreError) as error:
        _complain(str(error))
    except typer.TyperException as error:
        _complain(error.format_message())


def _complain(sentence: str) -> NoReturn:
    if sentence:  # a bare `duban` has printed its help already
        print("duban:", " ".join(sentence.split()), file=sys.stderr)  # noqa: T201 - speaks for all commands
    sys.exit(2)


if __name__ == "__main__":
    main()

"""The command line `duban`: registers the commands, and turns declared errors into one sentence."""

from __future__ import annotations

import sys

import typer

from app.commands import (
    calendar,
    deliveries,
    demo,
    derive,
    due,
    event,
    feeds,
    ingest,
    occurrences,
    review,
    score,
    serve,
    simulate,
    subscribe,
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
    ingest,
    units,
    subscribe,
    feeds,
    event,
    occurrences,
    review,
    simulate,
    serve,
    demo,
    score,
    deliveries,
    demo,
):
    module.register(cli)


def main() -> None:
    """Run `duban`; a declared error prints one sentence on stderr and exits with status 2."""
    try:
        cli()
    except (DomainError, StoreError) as error:
        print(f"duban: {error}", file=sys.stderr)  # noqa: T201 - the one place that speaks for all commands
        sys.exit(2)


if __name__ == "__main__":
    main()

"""`duban ingest`: from files to stored obligations and occurrences."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app import options
from app.options import AsJson, DataDir
from obligations.errors import BadDirectory

if TYPE_CHECKING:
    from app.wiring import Services
    from obligations.notice import Notice
    from scheduler.ingest import Ingested
    from store.database import Session


def register(cli: typer.Typer) -> None:
    """Add this module's commands to `cli`."""
    cli.command("ingest")(ingest)


def ingest(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH…", help="Listing pages, .txt, .html, .docx, .pdf, .json, or folders.")
    ],
    *,
    published_on: Annotated[
        str | None, typer.Option(metavar="DAY", help="Publication date of the notices that come without one.")
    ] = None,
    review: Annotated[str, typer.Option(metavar="doubtful|all", help="What waits for a person.")] = "doubtful",
    units: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Put this directory of units in force first.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would happen; keep nothing.")] = False,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Store notices, derive their duties, activate what has no blocking doubt, and date them 13 months ahead."""
    from app import wiring
    from app.progress import showing
    from scheduler.intake import read_notices

    hold_all = options.one_of("--review", review, ("doubtful", "all")) == "all"
    published = options.day("--published-on", published_on)
    with showing() as progress:
        found = [
            notice if notice.published_on or not published else replace(notice, published_on=published)
            for notice in read_notices(*paths, progress=progress)
        ]
    directory = directory_file(units) if units else None
    services = wiring.build(data=data)
    done, created = _ingest(services, found, directory, hold_all=hold_all, dry_run=dry_run)
    if as_json:
        typer.echo(json.dumps(_as_json(done, created), ensure_ascii=False, indent=2))
    else:
        _show(found, done, created, dry_run=dry_run)


def _ingest(
    services: Services, found: Sequence[Notice], directory: dict[str, Any] | None, *, hold_all: bool, dry_run: bool
) -> tuple[list[Ingested], int]:
    """Return what became of each notice, and how many occurrences there are more; a transaction for each notice."""
    from app.progress import showing
    from scheduler.ingest import ingest_notice

    created = 0
    done: list[Ingested] = []
    with _transactions(services, dry_run=dry_run) as transaction, showing() as progress:
        with transaction() as session:
            if directory is not None:
                created += put_in_force(session, services, directory)
            desk = services.desk(session, hold_all=hold_all)
        for notice in found:
            progress(len(done), len(found))
            with transaction() as session:
                done.append(ingest_notice(session, notice, desk))
                created += done[-1].expansion.created
    return done, created


@contextmanager
def _transactions(services: Services, *, dry_run: bool) -> Iterator[Any]:
    """Yield what opens a transaction: a new one each time, or always the same one, which keeps nothing."""
    if not dry_run:
        yield services.store.writing
        return
    with services.store.rehearsing() as session:

        @contextmanager
        def same() -> Iterator[Session]:
            yield session

        yield same


def put_in_force(session: Session, services: Services, directory: dict[str, Any]) -> int:
    """Put a directory of units in force and find out again whom every duty means; return how many occurrences came."""
    from app.progress import showing
    from scheduler.ingest import assign_anew
    from store.units import put_directory

    put_directory(session, directory, now=services.clock.now())
    with showing() as progress:
        return assign_anew(session, services.desk(session), progress=progress).created


def directory_file(path: Path) -> dict[str, Any]:
    """Return the decoded directory file at `path`, checked before anything is written."""
    from obligations.units import load_directory

    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadDirectory(
            f"--units must name a UTF-8 JSON file with a directory of units, got {str(path)!r} "
            f"({type(error).__name__}: {error})"
        ) from None
    load_directory(data)
    assert isinstance(data, dict), "load_directory refuses anything else"
    return data


def _as_json(done: Sequence[Ingested], created: int) -> dict[str, Any]:
    return {
        "notices": [
            {
                "id": one.id,
                "new": one.new,
                "duplicate_of": one.duplicate_of,
                "obligations": one.obligations,
                "activated": one.activated,
                "waiting": one.waiting,
            }
            for one in done
        ],
        "occurrences": created,
    }


def _show(found: Sequence[Notice], done: Sequence[Ingested], created: int, *, dry_run: bool) -> None:
    from app.tables import print_table

    rows = []
    for notice, one in zip(found, done, strict=True):
        fate = f"与 {one.duplicate_of} 相同" if one.duplicate_of else ("新" if one.new else "已有")
        counts = ("", "", "") if one.duplicate_of else (str(one.obligations), str(one.activated), str(one.waiting))
        head = notice.title or " ".join(notice.text[:60].split())
        rows.append((one.id, fate, *counts, notice.label or "", head[:40]))
    print_table(("编号", "收录", "条目", "生效", "待审", "列表标签", "标题或开头"), rows, whole=("编号", "收录"))
    distinct = len({one.duplicate_of or one.id for one in done})
    typer.echo(f"{'试算（未保存）：' if dry_run else ''}{distinct} 件不同的通知，新增事项 {created} 项。")
    if any(one.waiting for one in done):
        typer.echo("待审条目用 duban review list 查看。")

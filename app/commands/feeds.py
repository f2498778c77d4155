"""`duban feed-url` and `duban feeds`: calendar addresses, and what becomes of them."""

from __future__ import annotations

import json
from io import StringIO
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.options import AsJson, DataDir
from obligations.errors import BadQuestion

if TYPE_CHECKING:
    from store.feed_items import Scope
    from store.rows import FeedRow

_feeds = typer.Typer(help="Calendar addresses: list (also without a word), replace, withdraw, change.")
Address = Annotated[str, typer.Argument(metavar="FEED", help="Its id; `duban feeds list` prints them.")]
Label = Annotated[str | None, typer.Option(metavar="TEXT", help="Whose calendar it is, for your own record.")]
Qr = Annotated[bool, typer.Option("--qr", help="Also draw the address as a QR code for a phone.")]
Done = Annotated[bool | None, typer.Option("--done/--no-done", help="Show what is done, for 60 days.")]
Alarms = Annotated[bool | None, typer.Option("--alarms/--no-alarms", help="Ring on working mornings.")]
Written = Annotated[bool | None, typer.Option("--written/--no-written", help="A second entry on the written date.")]
Gzip = Annotated[bool | None, typer.Option("--gzip/--no-gzip", help="Compress for readers that ask for it.")]


def register(cli: typer.Typer) -> None:
    """Add this module's commands to `cli`."""
    cli.command("feed-url")(feed_url)
    cli.add_typer(_feeds, name="feeds")


def feed_url(
    unit: Annotated[
        list[str] | None,
        typer.Argument(metavar="UNIT…", help="Code of the unit, or of several for one person; `duban units` lists."),
    ] = None,
    *,
    notice: Annotated[
        str | None, typer.Option(metavar="NOTICE", help="Instead: all that follows from a notice.")
    ] = None,
    regulator: Annotated[
        str | None, typer.Option(metavar="NAME", help="Instead: all that is filed with a regulator, by its name.")
    ] = None,
    objection: Annotated[
        str | None, typer.Option(metavar="OBLIGATION", help="Instead: a right of residents, such as an objection.")
    ] = None,
    label: Label = None,
    done: Done = None,
    alarms: Alarms = None,
    written: Written = None,
    gzip: Gzip = None,
    qr: Qr = False,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Make a new secret calendar address. It is printed once and cannot be shown again."""
    from app import wiring
    from store import feeds

    scope = _scope(unit or [], notice, regulator, objection)
    choices = feeds.Choices(**_chosen(done=done, alarms=alarms, written=written, gzip=gzip))
    services = wiring.build(data=data)
    _check_qr(services.settings.public_url, qr)
    with services.store.writing() as session:
        secret = feeds.create_feed(session, scope, now=services.clock.now(), label=label, choices=choices)
    _tell(secret, {scope.kind.value: scope.target}, services.settings.public_url, qr=qr, as_json=as_json)


@_feeds.callback(invoke_without_command=True)
def overview(context: typer.Context) -> None:
    """List the addresses where nothing else is asked for."""
    if context.invoked_subcommand is None:
        list_feeds()


@_feeds.command("list")
def list_feeds(*, data: DataDir = None, as_json: AsJson = False) -> None:
    """List the calendar addresses: whose, what for, and which program last read them when."""
    from app import wiring
    from store import feeds

    services = wiring.build(data=data)
    with services.store.reading() as session:
        rows = [_row(row) for row in feeds.list_feeds(session)]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        typer.echo(f"{row['id']}  {row['name']}  {row['label'] or ''}  [{row['state']}]")
        seen = f"最近读取 {row['fetched_at']}" if row["fetched_at"] else "还没有人读取"
        typer.echo(f"    {seen}  {row['client'] or ''}  通常 {row['interval']}。{row['hint']}")


@_feeds.command()
def rotate(feed: Address, *, qr: Qr = False, data: DataDir = None, as_json: AsJson = False) -> None:
    """Replace an address; the old one says so for 14 days and is gone then. Label and choices stay."""
    from app import wiring
    from store import feeds

    services = wiring.build(data=data)
    _check_qr(services.settings.public_url, qr)
    with services.store.writing() as session:
        secret = feeds.rotate_feed(session, feed, now=services.clock.now())
    _tell(secret, {"replaces": feed}, services.settings.public_url, qr=qr, as_json=as_json)


@_feeds.command()
def revoke(feed: Address, *, data: DataDir = None) -> None:
    """Withdraw an address: from now on it answers 410."""
    from app import wiring
    from store import feeds

    services = wiring.build(data=data)
    with services.store.writing() as session:
        feeds.revoke_feed(session, feed, now=services.clock.now())
    typer.echo(f"日历地址 {feed} 已作废。")


@_feeds.command("set")
def set_choices(
    feed: Address,
    *,
    label: Label = None,
    done: Done = None,
    alarms: Alarms = None,
    written: Written = None,
    gzip: Gzip = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Change what an address shows; readers see it at their next fetch."""
    from app import wiring
    from store import feeds

    services = wiring.build(data=data)
    values = _chosen(done=done, alarms=alarms, written=written, gzip=gzip)
    with services.store.writing() as session:
        row = _row(feeds.choose(session, feed, values, label=label))
    typer.echo(json.dumps(row, ensure_ascii=False, indent=2) if as_json else f"日历地址 {feed} 的设置已更改。")


def _scope(codes: list[str], notice: str | None, regulator: str | None, objection: str | None) -> Scope:
    from store.feed_items import BETWEEN_UNITS, Scope
    from store.states import FeedScope

    asked = [
        (FeedScope.PERSON if len(codes) > 1 else FeedScope.UNIT, BETWEEN_UNITS.join(codes)),
        (FeedScope.NOTICE, notice),
        (FeedScope.REGULATOR, regulator),
        (FeedScope.OBJECTION, objection),
    ]
    given = [Scope(kind, target) for kind, target in asked if target]
    if len(given) != 1:
        raise BadQuestion(
            "an address is for units, or --notice, or --regulator, or --objection: exactly one of them, "
            f"got {', '.join(one.kind for one in given) or 'none'}"
        )
    return given[0]


def _chosen(**values: bool | None) -> dict[str, bool]:
    return {name: value for name, value in values.items() if value is not None}


def _row(row: FeedRow) -> dict[str, Any]:
    from app.calendar_clients import client_of

    known = client_of(row.client)
    state = "revoked" if row.revoked_at else "replaced" if row.replaced_at else "active"
    names = ("id", "scope", "target", "name", "label", "done", "alarms", "written", "gzip")
    return {
        **{name: getattr(row, name) for name in names},
        "state": state,
        "created_at": row.created_at.isoformat(timespec="seconds"),
        "fetched_at": row.fetched_at and row.fetched_at.isoformat(timespec="seconds"),
        "client": known.name if row.client else None,
        "interval": known.interval,
        "hint": known.hint,
    }


def _check_qr(public_url: str | None, qr: bool) -> None:
    if qr and not public_url:
        raise BadQuestion("a QR code holds the address that phones reach: set DUBAN_PUBLIC_URL, or leave out --qr")


def _tell(secret: str, about: dict[str, str], base_url: str | None, *, qr: bool, as_json: bool) -> None:
    path = f"/feeds/{secret}.ics"
    if as_json:
        typer.echo(json.dumps({**about, "path": path}, ensure_ascii=False, indent=2))
        return
    typer.echo(f"日历订阅地址（只显示这一次）：{base_url or ''}{path}")
    typer.echo("待办清单（部分日历程序支持）：同一地址后加 ?kind=todo")
    if not qr:
        return
    import segno

    drawn = StringIO()
    segno.make(f"{base_url}{path}").terminal(drawn, compact=True)
    typer.echo(drawn.getvalue())

"""`duban demo`: the service at work on sample notices; what `make run` starts."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from app.demo import Addresses


def register(cli: typer.Typer) -> None:
    """Add this module's commands to `cli`."""
    cli.command("demo")(demo)


def demo(
    *,
    port: Annotated[int, typer.Option(metavar="N", min=0, max=65535, help="Port; 0 takes any free one.")] = 8765,
    data: Annotated[
        Path | None, typer.Option("--data", metavar="DIR", help="Keep the demonstration here; a temporary folder else.")
    ] = None,
) -> None:
    """Show the service at work: sample notices, a clock of its own, an e-mail and a webhook within a minute."""
    from app import logs
    from app.demo import run

    logs.configure(as_json=False)
    with nullcontext(data) if data else TemporaryDirectory(prefix="duban-demo-") as folder:
        run(Path(folder), port, _announce)


def _announce(addresses: Addresses) -> None:
    typer.echo(f"看板        {addresses.pages}")
    typer.echo(f"演示收件箱  {addresses.inbox}   （约半分钟内收到一封邮件和一个 Webhook）")
    typer.echo(f"日历订阅    {addresses.feed}")
    typer.echo("演示时钟从 2026-09-24 08:59:40 走起，不是真实时间；数据都在本机，按 Ctrl-C 结束。")

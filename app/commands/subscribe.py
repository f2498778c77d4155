"""`duban subscribe`: a channel by which a unit is reminded."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from app import options
from app.options import AsJson, DataDir

if TYPE_CHECKING:
    from store.subscriptions import Channel


def register(cli: typer.Typer) -> None:
    """Add this module's commands to `cli`."""
    cli.command("subscribe")(subscribe)


def subscribe(
    unit: Annotated[str, typer.Argument(metavar="UNIT", help="Code of the unit; `duban units` lists them.")],
    *,
    email: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Remind by e-mail.")] = None,
    webhook: Annotated[str | None, typer.Option(metavar="URL", help="Remind by a signed webhook.")] = None,
    role: Annotated[
        str, typer.Option(metavar="handler|head|regulator", help="Whom the channel speaks to.")
    ] = "handler",
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Add a channel for a unit. A webhook's signing secret is printed once and cannot be shown again."""
    from app import wiring
    from obligations.errors import BadQuestion
    from store import subscriptions
    from store.rows import Role

    if (email is None) == (webhook is None):
        raise BadQuestion("name one channel, either --email ADDRESS or --webhook URL")
    speaks_to = options.one_of("--role", role, tuple(Role))
    channel = _checked(email, webhook)
    services = wiring.build(data=data)
    with services.store.writing() as session:
        row = subscriptions.add(
            session, channel, unit_code=unit, role=Role(speaks_to), vault=services.vault, now=services.clock.now()
        )
    shown = {"id": row.id, "unit": unit, "channel": row.kind, "role": row.role}
    shown |= {"secret": channel.secret} if channel.secret else {}
    if as_json:
        typer.echo(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    typer.echo(f"已登记：{unit} {row.kind}（{row.role}），编号 {row.id}")
    if channel.secret:
        typer.echo(f"签名密钥（只显示这一次）：{channel.secret}")


def _checked(email: str | None, webhook: str | None) -> Channel:
    """Return the channel of a mailbox or an HTTP address that a message can be sent to."""
    from notifiers.email import parse_mailbox
    from notifiers.webhook import new_secret, parse_url
    from store.states import ChannelKind
    from store.subscriptions import Channel

    if email is not None:
        parse_mailbox(email)
        return Channel(ChannelKind.EMAIL, email.strip())
    assert webhook is not None
    parse_url(webhook)
    return Channel(ChannelKind.WEBHOOK, webhook, new_secret())

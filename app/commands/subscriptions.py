"""`duban subscribe`, `unsubscribe`, `subscriptions` and `rotate-secret`: who is reminded of which unit, and how."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app import options
from app.options import AsJson, DataDir

if TYPE_CHECKING:
    from app.wiring import Services
    from store.recipients import Address
    from store.subscriptions import Subscribed

OVERLAP_HOURS = 24

Zone = Annotated[
    str | None,
    typer.Option(metavar="ZONE", help="The recipient's own time zone, as Asia/Urumqi; '' for the service's."),
]
Quiet = Annotated[
    str | None, typer.Option(metavar="HH:MM-HH:MM", help="Hours in which the recipient is left alone; '' for none.")
]


def register(cli: typer.Typer) -> None:
    """Add this module's commands to `cli`."""
    cli.command("subscribe")(subscribe)
    cli.command("subscriptions")(subscriptions)
    cli.command("unsubscribe")(unsubscribe)
    cli.command("rotate-secret")(rotate_secret)


def subscribe(
    unit: Annotated[str, typer.Argument(metavar="UNIT", help="Code of the unit; `duban units` lists them.")],
    *,
    email: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Remind by e-mail.")] = None,
    webhook: Annotated[str | None, typer.Option(metavar="URL", help="Remind by a signed webhook.")] = None,
    role: Annotated[
        str, typer.Option(metavar="handler|head|regulator", help="Whom the channel speaks to.")
    ] = "handler",
    zone: Zone = None,
    quiet: Quiet = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Add a channel for a unit. A new webhook's signing secret is printed once and cannot be shown again.

    An address that hears of several units gets one message about all of them; its zone and quiet
    hours hold for all.
    """
    from app import wiring
    from app.settings import read_policies
    from notifiers.webhook import new_secret
    from obligations.errors import BadQuestion
    from obligations.timetable import check_contact_hours
    from store import recipients
    from store import subscriptions as store
    from store.rows import Role

    if (email is None) == (webhook is None):
        raise BadQuestion("name one channel, either --email ADDRESS or --webhook URL")
    hears = Role(options.one_of("--role", role, tuple(Role)))
    address = _checked(email, webhook)
    services = wiring.build(data=data)
    vault, now = services.vault, services.clock.now()
    check_contact_hours(zone, quiet, read_policies(services.settings).hours)
    secret = new_secret()
    with services.store.writing() as session:
        is_new = recipients.find(session, address, vault=vault) is None
        one = store.add(session, address, unit_code=unit, role=hears, vault=vault, now=now, secret=secret)
        recipients.set_contact_hours(session, one.recipient, zone=zone, quiet=quiet)
    _tell(one, secret if is_new else None, as_json=as_json)


def _tell(one: Subscribed, secret: str | None, *, as_json: bool) -> None:
    unit, kind, role = one.subscription.unit_code, one.recipient.kind, one.subscription.role
    if as_json:
        shown: dict[str, str | None] = {"id": one.subscription.id, "unit": unit, "channel": kind, "role": role}
        shown |= {"secret": secret} if one.recipient.secret else {}
        typer.echo(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    typer.echo(f"已登记：{unit} {kind}（{role}），编号 {one.subscription.id}")
    if one.recipient.secret and secret:
        typer.echo(f"签名密钥（只显示这一次）：{secret}")
    elif one.recipient.secret:
        typer.echo("这个地址沿用已有的签名密钥；要换新的，用 duban rotate-secret。")


def subscriptions(
    unit: Annotated[str | None, typer.Argument(metavar="UNIT", help="Only of one unit, by its code.")] = None,
    *,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """List who is reminded of what, by unit, and whether the channel works."""
    from app import wiring
    from app.tables import print_table
    from store import subscriptions as store
    from store import units

    services = wiring.build(data=data)
    with services.store.reading() as session:
        if unit is not None:
            units.get(session, unit)
        found = [one for one in store.current(session) if unit in (None, one.subscription.unit_code)]
    shown = [_as_json(one, services) for one in found]
    if as_json:
        typer.echo(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    print_table(
        ("编号", "单位", "角色", "渠道", "收件人", "状态", "时区与免扰时段"),
        [
            (
                one["id"],
                one["unit"],
                one["role"],
                one["channel"],
                one["recipient"],
                " ".join(filter(None, ["可用" if one["state"] == "active" else "不可用", one["trouble"]])),
                " ".join(filter(None, [one["zone"], one["quiet"]])),
            )
            for one in shown
        ],
        whole=("编号", "单位"),
    )


def unsubscribe(
    subscription: Annotated[str, typer.Argument(metavar="SUBSCRIPTION", help="Its id.")],
    *,
    data: DataDir = None,
) -> None:
    """End a subscription; what waits to be sent by it is dropped."""
    from app import wiring
    from store import subscriptions as store

    services = wiring.build(data=data)
    with services.store.writing() as session:
        one = store.end(session, subscription, now=services.clock.now())
        left = [other for other in store.of_unit(session, one.subscription.unit_code) if other.works]
    typer.echo(f"已停止：{subscription}（{one.subscription.unit_code}）")
    if not left:
        typer.echo("这个单位已没有可用的渠道，到期的提醒没有人会收到。")


def rotate_secret(
    subscription: Annotated[str, typer.Argument(metavar="SUBSCRIPTION", help="Its id; that of a webhook.")],
    *,
    keep: Annotated[
        int, typer.Option("--keep", metavar="HOURS", min=0, max=720, help="For how long the former secret signs too.")
    ] = OVERLAP_HOURS,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Sign with a new secret, printed once. The former one signs beside it for a day, so that nothing is missed."""
    from app import wiring
    from notifiers.webhook import new_secret
    from store import recipients
    from store import subscriptions as store

    services = wiring.build(data=data)
    secret = new_secret()
    until = services.clock.now() + timedelta(hours=keep)
    with services.store.writing() as session:
        recipient = store.get(session, subscription).recipient
        recipients.replace_secret(session, recipient, secret, vault=services.vault, until=until if keep else None)
    last = until.astimezone(services.settings.zone).isoformat(timespec="seconds") if keep else None
    if as_json:
        shown = {"id": subscription, "secret": secret, "former_until": last}
        typer.echo(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    typer.echo(f"新的签名密钥（只显示这一次）：{secret}")
    typer.echo(f"原密钥同时有效到 {last}" if last else "原密钥已经失效")


def _checked(email: str | None, webhook: str | None) -> Address:
    """Return the mailbox or the HTTP address that a message can be sent to."""
    from notifiers.email import parse_mailbox
    from notifiers.webhook import parse_url
    from store.recipients import Address
    from store.states import ChannelKind

    if email is not None:
        parse_mailbox(email)
        return Address(ChannelKind.EMAIL, email.strip())
    assert webhook is not None
    parse_url(webhook)
    return Address(ChannelKind.WEBHOOK, webhook)


def _as_json(one: Subscribed, services: Services) -> dict[str, Any]:
    from app.commands.deliveries import recipient_of

    recipient = one.recipient
    return {
        "id": one.subscription.id,
        "unit": one.subscription.unit_code,
        "role": one.subscription.role,
        "channel": recipient.kind,
        "recipient": recipient_of(recipient.kind, recipient.address, services),
        "state": recipient.state,
        "trouble": recipient.trouble,
        "zone": recipient.zone,
        "quiet": recipient.quiet,
    }

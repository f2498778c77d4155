"""`duban simulate`: what would be sent, without sending it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app import options
from app.commands.deliveries import recipient_of
from app.options import AsJson, DataDir
from obligations.errors import BadQuestion

if TYPE_CHECKING:
    from datetime import date, datetime

    from app.wiring import Services
    from scheduler.simulation import Failing, Rehearsal, Stretch
    from store.rehearsal import Rehearsed

_TO = ".."


def register(cli: typer.Typer) -> None:
    """Add this module's commands to `cli`."""
    cli.command("simulate")(simulate)


def simulate(
    *,
    from_: Annotated[str, typer.Option("--from", metavar="DAY", help="First day; every notice counts as known then.")],
    until: Annotated[str, typer.Option("--until", metavar="DAY", help="Last day, included.")],
    failing: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CHANNEL=FROM..UNTIL",
            help="Nothing reaches email, webhook or one address then: days, both included, or instants. Repeatable.",
        ),
    ] = None,
    down: Annotated[
        list[str] | None,
        typer.Option(metavar="FROM..UNTIL", help="The service does not run then: days or instants. Repeatable."),
    ] = None,
    closed_in_time: Annotated[
        int, typer.Option(metavar="PERCENT", help="How many duties are closed on their safe day.")
    ] = 0,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show what would be sent between two days: the real engine on a copy, with channels that only take note."""
    from app import wiring
    from app.progress import showing
    from app.settings import read_policies
    from scheduler import simulation

    if not 0 <= closed_in_time <= 100:
        raise BadQuestion(f"--closed-in-time must be a percentage from 0 to 100, got {closed_in_time}")
    services = wiring.build(data=data)
    whole = _days(from_, until, services)
    with showing() as progress:
        asked = simulation.Simulation(
            store=services.store,
            policies=read_policies(services.settings),
            vault=services.vault,
            zone=services.settings.zone,
            failing=[_failing(text, whole, services) for text in failing or ()],
            down=[_down(text, whole, services) for text in down or ()],
            closing=simulation.closed_in_time(closed_in_time) if closed_in_time else None,
            progress=progress,
        )
        shown = asked.run(whole)
    if as_json:
        _print_json(shown, services)
    else:
        _show(shown, services)


def _days(from_: str, until: str, services: Services) -> Stretch:
    from scheduler.simulation import Stretch

    first, last = options.day("--from", from_), options.day("--until", until)
    assert first is not None, "the option is required"
    assert last is not None, "the option is required"
    if last < first:
        raise BadQuestion(f"--until must not lie before --from, got {from_} to {until}")
    return Stretch.of_days(first, last, services.settings.zone)


def _failing(text: str, whole: Stretch, services: Services) -> Failing:
    """Return what `--failing` names and when; an address must be one that messages go to."""
    from scheduler.simulation import Failing
    from store.recipients import addresses
    from store.states import ChannelKind

    channel, _, span = text.rpartition("=")
    stretch = _stretch("--failing", "CHANNEL=FROM..UNTIL, as email=2026-09-25..2026-09-30", text, span, services)
    if channel not in list(ChannelKind):
        with services.store.reading() as session:
            known = channel in addresses(session, services.vault)
        if not known:
            raise BadQuestion(f"--failing must name email, webhook or the address of a subscription, got {text!r}")
    return Failing(channel, _within("--failing", stretch, whole, text))


def _down(text: str, whole: Stretch, services: Services) -> Stretch:
    """Return when the service is down; it must be back within the simulation, or nothing would tell what it missed."""
    form = "FROM..UNTIL, as 2026-09-28..2026-09-29"
    stretch = _within("--down", _stretch("--down", form, text, text, services), whole, text)
    if stretch.end == whole.end:
        raise BadQuestion(f"--down must end before the simulation does, so that catching up shows, got {text!r}")
    return stretch


def _stretch(option: str, form: str, text: str, span: str, services: Services) -> Stretch:
    """Return the stretch from the first to the last of two days, both included, or between two instants."""
    from scheduler.simulation import Stretch

    ends = span.split(_TO)
    if len(ends) != 2 or not all(ends):
        raise BadQuestion(f"{option} must be {form}, got {text!r}")
    zone = services.settings.zone
    first, last = (_ends(options.day_or_instant(option, end), zone) for end in ends)
    if first[0] >= last[1]:
        raise BadQuestion(f"{option} must not end before it begins, got {text!r}")
    return Stretch(first[0], last[1])


def _ends(moment: date | datetime | None, zone: Any) -> tuple[datetime, datetime]:
    """Return where a day begins and ends; an instant is both."""
    from datetime import UTC, datetime

    from scheduler.simulation import Stretch

    assert moment is not None, "both ends are given"
    if isinstance(moment, datetime):
        return moment.astimezone(UTC), moment.astimezone(UTC)
    day = Stretch.of_days(moment, moment, zone)
    return day.begin, day.end


def _within(option: str, stretch: Stretch, whole: Stretch, text: str) -> Stretch:
    if stretch.begin < whole.begin or stretch.end > whole.end:
        raise BadQuestion(f"{option} must lie between --from and --until, got {text!r}")
    return stretch


def _print_json(shown: Rehearsal, services: Services) -> None:
    """Print one document with one message a line: there may be very many."""
    parts = (
        ("messages", [_as_json(one, services) for one in shown.messages]),
        ("undelivered", [_not_delivered(one, services) for one in shown.undelivered]),
    )
    typer.echo("{" + ",\n".join(f'"{name}": [{_lines(found)}]' for name, found in parts) + "}")


def _lines(found: Iterable[dict[str, Any]]) -> str:
    return ",\n".join(json.dumps(one, ensure_ascii=False) for one in found)


def _as_json(one: Rehearsed, services: Services) -> dict[str, Any]:
    first = one.carries[0]
    return _heading(one, services) | {
        "step": first.step,
        "reason": first.reason,
        "occurrences": _occurrences(one),
    }


def _not_delivered(one: Rehearsed, services: Services) -> dict[str, Any]:
    return _heading(one, services) | {
        "attempts": one.attempts,
        "reason": one.trouble or "waiting",
        "occurrences": _occurrences(one),
    }


def _heading(one: Rehearsed, services: Services) -> dict[str, Any]:
    first = one.carries[0]
    return {
        "at": one.at.astimezone(services.settings.zone).isoformat(timespec="seconds"),
        "unit": first.unit_code,
        "unit_name": first.unit_name,
        "units": list(dict.fromkeys(each.unit_code for each in one.carries)),
        "recipient": recipient_of(one.kind, one.address, services),
        "channel": one.kind,
        "role": first.role,
    }


def _occurrences(one: Rehearsed) -> list[dict[str, Any]]:
    return [
        {
            "id": each.occurrence_id,
            "unit": each.unit_code,
            "role": each.role,
            "action": each.action,
            "written_on": each.written_on.isoformat(),
            "due_on": each.due_on.isoformat(),
            "safe_on": each.safe_on.isoformat() if each.safe_on else None,
            "step": each.step,
            "reason": each.reason,
        }
        for each in one.carries
    ]


def _show(shown: Rehearsal, services: Services) -> None:
    from app.tables import print_table

    heads = ("时间", "责任单位", "收件人", "步骤", "安全日", "事项")
    print_table(heads, [_row(one, services) for one in shown.messages], whole=("时间",))
    reminded = sum(len(one.carries) for one in shown.messages)
    typer.echo(f"共 {len(shown.messages)} 条消息，{reminded} 次提醒。没有发送任何内容。")
    if shown.undelivered:
        typer.echo("\n到期末仍未送达：")
        rows = [
            (*_row(one, services), f"{one.trouble or 'waiting'}（{one.attempts} 次尝试）") for one in shown.undelivered
        ]
        print_table(("应发时间", *heads[1:], "原因"), rows, whole=("应发时间", "原因"))
        typer.echo(f"共 {len(shown.undelivered)} 条消息未送达。")


def _row(one: Rehearsed, services: Services) -> tuple[str, ...]:
    first = one.carries[0]
    return (
        one.at.astimezone(services.settings.zone).strftime("%Y-%m-%d %H:%M"),
        first.unit_name,
        recipient_of(one.kind, one.address, services) or "（没有渠道）",
        first.step,
        first.safe_on.isoformat() if first.safe_on else "立即办理",
        first.action + (f" 等 {len(one.carries)} 项" if len(one.carries) > 1 else ""),
    )

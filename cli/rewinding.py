"""`banjie case rewind`: what taking a case back would take, and doing it."""

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from cli.client import Server
from cli.command import command
from cli.doing import outcome
from cli.failures import WrongUsage
from cli.forms import pairs
from cli.output import Shown, moment, sentence

HOWS = ("reverse", "by_hand", "accept")

Clocks = Annotated[
    str | None, typer.Option(help="go_on, as_then or restart: what becomes of the clocks.")
]


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "rewind")(rewind)


def rewind(
    server: Server,
    number: Annotated[str, typer.Argument(help="The case's number.")],
    to: Annotated[int, typer.Option(min=1, help="The entry to go back to, as in its history.")],
    reason: Annotated[str, typer.Option(help="Why; without it only the plan is shown.")] = "",
    clocks: Clocks = None,
    compensate: Annotated[
        list[str] | None,
        typer.Option(help="EFFECT=reverse, EFFECT=by_hand:HOW or EFFECT=accept:WHY, for each."),
    ] = None,
) -> Shown:
    """Take a case back to an earlier entry; first without --reason, to see the plan."""
    path = f"/v1/cases/{number}/rewind"
    if not reason:
        plan = server.get(path, to=to).body
        return Shown(plan, lambda console: _draw(console, number, plan))
    if clocks is None:
        raise WrongUsage("Say what becomes of the clocks: --clocks go_on, as_then or restart.")
    given = [_compensation(effect, how) for effect, how in pairs(compensate or [])]
    body = {"to": to, "reason": reason, "clocks": clocks, "compensations": given}
    answer = server.post(path, body)
    return Shown(answer.body, sentence(outcome(answer, number)))


def _compensation(effect: str, how: str) -> dict[str, Any]:
    name, _, note = how.partition(":")
    if not effect.isdigit() or name not in HOWS:
        raise WrongUsage(
            f"--compensate {effect}={how}: write the effect's number in the plan, =, and one of "
            f"{', '.join(HOWS)}, after a colon how or why."
        )
    return {"effect": int(effect), "how": name, "note": note}


def _draw(console: Console, number: str, plan: dict[str, Any]) -> None:
    holder = plan["assignee"] or "nobody"
    console.print(f"{number} would be {plan['state']} again, held by {holder}.", soft_wrap=True)
    if not plan["effects"]:
        console.print("Nothing has happened since that cannot be undone.")
    for each in plan["effects"]:
        reference = f"  {each['reference']}" if each["reference"] else ""
        what = f"  {each['effect']:>3}  {each['port']} {each['template']}{reference}"
        console.print(
            Text.assemble(what, (f"  entry {each['entry']}, {moment(each['at'])}", "dim")),
            soft_wrap=True,
        )
    effects = " ".join(f"--compensate {e['effect']}=HOW" for e in plan["effects"])
    console.print(
        Text(
            f"To do it: banjie case rewind {number} --to {plan['to']} --reason WHY --clocks "
            f"go_on|as_then|restart {effects}",
            "dim",
        ),
        soft_wrap=True,
    )

"""`banjie case rewind`: what taking a case back would take, and doing it."""

from typing import Annotated, Any

import typer

from cli.client import Server
from cli.command import command
from cli.doing import outcome
from cli.failures import Exit, WrongUsage
from cli.forms import pairs
from cli.output import Shown, sentence
from cli.planned import NOTICE, NOTICES, draw_plan

HOWS = ("reverse", "by_hand", "accept")
CLOCKS = ("go_on", "as_then", "restart")

Clocks = Annotated[
    str | None, typer.Option(help="go_on, as_then or restart: what becomes of the clocks.")
]


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "rewind", group="manage")(rewind)


def rewind(
    server: Server,
    number: Annotated[str, typer.Argument(help="The case's number.")],
    to: Annotated[int, typer.Option(min=1, help="The entry to go back to, as in its history.")],
    reason: Annotated[str, typer.Option(help="Why; without it only the plan is shown.")] = "",
    plan: Annotated[bool, typer.Option("--plan", help="Only show the plan; changes nothing.")] = (
        False
    ),
    clocks: Clocks = None,
    compensate: Annotated[
        list[str] | None,
        typer.Option(
            help="EFFECT=reverse, EFFECT=by_hand:HOW or EFFECT=accept:WHY, for each effect of the "
            "plan; notices=… for all messages at once."
        ),
    ] = None,
) -> Shown:
    """Take a case back to an earlier entry; first without --reason, to see the plan.

    The entries are numbered in banjie case history. The plan exits 4 if it cannot be carried out.
    """
    path = f"/v1/cases/{number}/rewind"
    if plan or not reason:
        found = server.get(path, to=to).body
        code = Exit.REFUSED if found["refused"] else Exit.OK
        return Shown(found, lambda console: draw_plan(console, number, found), code)
    if clocks not in CLOCKS:
        raise WrongUsage("Say what becomes of the clocks: --clocks go_on, as_then or restart.")
    given = [
        _compensation(each, how)
        for effect, how in pairs(compensate or [])
        for each in (_notices(server, path, to) if effect == NOTICES else [effect])
    ]
    body = {"to": to, "reason": reason, "clocks": clocks, "compensations": given}
    answer = server.post(path, body)
    return Shown(answer.body, sentence(outcome(answer, number)))


def _notices(server: Server, path: str, to: int) -> list[str]:
    """The messages of the plan, by number."""
    plan = server.get(path, to=to).body
    return [str(each["effect"]) for each in plan["effects"] if each["port"] == NOTICE]


def _compensation(effect: str, how: str) -> dict[str, Any]:
    name, _, note = how.partition(":")
    if not effect.isdigit() or name not in HOWS:
        raise WrongUsage(
            f"--compensate {effect}={how}: write the effect's number in the plan, or {NOTICES}, "
            f"then = and one of {', '.join(HOWS)}, after a colon how or why."
        )
    if name != "reverse" and not note.strip():
        raise WrongUsage(f"--compensate {effect}={how}: say how or why after a colon.")
    return {"effect": int(effect), "how": name, "note": note}

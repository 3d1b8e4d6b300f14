"""`banjie case rewind`: the plan for taking a case back to an earlier entry, and doing it."""

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from cli.core.client import ApiClient, segment
from cli.core.command import command
from cli.core.exits import Exit, WrongUsage
from cli.core.forms import describe_receipt, parse_pairs
from cli.core.i18n import code_label, translate
from cli.core.names import kind_of
from cli.core.output import CommandResult, local_time, sentence

NOTICE, NOTICES = "notice", "notices"
REVERSIBLE = "reverse|by_hand:HOW|accept:WHY"
ONE_WAY = "by_hand:HOW|accept:WHY"
LEGEND = (
    "(reverse: whoever did it is asked to take it back, a message by sending a correction; "
    "by_hand: people do; accept: it stays)"
)
METHODS = ("reverse", "by_hand", "accept")
CLOCKS = ("go_on", "as_then", "restart")

Clocks = Annotated[
    str | None, typer.Option(help="go_on, as_then or restart: what becomes of the clocks.")
]


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "rewind", group="manage")(rewind)


def rewind(
    api: ApiClient,
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
) -> CommandResult:
    """Take a case back to an earlier entry; first without --reason, to see the plan.

    The entries are numbered in banjie case history. The plan exits 4 if it cannot be carried out.
    """
    path = f"/v1/cases/{segment(number)}/rewind"
    if plan or not reason:
        document = api.get(path, to=to).body
        code = Exit.REFUSED if document["refused"] else Exit.OK
        return CommandResult(document, lambda console: _draw_plan(console, number, document), code)
    if clocks not in CLOCKS:
        raise WrongUsage(
            translate("Say what becomes of the clocks: --clocks go_on, as_then or restart.")
        )
    compensations = [
        _compensation(number_of_effect, how)
        for effect, how in parse_pairs(compensate or [])
        for number_of_effect in (_notices(api, path, to) if effect == NOTICES else [effect])
    ]
    body = {"to": to, "reason": reason, "clocks": clocks, "compensations": compensations}
    response = api.post(path, body)
    return CommandResult(response.body, sentence(describe_receipt(response, number)))


def _notices(api: ApiClient, path: str, to: int) -> list[str]:
    """Return the numbers of the plan's effects that are messages."""
    plan = api.get(path, to=to).body
    return [str(each["effect"]) for each in plan["effects"] if each["port"] == NOTICE]


def _compensation(effect: str, how: str) -> dict[str, Any]:
    name, _, note = how.partition(":")
    if not effect.isdigit() or name not in METHODS:
        raise WrongUsage(
            translate(
                "--compensate %(effect)s=%(how)s: write the effect's number in the plan, "
                "or %(notices)s, then = and one of %(methods)s, after a colon how or why.",
                effect=effect,
                how=how,
                notices=NOTICES,
                methods=METHODS,
            )
        )
    if name != "reverse" and not note.strip():
        raise WrongUsage(
            translate(
                "--compensate %(effect)s=%(how)s: say how or why after a colon.",
                effect=effect,
                how=how,
            )
        )
    return {"effect": int(effect), "how": name, "note": note}


def _draw_plan(console: Console, number: str, plan: dict[str, Any]) -> None:
    """Draw where the case would be, each effect since, each choice for the clocks, the command."""
    holder = plan["assignee"] or translate("nobody")
    console.print(
        translate(
            "%(number)s would be %(state)s again, claimed by %(holder)s.",
            number=number,
            state=code_label("state", plan["state"], kind_of(number)),
            holder=holder,
        ),
        soft_wrap=True,
    )
    if not plan["effects"]:
        console.print(translate("Nothing has happened since that cannot be undone."))
    else:
        console.print(translate("What has happened since, each with what may make up for it:"))
        console.print(Text(f"  {translate(LEGEND)}", "dim"), soft_wrap=True)
    for effect in plan["effects"]:
        _draw_effect(console, effect)
    if plan["refused"]:
        why = plan["refused"]["detail"]
        console.print(
            Text(translate("It cannot be done now: %(why)s", why=why), "red"), soft_wrap=True
        )
        return
    console.print(translate("The clocks, by what you choose for them:"))
    for choice in plan["clocks"]:
        line = Text.assemble(f"  {choice['clocks']:<8} ", _clocks_after(choice))
        console.print(line, soft_wrap=True)
    _draw_command(console, number, plan)


def _draw_effect(console: Console, effect: dict[str, Any]) -> None:
    money = [effect["params"].get(name) for name in ("amount", "currency")]
    names = (translate(effect["port"]), effect["template"], *map(str, filter(None, money)))
    reference = f"  {effect['reference']}" if effect["reference"] else ""
    what = f"  {effect['effect']:>3}  {' '.join(names)}{reference}"
    methods = REVERSIBLE if effect["reversible"] else ONE_WAY
    entry = translate("entry %(entry)s", entry=effect["entry"])
    when = f"  {entry}  {local_time(effect['at'])}  {methods}"
    console.print(Text.assemble(what, (when, "dim")), soft_wrap=True)


def _clocks_after(choice: dict[str, Any]) -> tuple[str, str]:
    if choice["refused"]:
        return choice["refused"]["detail"], "red"
    clocks = [_running(clock) for clock in choice["running"]]
    return translate("; ").join(clocks) or translate("no clock runs there, as then"), "dim"


def _running(clock: dict[str, Any]) -> str:
    again = f" {clock['instance']}" if clock["instance"] > 1 else ""
    clock_name = code_label("clock", clock["clock"])
    state = code_label("clock_state", clock["state"])
    due = translate(", due %(at)s", at=local_time(clock["due_at"])) if clock["due_at"] else ""
    return f"{clock_name}{again} {state}{due}"


def _draw_command(console: Console, number: str, plan: dict[str, Any]) -> None:
    clocks = "|".join(each["clocks"] for each in plan["clocks"] if not each["refused"])
    ours = [str(e["effect"]) for e in plan["effects"] if e["port"] != NOTICE]
    named = [NOTICES, *ours] if len(ours) < len(plan["effects"]) else ours
    effects = "".join(f" --compensate {each}=HOW" for each in named)
    command = (
        f"banjie case rewind {number} --to {plan['to']} --reason WHY --clocks {clocks}{effects}"
    )
    console.print(Text(translate("To do it: %(command)s", command=command), "dim"), soft_wrap=True)

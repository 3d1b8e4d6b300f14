"""The plan to take a case back, drawn for a person: what was done, what would run, the command."""

from typing import Any

from rich.console import Console
from rich.text import Text

from cli.output import moment

NOTICE, NOTICES = "notice", "notices"
REVERSIBLE = "reverse|by_hand:HOW|accept:WHY"
ONE_WAY = "by_hand:HOW|accept:WHY"
LEGEND = (
    "  (reverse: whoever did it is asked to take it back, a message by sending a correction; "
    "by_hand: people do; accept: it stays)"
)


def draw_plan(console: Console, number: str, plan: dict[str, Any]) -> None:
    """Where the case would be, each effect since, each choice for the clocks, the command."""
    holder = plan["assignee"] or "nobody"
    console.print(f"{number} would be {plan['state']} again, held by {holder}.", soft_wrap=True)
    if not plan["effects"]:
        console.print("Nothing has happened since that cannot be undone.")
    else:
        console.print("What has happened since, each with what may make up for it:")
        console.print(Text(LEGEND, "dim"), soft_wrap=True)
    for each in plan["effects"]:
        _draw_effect(console, each)
    if plan["refused"]:
        why = plan["refused"]["detail"]
        console.print(Text(f"It cannot be done now: {why}", "red"), soft_wrap=True)
        return
    console.print("The clocks, by what you choose for them:")
    for each in plan["clocks"]:
        line = Text.assemble(f"  {each['clocks']:<8} ", _then(each))
        console.print(line, soft_wrap=True)
    _draw_command(console, number, plan)


def _draw_effect(console: Console, each: dict[str, Any]) -> None:
    money = [each["params"].get(name) for name in ("amount", "currency")]
    names = dict.fromkeys((each["port"], each["template"], *map(str, filter(None, money))))
    reference = f"  {each['reference']}" if each["reference"] else ""
    what = f"  {each['effect']:>3}  {' '.join(names)}{reference}"
    hows = REVERSIBLE if each["reversible"] else ONE_WAY
    when = f"  entry {each['entry']}, {moment(each['at'])}  {hows}"
    console.print(Text.assemble(what, (when, "dim")), soft_wrap=True)


def _then(choice: dict[str, Any]) -> tuple[str, str]:
    if choice["refused"]:
        return choice["refused"]["detail"], "red"
    told = [_running(each) for each in choice["running"]]
    return "; ".join(told) or "no clock runs there, as then", "dim"


def _running(each: dict[str, Any]) -> str:
    again = f" {each['instance']}" if each["instance"] > 1 else ""
    due = f" {moment(each['due_at'])}" if each["due_at"] else ""
    return f"{each['clock']}{again} {each['state']}{', due' * bool(due)}{due}"


def _draw_command(console: Console, number: str, plan: dict[str, Any]) -> None:
    clocks = "|".join(each["clocks"] for each in plan["clocks"] if not each["refused"])
    ours = [str(e["effect"]) for e in plan["effects"] if e["port"] != NOTICE]
    named = [NOTICES, *ours] if len(ours) < len(plan["effects"]) else ours
    effects = "".join(f" --compensate {each}=HOW" for each in named)
    command = (
        f"banjie case rewind {number} --to {plan['to']} --reason WHY --clocks {clocks}{effects}"
    )
    console.print(Text(f"To do it: {command}", "dim"), soft_wrap=True)

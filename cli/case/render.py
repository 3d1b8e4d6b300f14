"""A case drawn for a person: where it is, what happened line by line, what may be done now."""

from datetime import datetime
from typing import Any

from rich.console import Console
from rich.text import Text

from cli.case.clocks import draw_clocks
from cli.core.i18n import called, padded, say
from cli.core.output import moment

QUIET = {"words"}
TIMES = {"until", "limit"}
WHOM = {"assign": " STAFF", "limit": " UNTIL", "hold": " UNTIL --reason WHY"}


def draw_case(console: Console, whole: dict[str, Any], entries: list[dict[str, Any]]) -> None:
    """The whole case, on one screen if it is short."""
    case, past = whole["case"], whole["as_of"]
    at = datetime.fromisoformat(past["at"]) if past else None
    then = "  " + say("as_of", at=moment(past["at"]), seq=past["seq"]) if past else ""
    kind = called("kind", case["kind"], case["kind"])
    head = (case["number"], "bold"), f"  {kind}  ", (_state(case), "cyan"), (then, "yellow")
    _line(console, Text.assemble(*head))
    for name, value in _facts(whole).items():
        if value:
            name_of = (f"  {padded(say(name), 9)}", "dim")
            _line(console, Text.assemble(name_of, " ".join(str(value).split())))
    console.print()
    draw_clocks(console, whole["clocks"], at, entries)
    console.print()
    draw_history(console, entries, case["kind"])
    console.print()
    _draw_task(console, whole["task"])
    if not past:
        _draw_offers(console, whole)


def _facts(whole: dict[str, Any]) -> dict[str, Any]:
    case, customer = whole["case"], whole["customer"] or {}
    channel, at = called("channel", case["channel"]), moment(case["received_at"])
    return {
        "received": say("raised", at=at, channel=channel, source=case["source"]),
        "words": whole["words"],
        "customer": _customer(customer),
        "class": " ".join(filter(None, _classified(case))),
        "proposed": "" if case["category"] else _form(whole["proposal"], case["kind"]),
        "came_of": case["parent"],
        "led_to": ", ".join(f"{c['number']} ({c['kind']})" for c in whole["children"]),
        "held_by": case["assignee"],
        "on_hold": _hold(case, whole.get("hold")),
        "team": case["team"],
    }


def _state(case: dict[str, Any]) -> str:
    state, stage, outcome = (
        called(sort, case[sort] or "", case["kind"]) for sort in ("state", "stage", "outcome")
    )
    return f"{state} ({stage})" + (f", {outcome}" if outcome else "")


def draw_history(console: Console, entries: list[dict[str, Any]], kind: str = "") -> None:
    """One line for each entry: its place, when, who, what, where it led."""
    for entry in entries:
        line = Text.assemble(
            (f"{entry['seq']:>4}  {moment(entry['at'])}  ", "dim"),
            f"{padded(_who(entry['actor']), 24)} ",
            (padded(_what(entry, kind), 16), "bold"),
            (" → ", "dim"),
            (called("state", entry["led_to"], kind), "cyan"),
        )
        _line(console, line)
        form = entry["form"] if entry["type"] != "opened" else {}
        if said := _form(form, kind):
            _line(console, Text(f"{'':>27}{said}", "dim"))


def _what(entry: dict[str, Any], kind: str) -> str:
    if entry["step"]:
        return called("step", entry["step"], kind)
    clock = called("clock", entry["form"].get("clock") or "", kind)
    return " ".join(filter(None, (say(f"entry.{entry['type']}"), clock)))


def _draw_task(console: Console, task: dict[str, Any] | None) -> None:
    if task:
        may = _list([called("role", each) for each in task["candidates"]])
        holder = task["assignee"] or say("nobody")
        _line(console, Text(say("task", id=task["id"], holder=holder, roles=may)))


def _draw_offers(console: Console, whole: dict[str, Any]) -> None:
    task, offers = whole["task"], whole["offers"]
    if not offers and not whole["task_actions"]:
        _line(console, Text(say("nothing_offered"), "dim"))
    for act in whole["task_actions"]:
        if act == "notify":
            _line(console, Text(f"  banjie case notify {whole['case']['number']} TEXT"))
        elif task:
            _line(console, Text(f"  banjie task {act} {task['id']}{WHOM.get(act, '')}"))
    for offer in offers:
        how = f"task do {task['id']}" if task else f"case do {whole['case']['number']}"
        needs = _list(offer["form"].get("required", ()))
        label = f"  {offer['label']}" + (say("needs", fields=needs) if needs else "")
        _line(console, Text.assemble(f"  banjie {how} {offer['name']}", (label, "dim")))


def _classified(case: dict[str, Any]) -> list[str | None]:
    return [
        called(sort, case[sort] or "", case["kind"])
        for sort in ("priority", "category", "severity", "hardness")
    ]


def _hold(case: dict[str, Any], hold: dict[str, Any] | None) -> str:
    until = case.get("on_hold_until")
    if not until:
        return ""
    if hold is None:
        return say("until", at=moment(until))
    return say("until_why", at=moment(until), by=hold["by"], reason=hold["reason"])


def _customer(customer: dict[str, Any]) -> str:
    reach = ", ".join(f"{each['kind']} {each['value']}" for each in customer.get("contacts", ()))
    return "  ".join(filter(None, (customer.get("ref"), customer.get("name"), reach)))


def _who(actor: dict[str, Any]) -> str:
    behind = actor.get("on_behalf_of")
    if behind:
        return say("for", who=actor["id"], whom=called("role", behind["kind"]))
    roles = [called("role", each) for each in actor["roles"] or [actor["kind"]]]
    return f"{actor['id']} ({_list(roles)})"


def _form(form: dict[str, Any], kind: str) -> str:
    told = {k: v for k, v in form.items() if v not in (None, "") and k not in QUIET}
    said = ((name, moment(v) if name in TIMES else _value(v)) for name, v in told.items())
    return "  ".join(
        f"{called('field', name, kind)}: {called(name, value, kind)}" for name, value in said
    )


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return say("yes" if value else "no")
    if isinstance(value, dict):
        return " ".join(str(each) for each in value.values())
    return _list(map(_value, value)) if isinstance(value, list) else " ".join(str(value).split())


def _list(values: Any) -> str:
    return ", ".join(str(each) for each in values)


def _line(console: Console, line: Text) -> None:
    console.print(line, soft_wrap=not console.is_terminal)

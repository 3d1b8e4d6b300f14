"""A case drawn for a person: where it is, what happened line by line, what may be done now."""

from datetime import datetime
from typing import Any

from rich.console import Console
from rich.text import Text

from cli.clocks import draw_clocks
from cli.output import moment

QUIET = {"words"}


def draw_case(console: Console, whole: dict[str, Any], entries: list[dict[str, Any]]) -> None:
    """The whole case, on one screen if it is short."""
    case, customer = whole["case"], whole["customer"] or {}
    state = f"{case['state']} ({case['stage']})" + (f", {case['outcome']}" * bool(case["outcome"]))
    past = whole["as_of"]
    at = datetime.fromisoformat(past["at"]) if past else None
    then = f"  as of {moment(past['at'])}, entry {past['seq']}" if past else ""
    head = (case["number"], "bold"), f"  {case['kind']}  ", (state, "cyan"), (then, "yellow")
    _line(console, Text.assemble(*head))
    facts = {
        "received": f"{moment(case['received_at'])} by {case['channel']}, from {case['source']}",
        "words": whole["words"],
        "customer": _customer(customer),
        "class": " ".join(filter(None, _classified(case))),
        "proposed": "" if case["category"] else _form(whole["proposal"]),
        "came of": case["parent"],
        "led to": ", ".join(f"{c['number']} ({c['kind']})" for c in whole["children"]),
        "held by": case["assignee"],
        "team": case["team"],
    }
    for name, value in facts.items():
        if value:
            _line(console, Text.assemble((f"  {name:<9}", "dim"), " ".join(str(value).split())))
    console.print()
    draw_clocks(console, whole["clocks"], at, entries)
    console.print()
    draw_history(console, entries)
    console.print()
    _draw_task(console, whole["task"])
    if not past:
        _draw_offers(console, whole)


def draw_history(console: Console, entries: list[dict[str, Any]]) -> None:
    """One line for each entry: its place, when, who, what, where it led."""
    for entry in entries:
        what = entry["step"] or " ".join(filter(None, (entry["type"], entry["form"].get("clock"))))
        line = Text.assemble(
            (f"{entry['seq']:>4}  {moment(entry['at'])}  ", "dim"),
            f"{_who(entry['actor']):<24} ",
            (f"{what:<16}", "bold"),
            (" → ", "dim"),
            (entry["led_to"], "cyan"),
        )
        _line(console, line)
        form = entry["form"] if entry["type"] != "opened" else {}
        if said := _form(form):
            _line(console, Text(f"{'':>27}{said}", "dim"))


def _draw_task(console: Console, task: dict[str, Any] | None) -> None:
    if task:
        holder, may = task["assignee"] or "nobody", _list(task["candidates"])
        _line(console, Text(f"task {task['id']}, held by {holder}; for {may}"))


def _draw_offers(console: Console, whole: dict[str, Any]) -> None:
    task, offers = whole["task"], whole["offers"]
    if not offers and not whole["acts"]:
        _line(console, Text("You may do nothing with it now.", "dim"))
    for act in whole["acts"]:
        if task:
            whom = {"assign": " STAFF", "limit": " UNTIL"}.get(act, "")
            _line(console, Text(f"  banjie task {act} {task['id']}{whom}"))
    for offer in offers:
        how = f"task do {task['id']}" if task else f"case do {whole['case']['number']}"
        needs = _list(offer["form"].get("required", ()))
        label = f"  {offer['label']}" + (f"; needs {needs}" if needs else "")
        _line(console, Text.assemble(f"  banjie {how} {offer['name']}", (label, "dim")))


def _classified(case: dict[str, Any]) -> list[str | None]:
    return [case["priority"], case["category"], case["severity"], case["hardness"]]


def _customer(customer: dict[str, Any]) -> str:
    reach = ", ".join(f"{each['kind']} {each['value']}" for each in customer.get("contacts", ()))
    return "  ".join(filter(None, (customer.get("ref"), customer.get("name"), reach)))


def _who(actor: dict[str, Any]) -> str:
    behind = actor.get("on_behalf_of")
    if behind:
        return f"{actor['id']} for {behind['kind']}"
    return f"{actor['id']} ({_list(actor['roles']) or actor['kind']})"


def _form(form: dict[str, Any]) -> str:
    told = {k: v for k, v in form.items() if v not in (None, "") and k not in QUIET}
    return "  ".join(f"{name}: {_value(value)}" for name, value in told.items())


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(str(each) for each in value.values())
    return _list(value) if isinstance(value, list) else " ".join(str(value).split())


def _list(values: Any) -> str:
    return ", ".join(str(each) for each in values)


def _line(console: Console, line: Text) -> None:
    console.print(line, soft_wrap=not console.is_terminal)

"""Drawing a case for a person: where it is, what happened entry by entry, what may be done now."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from cli.case.clocks import draw_clocks
from cli.case.requests import draw_requests
from cli.core.i18n import CHINESE, code_label, in_brackets, listed, locale, pad, translate
from cli.core.output import local_time

HIDDEN = {"words"}
TIMES = {"until", "limit", "due_at"}
SORTS = {"roles": "role"}
"""The sort of codes in fields that are not called so."""
ARGUMENTS = {
    "assign": " STAFF",
    "limit": " UNTIL",
    "prioritise": " P1 --reason WHY",
    "hold": " UNTIL --reason WHY",
}

OF_CASES = {
    "notify": " TEXT",
    "ask_approval": " AMOUNT --reason WHY",
    "ask_assistance": " TEAM QUESTION --until UNTIL",
    "chase": " --channel CHANNEL",
    "merge_into": " INTO --reason WHY",
    "unmerge": " --reason WHY",
}
"""What is done with a case rather than with its task, each with its arguments."""

NAMES = {"merge_into": "merge"}
"""The commands of those that have another name."""


def draw_case(console: Console, view: dict[str, Any], entries: list[dict[str, Any]]) -> None:
    """Draw a case, on one screen if it is short."""
    case, past = view["case"], view["as_of"]
    at = datetime.fromisoformat(past["at"]) if past else None
    as_of = (
        "  " + translate("as of %(at)s, entry %(seq)s", at=local_time(past["at"]), seq=past["seq"])
        if past
        else ""
    )
    kind = code_label("kind", case["kind"], case["kind"])
    header = (case["number"], "bold"), f"  {kind}  ", (_state(case), "cyan"), (as_of, "yellow")
    _line(console, Text.assemble(*header))
    facts = {name: value for name, value in _facts(view).items() if value}
    width = max(map(cell_len, facts), default=0)
    for name, value in facts.items():
        _line(
            console, Text.assemble((f"  {pad(name, width)} ", "dim"), " ".join(str(value).split()))
        )
    console.print()
    draw_clocks(console, view["clocks"], at, entries)
    console.print()
    draw_history(console, entries, case["kind"])
    console.print()
    draw_requests(console, view.get("requests", ()))
    draw_comments(console, view.get("comments", ()))
    _draw_playbook(console, view)
    _draw_task(console, view["task"])
    if not past:
        _draw_offers(console, view)


def _facts(view: dict[str, Any]) -> dict[str, Any]:
    case, customer = view["case"], view["customer"] or {}
    channel, at = code_label("channel", case["channel"]), local_time(case["received_at"])
    return {
        translate("received"): translate(
            "%(at)s by %(channel)s, from %(source)s", at=at, channel=channel, source=case["source"]
        ),
        translate("words"): view["words"],
        translate("customer"): _customer(customer),
        translate("class"): " ".join(filter(None, _classified(view))),
        translate("proposed"): "" if case["category"] else _form(view["proposal"], case["kind"]),
        translate("came of"): case["parent"],
        translate("unread"): view.get("unread_customer_messages"),
        translate("chased"): _chased(case),
        translate("led to"): listed(map(_child, view["children"])),
        translate("claimed by"): case["assignee"],
        translate("on hold"): _hold(case, view.get("hold")),
        translate("team"): code_label("team", case["team"] or "", case["kind"]),
    }


def _state(case: dict[str, Any]) -> str:
    state, stage, outcome = (
        code_label(sort, case[sort] or "", case["kind"]) for sort in ("state", "stage", "outcome")
    )
    return f"{state}{in_brackets(stage)}" + (
        translate(", %(outcome)s", outcome=outcome) if outcome else ""
    )


def draw_history(console: Console, entries: list[dict[str, Any]], kind: str = "") -> None:
    """Draw one line for each entry: its position, when, who, what, where it led."""
    for entry in entries:
        line = Text.assemble(
            (f"{entry['seq']:>4}  {local_time(entry['at'])}  ", "dim"),
            f"{pad(_who(entry['actor']), 24)} ",
            (pad(_what(entry, kind), 16), "bold"),
            (" → ", "dim"),
            (code_label("state", entry["led_to"], kind), "cyan"),
        )
        _line(console, line)
        form = entry["form"] if entry["type"] != "opened" else {}
        if fields := _form(form, kind):
            _line(console, Text(f"{'':>27}{fields}", "dim"))


def draw_comments(console: Console, comments: Sequence[dict[str, Any]]) -> None:
    """Draw what was said about a case; what of the customer's is unread is marked."""
    for comment in comments:
        inside = translate("internal") if comment["visibility"] == "internal" else ""
        unread = translate("unread") if comment["unread"] else ""
        marks = "  ".join(filter(None, (inside, unread)))
        who = comment["author"]["id"]
        head = f"      {local_time(comment['at'])}  {who}  "
        _line(console, Text.assemble((head, "dim"), (marks, "yellow")))
        _line(console, Text(f"{'':>8}{' '.join(comment['body'].split())}"))
    if comments:
        console.print()


def _what(entry: dict[str, Any], kind: str) -> str:
    if entry["step"]:
        return code_label("step", entry["step"], kind)
    clock = code_label("clock", entry["form"].get("clock") or "", kind)
    return " ".join(filter(None, (code_label("entry", entry["type"]), clock)))


def _draw_task(console: Console, task: dict[str, Any] | None) -> None:
    if task:
        roles = listed([code_label("role", each) for each in task["candidates"]])
        holder = task["assignee"] or translate("nobody")
        _line(
            console,
            Text(
                translate(
                    "task %(id)s, claimed by %(holder)s; for %(roles)s",
                    id=task["id"],
                    holder=holder,
                    roles=roles,
                )
            ),
        )


def _draw_playbook(console: Console, view: dict[str, Any]) -> None:
    """Draw how a case of this category is handled, and what is looked at; what was is ticked."""
    guidance, playbook = view.get("guidance") or {}, view.get("playbook", ())
    said = [guidance[name] for name in ("text", "solution") if guidance.get(name)]
    for text in said:
        _line(console, Text(f"  {' '.join(text.split())}"))
    for each in playbook:
        note = f"  {translate('needed to go on')}" if each["required"] and not each["done"] else ""
        mark = "✓" if each["done"] else "·"
        _line(console, Text.assemble(f"  {mark} {each['label']}", (note, "yellow")))
    if playbook or said:
        console.print()


def _draw_offers(console: Console, view: dict[str, Any]) -> None:
    task, offers = view["task"], view["offers"]
    if not offers and not view["task_actions"]:
        _line(console, Text(translate("You may do nothing with it now."), "dim"))
    for action in view["task_actions"]:
        if action in OF_CASES:
            number, arguments = view["case"]["number"], OF_CASES[action]
            name = NAMES.get(action, action.replace("_", "-"))
            _line(console, Text(f"  banjie case {name} {number}{arguments}"))
        elif action == "await":
            _line(console, Text(f"  banjie case do {view['case']['number']} await"))
        elif task:
            _line(console, Text(f"  banjie task {action} {task['id']}{ARGUMENTS.get(action, '')}"))
    for offer in offers:
        target = f"task do {task['id']}" if task else f"case do {view['case']['number']}"
        needs = listed(offer["form"].get("required", ()))
        label = f"  {offer['label']}" + (
            translate("; needs %(fields)s", fields=needs) if needs else ""
        )
        _line(console, Text.assemble(f"  banjie {target} {offer['name']}", (label, "dim")))


def _classified(view: dict[str, Any]) -> list[str]:
    case, guidance = view["case"], view.get("guidance") or {}
    named = {
        sort: code_label(sort, case[sort] or "", case["kind"])
        for sort in ("priority", "category", "severity", "hardness")
    }
    if guidance and locale() == CHINESE:  # the policy of the case may have names of its own
        named["category"] = guidance["label"]
    return [*named.values()]


def _hold(case: dict[str, Any], hold: dict[str, Any] | None) -> str:
    until = case.get("on_hold_until")
    if not until:
        return ""
    if hold is None:
        return translate("until %(at)s", at=local_time(until))
    return translate(
        "until %(at)s, by %(by)s: %(reason)s",
        at=local_time(until),
        by=hold["by"],
        reason=hold["reason"],
    )


def _chased(case: dict[str, Any]) -> str:
    count, at = case.get("chases"), case.get("chased_at")
    if not count or not at:
        return ""
    return translate("%(count)s, last at %(at)s", count=count, at=local_time(at))


def _customer(customer: dict[str, Any]) -> str:
    reach = listed(
        f"{translate(each['kind'])} {each['value']}" for each in customer.get("contacts", ())
    )
    return "  ".join(filter(None, (customer.get("ref"), customer.get("name"), reach)))


def _who(actor: dict[str, Any]) -> str:
    behind = actor.get("on_behalf_of")
    if behind:
        return translate(
            "%(who)s for %(whom)s", who=actor["id"], whom=code_label("role", behind["kind"])
        )
    roles = [code_label("role", each) for each in actor["roles"] or [actor["kind"]]]
    return f"{actor['id']}{in_brackets(listed(roles))}"


def _form(form: dict[str, Any], kind: str) -> str:
    filled = {k: v for k, v in form.items() if v not in (None, "") and k not in HIDDEN}
    fields = ((name, _shown(name, v, kind)) for name, v in filled.items())
    return "  ".join(
        translate(
            "%(name)s: %(value)s",
            name=code_label("field", name, kind),
            value=value,
        )
        for name, value in fields
    )


def _shown(name: str, value: Any, kind: str) -> str:
    """Return a field of a form as people read it; codes by their labels."""
    if isinstance(value, list):
        return listed(_shown(name, each, kind) for each in value)
    sort = SORTS.get(name, name)
    return local_time(value) if name in TIMES else code_label(sort, _value(value), kind)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return translate("yes" if value else "no")
    if isinstance(value, dict):
        return " ".join(str(each) for each in value.values())
    return " ".join(str(value).split())


def _child(child: dict[str, Any]) -> str:
    return f"{child['number']}{in_brackets(code_label('kind', child['kind'], child['kind']))}"


def _line(console: Console, line: Text) -> None:
    console.print(line, soft_wrap=not console.is_terminal)

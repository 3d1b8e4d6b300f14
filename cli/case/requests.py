"""`banjie case`: ask for an approval or for help, chase, see what was asked."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import uuid4

import typer
from rich.console import Console
from rich.text import Text

from cli.core.client import ApiClient, segment
from cli.core.command import command
from cli.core.i18n import code_label, translate
from cli.core.names import refuse_unknown_names
from cli.core.output import CommandResult, local_time, parse_time, sentence

Number = Annotated[str, typer.Argument(help="The case's number, e.g. TS202603024829107.")]
UNTIL_HELP = "Until when the answer is needed, e.g. 2026-03-03T10:00."


def add_to(app: typer.Typer) -> None:
    """Add the commands to those of cases."""
    command(app, "requests")(requests)
    command(app, "ask-approval")(ask_approval)
    command(app, "ask-assistance")(ask_assistance)
    command(app, "chase")(chase)


def requests(api: ApiClient, number: Number) -> CommandResult:
    """Show what others were asked about a case, and what became of it."""
    document = api.get(f"/v1/cases/{segment(number)}/requests").body
    if not document["items"]:
        return CommandResult(document, sentence(translate("Nobody was asked for anything.")))
    return CommandResult(document, lambda console: draw_requests(console, document["items"]))


def ask_approval(
    api: ApiClient,
    number: Number,
    amount: Annotated[str, typer.Argument(help="The amount, e.g. 800.00.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    currency: Annotated[str, typer.Option(help="Its currency.")] = "CNY",
    until: Annotated[str | None, typer.Option(help=UNTIL_HELP)] = None,
) -> CommandResult:
    """Ask for somebody else's approval of an amount (审批申请): a task for those who may decide."""
    body: dict[str, Any] = {"amount": {"amount": amount, "currency": currency}, "reason": reason}
    if until:
        body["due_at"] = parse_time(until)
    return _ask(api, number, "approval-requests", body)


def ask_assistance(
    api: ApiClient,
    number: Number,
    team: Annotated[str, typer.Argument(help="The team that is asked, by its id.")],
    question: Annotated[str, typer.Argument(help="What it is asked.")],
    until: Annotated[str, typer.Option(help=UNTIL_HELP)],
) -> CommandResult:
    """Ask another team for help (协办): a task for its members, with a limit of its own."""
    body = {"team": team, "question": question, "due_at": parse_time(until)}
    return _ask(api, number, "assistance-requests", body)


def chase(
    api: ApiClient,
    number: Number,
    channel: Annotated[str, typer.Option(help="How they chase us: phone, app, wechat …")],
    note: Annotated[str, typer.Option(help="What they said.")] = "",
) -> CommandResult:
    """Note that somebody chases us (催办): counted and shown, and nothing moves."""
    refuse_unknown_names({"channel": channel})
    response = api.post(
        f"/v1/cases/{segment(number)}/chases",
        {"channel": channel, "note": note},
        idempotency_key=str(uuid4()),
    )
    chases = (response.body["case"] or {}).get("chases")
    message = (
        translate("%(number)s: noted; it is the chase no. %(count)s.", number=number, count=chases)
        if chases
        else translate("%(number)s: the chase is noted.", number=number)
    )
    return CommandResult(response.body, sentence(message))


def draw_requests(console: Console, items: Sequence[dict[str, Any]]) -> None:
    """Draw what others were asked, one after another, with what became of each."""
    for item in items:
        state = code_label("request_state", item["state"])
        overdue = translate("overdue") if item["overdue"] and item["state"] == "open" else ""
        due = translate("until %(at)s", at=local_time(item["due_at"])) if item["due_at"] else ""
        sort = code_label("request", item["sort"])
        parts = ((f"  {item['id']}  ", "dim"), (f"{sort}  ", "bold"), (f"{state}  ", "cyan"))
        line = Text.assemble(*parts)
        line.append("  ".join(filter(None, (due, overdue))), "yellow")
        console.print(line, soft_wrap=not console.is_terminal)
        console.print(Text(f"{'':>8}{_asked(item)}"), soft_wrap=not console.is_terminal)
        if item["answered_by"]:
            console.print(Text(f"{'':>8}{_answered(item)}"), soft_wrap=not console.is_terminal)
    if items:
        console.print()


def _asked(item: dict[str, Any]) -> str:
    whom = item["team"] or _money(item["amount"])
    words = " ".join(item["words"].split())
    return "  ".join(filter(None, (item["asked_by"], whom, words)))


def _answered(item: dict[str, Any]) -> str:
    said = " ".join(item["answer"].split())
    parts = (item["answered_by"], local_time(item["answered_at"]), _money(item["granted"]), said)
    return "  ".join(filter(None, parts))


def _money(money: dict[str, str] | None) -> str:
    return f"{money['amount']} {money['currency']}" if money else ""


def _ask(api: ApiClient, number: str, noun: str, body: dict[str, Any]) -> CommandResult:
    path = f"/v1/cases/{segment(number)}/{noun}"
    response = api.post(path, body, idempotency_key=str(uuid4()))
    receipt = response.body["receipt"]
    message = (
        translate("%(task)s: it is asked.", task=f"{number}-{receipt['first']}")
        if receipt
        else translate("%(number)s: it is asked.", number=number)
    )
    return CommandResult(response.body, sentence(message))

"""`banjie case`: list, show, start cases, see their history, take a step."""

import time
from typing import Annotated, Any
from uuid import uuid4

import typer

from cli.case import clocks, diff, rewind
from cli.case.archive import show_archived, show_forgotten
from cli.case.render import draw_case, draw_history
from cli.core.client import Server
from cli.core.command import command, new_app
from cli.core.exits import CommandFailed, NotFound, WrongUsage
from cli.core.forms import FormText, Sets, do_step, filters, pairs
from cli.core.names import refuse_unknown
from cli.core.output import Shown, instant, moment, sentence, table
from cli.core.paging import Everything, Limit, collect
from store.cases.records import CaseFilter

PATIENCE = 10.0
EVERY = 0.1
"""Seconds between two looks: the child is another case, started after the conversion is recorded,
and the API keeps no request waiting for what comes after it."""


def convert_case(server: Server, number: str, kind: str) -> Shown:
    """Convert it. What was done stays done if the new number is not known in time.

    Raises:
        CommandFailed: the conversion came back, and why.
    """
    path = f"/v1/cases/{number}"
    answer = server.post(f"{path}/steps/convert", {"kind": kind})
    give_up = time.monotonic() + PATIENCE
    child = None
    while child is None and time.monotonic() < give_up:
        child = _said(server, number, (answer.body.get("receipt") or {}).get("last", 0))
        if child is None:
            time.sleep(EVERY)
    told = f"{number} goes on as {child}." if child else f"{number}: converted; its child follows."
    return Shown({**answer.body, "child": child}, sentence(told))


def _said(server: Server, number: str, after: int) -> str | None:
    """What came back: the child's number, nothing yet, or a refusal."""
    entries = server.get(f"/v1/cases/{number}/history", after=after).body["items"]
    forms: dict[str, dict[str, Any]] = {entry["step"]: entry["form"] for entry in entries}
    if refused := forms.get("child_refused"):
        raise CommandFailed(f"{number} was not converted: {refused['reason']}.")
    started = forms.get("child_started")
    return str(started["number"]) if started else None


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "notify")(notify)


def notify(
    server: Server,
    number: Annotated[str, typer.Argument(help="The case's number.")],
    text: Annotated[str, typer.Argument(help="What the customer is told, word for word.")],
) -> Shown:
    """Tell the customer something (通知客户); it moves nothing, and it is news and an answer."""
    path = f"/v1/cases/{number}/notify"
    answer = server.post(path, {"text": text}, idempotency_key=str(uuid4()))
    return Shown(answer.body, sentence(f"{number}: the customer will be told."))


AsOf = Annotated[
    str | None,
    typer.Option(help="As it was then: 2026-03-02T12:00, in the business zone if it names none."),
]
Seq = Annotated[int | None, typer.Option(help="As it was when this entry was its newest.")]


def moment_of(as_of: str | None, seq: int | None) -> dict[str, Any]:
    """The two as the server takes them.

    Raises:
        WrongUsage: both were given, or a time that is none.
    """
    if as_of is not None and seq is not None:
        raise WrongUsage("Give --as-of or --seq, not both.")
    return {"as_of": instant(as_of) if as_of else None, "seq": seq}


def until(whole: dict[str, Any], entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The entries that there were by the moment of which the case is shown."""
    past = whole["as_of"]
    return [entry for entry in entries if past is None or entry["seq"] <= past["seq"]]


app = new_app("Cases: list, show, start, history, steps.")

Number = Annotated[str, typer.Argument(help="The case's number, e.g. TS202603024829107.")]
Only = Annotated[str | None, typer.Option()]

FILTERS = CaseFilter.model_fields.keys() - {"kind", "stage", "open"}
"""What `--where` knows; the others have options of their own."""

HEADS = ("number", "kind", "state", "priority", "assignee", "received", "words")


@command(app, "list")
def list_cases(
    server: Server,
    kind: Only = None,
    stage: Only = None,
    where: Annotated[
        list[str] | None,
        typer.Option(help="FIELD=VALUE: state, priority, assignee, team, source, outcome …"),
    ] = None,
    open_: Annotated[
        bool | None, typer.Option("--open/--closed", help="Only these; both if not said.")
    ] = None,
    limit: Limit = 20,
    everything: Everything = False,
    cursor: Annotated[str | None, typer.Option(help="Go on after the page that named it.")] = None,
) -> Shown:
    """List cases, the newest first."""
    wanted: dict[str, Any] = {"kind": kind, "stage": stage, "open": open_, "cursor": cursor}
    wanted |= filters(where or [], FILTERS)
    page = collect(server, "/v1/cases", None if everything else limit, **wanted)
    if not page["items"]:
        refuse_unknown(wanted)
    rows = [
        (c["number"], c["kind"], c["state"], c["priority"], c["assignee"],
         moment(c["received_at"]), c["words"])
        for c in page["items"]
    ]  # fmt: skip
    return Shown(page, table(HEADS, rows, "There is no such case."))


@command(app, "show")
def show_case(
    server: Server,
    number: Number,
    as_of: AsOf = None,
    seq: Seq = None,
    archive: Annotated[
        bool, typer.Option("--archive", help="As its finished runs were archived.")
    ] = False,
    events: Annotated[
        bool, typer.Option("--events", help="With --archive: Temporal's own events too.")
    ] = False,
) -> Shown:
    """Show a case: where it is, what happened, what may be done now; or as it was."""
    if archive and (as_of, seq) == (None, None):
        return show_archived(server, number, events=events)
    if archive or events:
        raise WrongUsage("--events goes with --archive, and neither with --as-of or --seq.")
    asked = moment_of(as_of, seq)
    try:
        whole = server.get(f"/v1/cases/{number}", **asked).body
    except NotFound as unknown:
        if any(asked.values()):
            raise
        return show_forgotten(server, number, unknown)
    entries = until(whole, _history(server, number))
    document = {**whole, "history": entries}
    return Shown(document, lambda console: draw_case(console, whole, entries))


@command(app, "history")
def history(
    server: Server,
    number: Number,
    after: Annotated[int, typer.Option(help="Only what came after this entry.")] = 0,
) -> Shown:
    """Show what happened in a case, entry by entry."""
    entries = _history(server, number, after)
    return Shown({"items": entries}, lambda console: draw_history(console, entries))


clocks.add_to(app)
add_to(app)
rewind.add_to(app)
diff.add_to(app)


@command(app, "start")
def start(
    server: Server,
    kind: Annotated[str, typer.Option(help="complaint, inquiry …")],
    words: Annotated[str, typer.Option(help="What the customer said, in their own words.")],
    channel: Annotated[str, typer.Option(help="phone, app, wechat, review …")],
    customer: Annotated[str | None, typer.Option(help="A customer we know, by reference.")] = None,
    name: Annotated[str | None, typer.Option(help="A new customer's name.")] = None,
    contact: Annotated[
        list[str] | None, typer.Option(help="KIND=VALUE, e.g. phone=…; may be given again.")
    ] = None,
    more: Annotated[
        list[str] | None,
        typer.Option("--set", help="order=…, product=…, received_at=…, external_ref=…"),
    ] = None,
) -> Shown:
    """Start a case."""
    body: dict[str, Any] = {"kind": kind, "channel": channel, "form": {"words": words}}
    body |= dict(pairs(more or []))
    contacts = [{"kind": kind, "value": value} for kind, value in pairs(contact or [])]
    if customer:
        body["customer"] = {"ref": customer}
    elif name or contacts:
        body["customer"] = {"contacts": contacts} | ({"name": name} if name else {})
    key = None if "external_ref" in body else str(uuid4())
    answer = server.post("/v1/cases", body, idempotency_key=key)
    number = (answer.body.get("case") or answer.body)["number"]
    again = " It was started before." if answer.replayed else ""
    return Shown(answer.body, sentence(f"{number}{again}"))


@command(app, "do")
def do(
    server: Server,
    number: Number,
    step: Annotated[str, typer.Argument(help="One of those that `case show` offers.")],
    form: FormText = None,
    sets: Sets = None,
) -> Shown:
    """Take a step of a case, also one that waits for the customer and so is no task."""
    return do_step(server, server.get(f"/v1/cases/{number}"), step, form, sets)


@command(app, "convert")
def convert(
    server: Server,
    number: Number,
    to: Annotated[str, typer.Option(help="The kind it really is: complaint, repair …")],
) -> Shown:
    """Turn an inquiry into a case of another kind; says the number of the case that goes on."""
    return convert_case(server, number, to)


def _history(server: Server, number: str, after: int = 0) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    at: int | None = after
    while at is not None:
        page = server.get(f"/v1/cases/{number}/history", after=at).body
        entries += page["items"]
        at = page["next"]
    return entries

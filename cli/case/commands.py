"""`banjie case`: list, show, start cases, see their history, take a step, tell the customer."""

import time
from typing import Annotated, Any
from uuid import uuid4

import typer

from cli.case import attachments, clocks, comments, diff, imports, merging, requests, rewind
from cli.case.archive import show_archived, show_lost_case
from cli.case.render import draw_case, draw_history
from cli.core.client import ApiClient, segment
from cli.core.command import command, noun_app
from cli.core.exits import CommandFailed, NotFound, WrongUsage
from cli.core.forms import FormText, Sets, parse_filters, parse_pairs, take_step
from cli.core.i18n import labels_of, translate
from cli.core.names import kind_of, refuse_unknown_kind, refuse_unknown_names
from cli.core.output import CommandResult, local_time, parse_time, sentence, table
from cli.core.paging import After, Everything, Limit, note_of_more, read_pages, with_note

Number = Annotated[str, typer.Argument(help="The case's number, e.g. TS202603024829107.")]
Kind = Annotated[str | None, typer.Option(help="Only this kind, e.g. complaint.")]
Stage = Annotated[str | None, typer.Option(help="Only in this stage, e.g. resolve.")]
AsOf = Annotated[
    str | None,
    typer.Option(help="As it was then: 2026-03-02T12:00, in the business zone if it names none."),
]
Seq = Annotated[int | None, typer.Option(help="As it was when this entry was its newest.")]
HEADERS = ("number", "kind", "state", "priority", "assignee", "received", "words")
OWN_OPTIONS = frozenset({"kind", "stage", "open"})
"""Filters that are not in `--where`, as they have options of their own."""
CHILD_PATIENCE = 10.0
"""Seconds to wait for the case that goes on after a conversion."""
POLL_SECONDS = 0.1
"""Between two looks: the child is another case, started after the conversion is recorded, and the
API keeps no request waiting for what comes after it."""

app = noun_app("Cases: list, show, start, history, steps.")


@command(app, "list")
def list_cases(
    api: ApiClient,
    kind: Kind = None,
    stage: Stage = None,
    where: Annotated[
        list[str] | None,
        typer.Option(help="FIELD=VALUE: state, priority, assignee, team, source, outcome …"),
    ] = None,
    open_: Annotated[
        bool | None, typer.Option("--open/--closed", help="Only these; both if not said.")
    ] = None,
    limit: Limit = 20,
    everything: Everything = False,
    cursor: After = None,
) -> CommandResult:
    """List cases, the newest first."""
    filters: dict[str, Any] = {"kind": kind, "stage": stage, "open": open_}
    filters |= parse_filters(where or [], excluded=OWN_OPTIONS)
    refuse_unknown_names(filters)
    page = read_pages(api, "/v1/cases", None if everything else limit, cursor=cursor, **filters)
    note = note_of_more(api, "/v1/cases", page, **filters)
    rows = [
        (c["number"], *labels_of(c, "kind", "state", "priority"), c["assignee"],
         local_time(c["received_at"]), c["words"])
        for c in page["items"]
    ]  # fmt: skip
    order = translate("Ordered by when they were received, the newest first.") if rows else ""
    shown = table(HEADERS, rows, translate("There is no such case."))
    return CommandResult(page, with_note(shown, order, note))


@command(app, "show")
def show_case(
    api: ApiClient,
    number: Number,
    as_of: AsOf = None,
    seq: Seq = None,
    archive: Annotated[
        bool, typer.Option("--archive", help="As its finished runs were archived.")
    ] = False,
    events: Annotated[
        bool, typer.Option("--events", help="With --archive: Temporal's own events too.")
    ] = False,
) -> CommandResult:
    """Show a case: where it is, what happened, what may be done now; or as it was."""
    if archive and (as_of, seq) == (None, None):
        return show_archived(api, number, events=events)
    if archive or events:
        raise WrongUsage(
            translate("--events goes with --archive, and neither with --as-of or --seq.")
        )
    if as_of is not None and seq is not None:
        raise WrongUsage(translate("Give --as-of or --seq, not both."))
    moment = {"as_of": parse_time(as_of) if as_of else None, "seq": seq}
    try:
        view = api.get(f"/v1/cases/{segment(number)}", **moment).body
    except NotFound as unknown:
        if any(moment.values()):
            raise
        return show_lost_case(api, number, unknown)
    entries = _entries(api, number)
    if past := view["as_of"]:
        entries = [entry for entry in entries if entry["seq"] <= past["seq"]]
    document = {**view, "history": entries}
    return CommandResult(document, lambda console: draw_case(console, view, entries))


@command(app, "history")
def history(
    api: ApiClient,
    number: Number,
    after: Annotated[int, typer.Option(help="Only what came after this entry.")] = 0,
) -> CommandResult:
    """Show what happened in a case, entry by entry."""
    entries = _entries(api, number, after)
    return CommandResult(
        {"items": entries}, lambda console: draw_history(console, entries, kind_of(number))
    )


clocks.add_to(app)


@command(app, "notify")
def notify(
    api: ApiClient,
    number: Number,
    text: Annotated[str, typer.Argument(help="What the customer is told, word for word.")],
) -> CommandResult:
    """Tell the customer something (通知客户); it moves nothing, and it is news and an answer."""
    path = f"/v1/cases/{segment(number)}/notify"
    response = api.post(path, {"text": text}, idempotency_key=str(uuid4()))
    return CommandResult(
        response.body, sentence(translate("%(number)s: the customer will be told.", number=number))
    )


requests.add_to(app)
merging.add_to(app)
comments.add_to(app)
attachments.add_to(app)
rewind.add_to(app)
diff.add_to(app)
imports.add_to(app)


@command(app, "start")
def start(
    api: ApiClient,
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
) -> CommandResult:
    """Start a case."""
    refuse_unknown_names({"kind": kind, "channel": channel})
    body: dict[str, Any] = {"kind": kind, "channel": channel, "form": {"words": words}}
    body |= dict(parse_pairs(more or []))
    contacts = [{"kind": kind, "value": value} for kind, value in parse_pairs(contact or [])]
    if customer:
        body["customer"] = {"ref": customer}
    elif name or contacts:
        body["customer"] = {"contacts": contacts} | ({"name": name} if name else {})
    key = None if "external_ref" in body else str(uuid4())
    response = api.post("/v1/cases", body, idempotency_key=key)
    number = response.body["number"]
    message = translate("%(number)s It was started before.", number=number)
    return CommandResult(response.body, sentence(message if response.replayed else number))


@command(app, "do")
def do(
    api: ApiClient,
    number: Number,
    step: Annotated[str, typer.Argument(help="One of those that `case show` offers.")],
    form: FormText = None,
    sets: Sets = None,
) -> CommandResult:
    """Take a step of a case, also one that waits for the customer and so is no task."""
    return take_step(api, api.get(f"/v1/cases/{segment(number)}"), step, form, sets)


@command(app, "convert")
def convert(
    api: ApiClient,
    number: Number,
    to: Annotated[str, typer.Option(help="The kind it really is: complaint, repair …")],
) -> CommandResult:
    """Turn an inquiry into a case of another kind; says the number of the case that goes on."""
    refuse_unknown_kind(to)
    response = api.post(f"/v1/cases/{segment(number)}/steps/convert", {"kind": to})
    last = (response.body.get("receipt") or {}).get("last", 0)
    give_up = time.monotonic() + CHILD_PATIENCE
    child = None
    while child is None and time.monotonic() < give_up:
        child = _child(api, number, last)
        if child is None:
            time.sleep(POLL_SECONDS)
    # What was done stays done, also if the child's number is not known in time.
    message = (
        translate("%(number)s goes on as %(child)s.", number=number, child=child)
        if child
        else translate("%(number)s is converted; its child follows.", number=number)
    )
    return CommandResult({**response.body, "child": child}, sentence(message))


def _entries(api: ApiClient, number: str, after: int = 0) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    at: int | None = after
    while at is not None:
        page = api.get(f"/v1/cases/{segment(number)}/history", after=at).body
        entries += page["items"]
        at = page["next"]
    return entries


def _child(api: ApiClient, number: str, after: int) -> str | None:
    """Return the child's number; None as long as it is not started.

    Raises:
        CommandFailed: the conversion was refused, and why.
    """
    entries = api.get(f"/v1/cases/{segment(number)}/history", after=after).body["items"]
    forms: dict[str, dict[str, Any]] = {entry["step"]: entry["form"] for entry in entries}
    if refused := forms.get("child_refused"):
        raise CommandFailed(
            translate(
                "%(number)s was not converted: %(reason)s.", number=number, reason=refused["reason"]
            )
        )
    started = forms.get("child_started")
    return str(started["number"]) if started else None

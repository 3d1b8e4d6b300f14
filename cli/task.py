"""`banjie task`: list the tasks that wait for people, claim, release, assign, hold and do them."""

from collections.abc import Mapping, Sized
from datetime import UTC, datetime
from enum import StrEnum, auto
from typing import Annotated, Any

import typer

from cli.core.client import ApiClient, segment
from cli.core.command import command, noun_app
from cli.core.exits import Refused
from cli.core.forms import FormText, Sets, take_step
from cli.core.i18n import code_label, labels_of, listed, translate
from cli.core.names import refuse_unknown_names
from cli.core.output import (
    CommandResult,
    local_time,
    parse_duration,
    parse_time,
    sentence,
    table,
    time_left,
)
from cli.core.paging import After, Everything, Limit, note_of_more, read_pages, with_note

app = noun_app("Tasks: list, claim, release, assign, limit, prioritise, hold, answer, do.")

Task = Annotated[str, typer.Argument(help="The task's id, e.g. TS202603024829107-3.")]
Reason = Annotated[str, typer.Option(help="Why.")]

HEADERS = ("task", "state", "priority", "claimed by", "received", "left", "words")
ON_HOLD_HEADERS = tuple("on hold until" if header == "received" else header for header in HEADERS)
RESUMES_HELP = "When it comes back by itself, e.g. 2026-03-05T10:00; 30 days ahead at most."
LIMIT_HELP = (
    "When the case is to be resolved, e.g. 2026-03-03T10:00 (business zone if none is said)."
)


class Scope(StrEnum):
    """Whose tasks."""

    MINE = auto()
    TEAMS = auto()
    UNASSIGNED = auto()
    ALL = auto()


@command(app, "list")
def list_tasks(  # noqa: PLR0913, PLR0917 — each is a word of the command line
    api: ApiClient,
    scope: Annotated[Scope, typer.Option(help="Whose.")] = Scope.ALL,
    kind: Annotated[str | None, typer.Option(help="Only this kind, e.g. complaint.")] = None,
    stage: Annotated[str | None, typer.Option(help="Only in this stage, e.g. resolve.")] = None,
    state: Annotated[str | None, typer.Option(help="Only in this state, e.g. received.")] = None,
    priority: Annotated[str | None, typer.Option(help="Only this priority, e.g. P1.")] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what is overdue.")] = False,
    due_within: Annotated[
        str | None, typer.Option(help="Only what is due within this time: 30m, 2h, 1d, PT2H.")
    ] = None,
    request: Annotated[
        str | None, typer.Option(help="Only requests to others: approval or assistance.")
    ] = None,
    on_hold: Annotated[
        bool, typer.Option("--on-hold", help="Those on hold; else left out unless due.")
    ] = False,
    limit: Limit = 20,
    everything: Everything = False,
    cursor: After = None,
) -> CommandResult:
    """List open tasks, what is due soonest first, less the head start of its priority."""
    filters = {
        "kind": kind,
        "stage": stage,
        "state": state,
        "priority": priority,
        "request": request,
        "overdue": "true" if overdue else None,
        "due_within": parse_duration(due_within) if due_within else None,
        "on_hold": "true" if on_hold else None,
        "cursor": cursor,
    }
    refuse_unknown_names(filters)
    filters["scope"] = scope.value
    page = read_pages(api, "/v1/tasks", None if everything else limit, **filters)
    note = note_of_more(api, "/v1/tasks", page, **filters)
    rows = [_row(task, on_hold=on_hold) for task in page["items"]]
    headers = ON_HOLD_HEADERS if on_hold else HEADERS
    shown = table(headers, rows, translate("Nothing waits."))
    return CommandResult(page, with_note(shown, _order(rows), note))


def _order(rows: Sized) -> str:
    """Return by what the list is ordered, if it has anything."""
    said = translate("Ordered by when they are due, less the head start that their policy gives.")
    return said if rows else ""


def _words(task: dict[str, Any]) -> str:
    """Return the customer's words, and before them how many of their messages are unread.

    Of a request to others it is what is asked.
    """
    if task["request"]:
        return f"[{code_label('request', task['request'])}] {task['asks'] or ''}"
    count = task.get("unread_customer_messages", 0)
    mark = f"[{translate('unread')} {count}] " if count else ""
    return mark + (task["words"] or "")


@command(app, "claim")
def claim(api: ApiClient, task: Task) -> CommandResult:
    """Take a task yourself."""
    return _act_on_task(api, task, "claim", {})


@command(app, "release")
def release(api: ApiClient, task: Task, reason: Reason = "") -> CommandResult:
    """Put a task back for others."""
    return _act_on_task(api, task, "release", {"reason": reason})


@command(app, "assign")
def assign(
    api: ApiClient,
    task: Task,
    assignee: Annotated[str, typer.Argument(help="Whose task it will be, by staff id.")],
    team: Annotated[str | None, typer.Option(help="And of which team.")] = None,
    reason: Reason = "",
    limit: Annotated[str | None, typer.Option(help=LIMIT_HELP)] = None,
) -> CommandResult:
    """Hand a task to somebody, with a limit of the case's own (本单时限) if need be."""
    body = {"assignee": assignee, "team": team, "reason": reason}
    return _act_on_task(api, task, "assign", body | {"limit": parse_time(limit) if limit else None})


@command(app, "limit")
def limit(
    api: ApiClient,
    task: Task,
    until: Annotated[str, typer.Argument(help=LIMIT_HELP)],
    reason: Reason = "",
) -> CommandResult:
    """Set when a case is to be resolved: sooner freely, later as a manager with a reason."""
    return _act_on_task(api, task, "limit", {"limit": parse_time(until), "reason": reason})


@command(app, "prioritise")
def prioritise(
    api: ApiClient,
    task: Task,
    priority: Annotated[str, typer.Argument(help="P1, P2, P3 or P4.")],
    reason: Annotated[str, typer.Option(help="Why.")],
) -> CommandResult:
    """Give a case another priority (调整优先级), until it is classified anew. No clock moves."""
    refuse_unknown_names({"priority": priority.upper()})
    return _act_on_task(api, task, "prioritise", {"priority": priority.upper(), "reason": reason})


@command(app, "hold")
def hold(
    api: ApiClient,
    task: Task,
    until: Annotated[str, typer.Argument(help=RESUMES_HELP)],
    reason: Annotated[str, typer.Option(help="Why, e.g. what is waited for.")],
) -> CommandResult:
    """Put a task on hold (挂起): out of the lists until then. What was promised runs on."""
    return _act_on_task(api, task, "hold", {"until": parse_time(until), "reason": reason})


@command(app, "resume")
def resume(api: ApiClient, task: Task, reason: Reason = "") -> CommandResult:
    """Take up a task that is on hold before its time (恢复)."""
    return _act_on_task(api, task, "resume", {"reason": reason})


@command(app, "approve")
def approve(
    api: ApiClient,
    task: Task,
    amount: Annotated[str | None, typer.Option(help="Less than was asked for.")] = None,
    currency: Annotated[str, typer.Option(help="Its currency.")] = "CNY",
    note: Annotated[str, typer.Option(help="What is to be said with it.")] = "",
) -> CommandResult:
    """Approve the amount that somebody else asks for (同意), or less; never one's own request."""
    money = {"amount": amount, "currency": currency} if amount else None
    return _act_on_task(api, task, "approve", {"amount": money, "note": note})


@command(app, "decline")
def decline(
    api: ApiClient, task: Task, reason: Annotated[str, typer.Option(help="Why.")]
) -> CommandResult:
    """Decline what somebody asks to be approved (驳回)."""
    return _act_on_task(api, task, "decline", {"reason": reason})


@command(app, "answer")
def answer(
    api: ApiClient, task: Task, text: Annotated[str, typer.Argument(help="The answer.")]
) -> CommandResult:
    """Answer what your team is asked (协办)."""
    return _act_on_task(api, task, "answer", {"answer": text})


@command(app, "withdraw")
def withdraw(api: ApiClient, task: Task, reason: Reason = "") -> CommandResult:
    """Take back a request to others: your own, or as a lead."""
    return _act_on_task(api, task, "withdraw", {"reason": reason})


@command(app, "do")
def do(
    api: ApiClient,
    task: Task,
    step: Annotated[str, typer.Argument(help="One of those that `case show` offers.")],
    form: FormText = None,
    sets: Sets = None,
) -> CommandResult:
    """Do a task by taking one of its steps; asks for what is missing if you are at a terminal."""
    view = api.get(f"/v1/tasks/{segment(task)}")
    if by := view.body["task"]["done_by"]:
        at = local_time(view.body["task"]["done_at"])
        raise Refused(
            translate(
                "%(task)s was done by %(by)s at %(at)s; `banjie case show` tells the rest.",
                task=task,
                by=by,
                at=at,
            )
        )
    return take_step(api, view, step, form, sets)


def _row(task: dict[str, Any], *, on_hold: bool) -> tuple[object, ...]:
    return (
        task["id"],
        *labels_of(task, "state", "priority"),
        _claimed_by(task, on_hold),
        local_time(task["on_hold_until" if on_hold else "received_at"]),
        time_left(task["due_at"], datetime.now(UTC)),
        _words(task),
    )


def _claimed_by(task: dict[str, Any], on_hold: bool) -> str | None:
    """Return who has it and, in a list that is not of those on hold, that it is on hold."""
    names = (
        task["assignee"],
        translate("on hold") if task["on_hold_until"] and not on_hold else None,
    )
    return listed(filter(None, names)) or None


def _act_on_task(api: ApiClient, task: str, action: str, body: Mapping[str, Any]) -> CommandResult:
    filled = {name: value for name, value in body.items() if value}
    response = api.post(f"/v1/tasks/{segment(task)}/{action}", filled)
    return CommandResult(response.body, sentence(_done(task, action)))


def _done(task: str, action: str) -> str:
    sentences = {
        "claim": translate("%(task)s: it is yours.", task=task),
        "release": translate("%(task)s: put back for others.", task=task),
        "assign": translate("%(task)s: handed on.", task=task),
        "limit": translate("%(task)s: the limit is set.", task=task),
        "prioritise": translate("%(task)s: the priority is set.", task=task),
        "hold": translate("%(task)s: on hold; its clocks run on.", task=task),
        "resume": translate("%(task)s: taken up again.", task=task),
        "approve": translate("%(task)s: approved.", task=task),
        "decline": translate("%(task)s: declined.", task=task),
        "answer": translate("%(task)s: answered.", task=task),
        "withdraw": translate("%(task)s: taken back.", task=task),
    }
    return sentences[action]

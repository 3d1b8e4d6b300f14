"""`banjie task`: what waits for people; claim it, release it, hand it on, do it."""

from datetime import UTC, datetime
from enum import StrEnum, auto
from typing import Annotated, Any

import typer

from cli.case.clocks import left
from cli.core.client import Server
from cli.core.command import command, new_app
from cli.core.exits import Refused
from cli.core.forms import FormText, Sets, do_step
from cli.core.names import refuse_unknown
from cli.core.output import Shown, instant, moment, sentence, table
from cli.core.paging import Everything, Limit, collect

app = new_app("Tasks: list, claim, release, assign, limit, hold, resume, do.")

Task = Annotated[str, typer.Argument(help="The task's id, e.g. TS202603024829107-3.")]
Reason = Annotated[str, typer.Option(help="Why.")]
Only = Annotated[str | None, typer.Option()]

HEADS = ("task", "state", "priority", "held by", "received", "left", "words")
ON_HOLD = tuple("on hold until" if head == "received" else head for head in HEADS)
DONE = {
    "claim": "it is yours",
    "release": "put back for others",
    "assign": "handed on",
    "limit": "the limit is set",
    "hold": "on hold; its clocks run on",
    "resume": "taken up again",
}
BACK = "When it comes back by itself, e.g. 2026-03-05T10:00; 30 days ahead at most."
UNTIL = "When the case is to be resolved, e.g. 2026-03-03T10:00 (business zone if none is said)."


class Scope(StrEnum):
    """Whose tasks."""

    MINE = auto()
    TEAMS = auto()
    UNASSIGNED = auto()
    ALL = auto()


@command(app, "list")
def list_tasks(  # noqa: PLR0913, PLR0917 — each is a word of the command line
    server: Server,
    scope: Annotated[Scope, typer.Option(help="Whose.")] = Scope.ALL,
    kind: Only = None,
    stage: Only = None,
    state: Only = None,
    priority: Only = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what is overdue.")] = False,
    due_within: Annotated[
        str | None, typer.Option(help="Only what is due within this time: PT2H, P1D.")
    ] = None,
    held: Annotated[
        bool, typer.Option("--held", help="Those on hold, else only told with what is due.")
    ] = False,
    limit: Limit = 20,
    everything: Everything = False,
    cursor: Annotated[str | None, typer.Option(help="Go on after the page that named it.")] = None,
) -> Shown:
    """List open tasks, what is due soonest first."""
    wanted = {"kind": kind, "stage": stage, "state": state, "priority": priority, "cursor": cursor}
    wanted |= {"overdue": "true" if overdue else None, "due_within": due_within}
    wanted |= {"on_hold": "true" if held else None}
    most = None if everything else limit
    page = collect(server, "/v1/tasks", most, scope=scope.value, **wanted)
    if not page["items"]:
        refuse_unknown(wanted)
    rows = [
        (
            t["id"],
            t["state"],
            t["priority"],
            _holder(t, held),
            moment(t["on_hold_until" if held else "received_at"]),
            left(t["due_at"], datetime.now(UTC)),
            t["words"],
        )
        for t in page["items"]
    ]
    return Shown(page, table(ON_HOLD if held else HEADS, rows, "Nothing waits."))


@command(app, "claim")
def claim(server: Server, task: Task) -> Shown:
    """Take a task yourself."""
    return _act(server, task, "claim", {})


@command(app, "release")
def release(server: Server, task: Task, reason: Reason = "") -> Shown:
    """Put a task back for others."""
    return _act(server, task, "release", {"reason": reason})


@command(app, "assign")
def assign(
    server: Server,
    task: Task,
    assignee: Annotated[str, typer.Argument(help="Whose task it will be, by staff id.")],
    team: Annotated[str | None, typer.Option(help="And of which team.")] = None,
    reason: Reason = "",
    limit: Annotated[str | None, typer.Option(help=UNTIL)] = None,
) -> Shown:
    """Hand a task to somebody, with a limit of the case's own (本单时限) if need be."""
    body = {"assignee": assignee, "team": team, "reason": reason}
    return _act(server, task, "assign", body | {"limit": instant(limit) if limit else None})


@command(app, "limit")
def limit(
    server: Server,
    task: Task,
    until: Annotated[str, typer.Argument(help=UNTIL)],
    reason: Reason = "",
) -> Shown:
    """Set when a case is to be resolved: sooner freely, later as a manager with a reason."""
    return _act(server, task, "limit", {"limit": instant(until), "reason": reason})


@command(app, "hold")
def hold(
    server: Server,
    task: Task,
    until: Annotated[str, typer.Argument(help=BACK)],
    reason: Annotated[str, typer.Option(help="Why, e.g. what is waited for.")],
) -> Shown:
    """Put a task on hold (挂起): out of the lists until then. What was promised runs on."""
    return _act(server, task, "hold", {"until": instant(until), "reason": reason})


@command(app, "resume")
def resume(server: Server, task: Task, reason: Reason = "") -> Shown:
    """Take up a task that is on hold before its time (恢复)."""
    return _act(server, task, "resume", {"reason": reason})


@command(app, "do")
def do(
    server: Server,
    task: Task,
    step: Annotated[str, typer.Argument(help="One of those that `case show` offers.")],
    form: FormText = None,
    sets: Sets = None,
) -> Shown:
    """Do a task by taking one of its steps; asks for what is missing if you are at a terminal."""
    seen = server.get(f"/v1/tasks/{task}")
    if by := seen.body["task"]["done_by"]:
        at = moment(seen.body["task"]["done_at"])
        raise Refused(f"{task} was done by {by} at {at}; `banjie case show` tells the rest.")
    return do_step(server, seen, step, form, sets)


def _holder(task: dict[str, Any], held: bool) -> str | None:
    """Who has it; in a list of others too, that it is on hold."""
    names = (task["assignee"], "on hold" if task["on_hold_until"] and not held else None)
    return ", ".join(filter(None, names)) or None


def _act(server: Server, task: str, act: str, body: dict[str, str | None]) -> Shown:
    given = {name: value for name, value in body.items() if value}
    answer = server.post(f"/v1/tasks/{task}/{act}", given)
    return Shown(answer.body, sentence(f"{task}: {DONE[act]}."))

"""`banjie batch`: one step for many cases; how far it is; stop it."""

import re
import sys
import time
from collections.abc import Container
from typing import Annotated, Any
from uuid import uuid4

import typer
from rich.console import Console
from rich.prompt import Confirm
from rich.text import Text

from cli.core.client import Server
from cli.core.command import command, new_app
from cli.core.exits import CommandFailed, Exit, WrongUsage
from cli.core.forms import FormText, Sets, fill
from cli.core.forms import filters as read
from cli.core.names import refuse_unknown, steps_of
from cli.core.output import Shown, instant, moment, sentence, stderr, table
from cli.core.paging import Limit, collect
from cli.core.progress import advancing
from store.cases.records import CaseWhere

Batch = dict[str, Any]

PAGE = 500
LEFT_OUT = "Left out, since what became of them cannot be read: {}."
PAUSE = 0.3
"""Seconds between two looks at how far it is: the API tells of a batch only when it is asked, for
nobody but a command at a terminal would hold a connection open for it."""
FINE = {"done", "would"}
STOPPED = {*FINE, "cancelled"}
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
ITEM_HEADS = ("case", "result", "code", "detail")


def watched(server: Server, batch: Batch) -> Batch:
    """The batch when it is over."""
    path = f"/v1/batches/{batch['id']}"
    with advancing("cases", batch["size"]) as told:
        while not batch["ended_at"]:
            time.sleep(PAUSE)
            batch = server.get(path).body
            told(batch["size"] - batch["remaining"])
    return batch


def ended(server: Server, batch: Batch, *, watch: bool = True) -> Shown:
    """The batch, waited for if asked, with what became of each case.

    Exit code 1 if it was done with some case in another way than was asked for.
    """
    if watch:
        batch = watched(server, batch)
    items = _items(server, batch["id"])
    return shown(batch, items)


def stopped(server: Server, batch: Batch) -> Shown:
    """The batch once it is over, after the word to stop: what was not done is as asked for."""
    if batch["ended_at"]:
        return Shown(batch, sentence(f"There was nothing to stop: {_line(batch)}"))
    batch = watched(server, batch)
    return shown(batch, _items(server, batch["id"]), STOPPED)


def shown(
    batch: Batch, items: list[dict[str, Any]] | None = None, fine: Container[str] = FINE
) -> Shown:
    """The batch in one line; and the cases that did not go well, one by one."""
    bad = [each for each in items or [] if each["result"] and each["result"] not in fine]

    def draw(console: Console) -> None:
        console.print(Text(_outcome_line(batch)), soft_wrap=True)
        if bad:
            rows = [
                (each["number"], each["result"], each["code"], _local(each["detail"]))
                for each in bad
            ]
            table(ITEM_HEADS, rows, "")(console)

    document = batch if items is None else {**batch, "items": items}
    return Shown(document, draw, Exit.FAILURE if bad else Exit.OK)


def _outcome_line(batch: Batch) -> str:
    counts = ", ".join(f"{n} {came}" for came, n in sorted(batch["counts"].items()))
    left = f"; {batch['remaining']} left" if batch["remaining"] else ""
    dry = " (dry run)" if batch["dry_run"] else ""
    return f"{batch['id']}{dry}: {batch['state']}, {counts or 'nothing yet'}{left}."


def _local(detail: str | None) -> str:
    """The engine's sentence, with times as people here read them."""
    return MOMENT.sub(lambda found: moment(found[0]), detail or "")


def _items(server: Server, id: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    left_out: list[str] = []
    after: int | None = 0
    while after is not None:
        page = server.get(f"/v1/batches/{id}/items", after=after, limit=PAGE).body
        items += page["items"]
        left_out += page["left_out"]
        after = page["next"]
    if left_out:
        stderr().print(LEFT_OUT.format(", ".join(left_out)), markup=False, soft_wrap=True)
    return items


FILTERS = CaseWhere.model_fields.keys() - {"open"}
"""What `--where` knows; whether a case is open has an option of its own."""


class Declined(CommandFailed):
    """Somebody was asked, and said no."""


def filters(where: list[str]) -> dict[str, str]:
    """The filter, as the server reads it.

    Raises:
        WrongUsage: a word that is no filter, a time that is none, or a name that there is not.
    """
    given = read(where, FILTERS)
    refuse_unknown(given)
    return given


def form_of(
    server: Server, kind: str, step: str, form: str | None, sets: list[str]
) -> dict[str, Any]:
    """What is handed in for the step or act; a time without a zone is one of the business zone.

    Raises:
        WrongUsage: there is no such kind or step.
    """
    refuse_unknown({"kind": kind})
    if step not in (known := steps_of(kind)):
        raise WrongUsage(
            f"There is no step {step} of {kind}; there are {', '.join(sorted(known))}."
        )
    states = server.get(f"/v1/kinds/{kind}").body["states"]
    steps = (each for state in states for each in state["steps"])
    schema = next((each["form"] for each in steps if each["name"] == step), None) or _act(step)
    times = {name for name, field in schema.get("properties", {}).items() if _is_time(field)}
    return {
        name: instant(value) if name in times and isinstance(value, str) else value
        for name, value in fill(schema, form, sets).items()
    }


def _act(name: str) -> dict[str, Any]:
    from domain.engine.task_actions import TASK_ACTIONS

    return TASK_ACTIONS[name][0].model_json_schema() if name in TASK_ACTIONS else {}


def _is_time(field: dict[str, Any]) -> bool:
    return any(each.get("format") == "date-time" for each in (field, *field.get("anyOf", ())))


def sure(server: Server, body: Batch) -> None:
    """Try it, show what would come of it, and ask.

    Raises:
        WrongUsage: there is nobody to ask.
        Declined: the answer is no.
    """
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise WrongUsage("Say --yes to do it, or --dry-run to see what would come of it.")
    tried = server.post("/v1/batches", {**body, "dry_run": True}).body
    console = stderr()
    ended(server, tried).draw(console)
    if not Confirm.ask(f"Take {body['step']} in these cases?", console=console, default=False):
        raise Declined("Nothing was done.")


app = new_app("Many cases at once: one step for all that fit, and a result for each.")

Id = Annotated[str, typer.Argument(help="The batch, as `batch start` and `batch list` name it.")]
HEADS = ("batch", "made", "by", "kind", "step", "state", "cases", "remaining", "reason")
GROUP = "manage"


@command(app, "start", group=GROUP)
def start(  # noqa: PLR0913, PLR0917 — each is a word of the command line
    server: Server,
    kind: Annotated[str, typer.Option(help="complaint, inquiry …")],
    step: Annotated[
        str,
        typer.Option(help="A step, or assign, release, limit, hold, resume, notify."),
    ],
    reason: Annotated[str, typer.Option(help="Why; it is written down with each case.")],
    where: Annotated[
        list[str] | None, typer.Option(help="FIELD=VALUE: state, assignee, team, priority …")
    ] = None,
    closed: Annotated[bool, typer.Option("--closed", help="Closed cases, not open ones.")] = False,
    form: FormText = None,
    sets: Sets = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only look whether it could be done.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Until it is over.")] = True,
) -> Shown:
    """Take a step in every case that fits. At a terminal it is tried first, and you are asked."""
    body: Batch = {
        "kind": kind,
        "where": {**filters(where or []), "open": not closed},
        "step": step,
        "form": form_of(server, kind, step, form, sets or []),
        "reason": reason,
        "dry_run": dry_run,
    }
    if not (dry_run or yes):
        sure(server, body)
    batch = server.post("/v1/batches", body, idempotency_key=str(uuid4())).body
    return ended(server, batch) if wait else shown(batch)


@command(app, "show", group=GROUP)
def show(
    server: Server,
    id: Id,
    wait: Annotated[bool, typer.Option("--wait", help="Until it is over.")] = False,
) -> Shown:
    """Show a batch: how far it is, and what became of each case."""
    batch = server.get(f"/v1/batches/{id}").body
    return ended(server, watched(server, batch) if wait else batch, watch=False)


@command(app, "list", group=GROUP)
def list_batches(server: Server, limit: Limit = 20) -> Shown:
    """List batches, the newest first."""
    page = collect(server, "/v1/batches", limit)
    return Shown(page, table(HEADS, [_line(each) for each in page["items"]], "There are none."))


@command(app, "cancel", group=GROUP)
def cancel(server: Server, id: Id) -> Shown:
    """Stop a batch after what is under way; what was done stays done."""
    batch = server.post(f"/v1/batches/{id}/cancel", None).body
    return stopped(server, batch)


def _line(batch: dict[str, Any]) -> tuple[Any, ...]:
    what = f"{batch['step']} (dry run)" if batch["dry_run"] else batch["step"]
    return (batch["id"], moment(batch["at"]), batch["actor"]["id"], batch["kind"], what,
            batch["state"], batch["size"], batch["remaining"], batch["reason"])  # fmt: skip

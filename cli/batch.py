"""`banjie batch`: take one step in many cases, show how far that is, stop it."""

import re
import sys
import time
from collections.abc import Container
from typing import Annotated, Any
from uuid import uuid4

import typer
from rich.console import Console
from rich.text import Text

from cli.core.client import ApiClient, segment
from cli.core.command import command, noun_app
from cli.core.exits import CommandFailed, Exit, WrongUsage
from cli.core.forms import Form, FormText, Schema, Sets, fill_form, parse_filters
from cli.core.i18n import code_label, in_brackets, listed, translate
from cli.core.names import batch_steps, refuse_unknown_names
from cli.core.output import CommandResult, local_time, parse_time, sentence, stderr, table
from cli.core.paging import After, Everything, Limit, note_of_more, read_pages, with_note
from cli.core.progress import progress_bar
from cli.core.prompts import confirm

Batch = dict[str, Any]

Id = Annotated[str, typer.Argument(help="The batch, as `batch start` and `batch list` name it.")]
HEADERS = ("batch", "made", "by", "kind", "step", "state", "cases", "remaining", "reason")
ITEM_HEADERS = ("case", "result", "code", "detail")
OWN_OPTIONS = frozenset({"kind", "open"})
"""Filters that are not in `--where`: `--kind`, and `--closed`."""
GROUP = "manage"
PAGE = 500
POLL_SECONDS = 0.3
"""Between two looks at a batch: the API has no stream for it, as nobody but a command at a terminal
would hold a connection open for one."""
AS_ASKED = frozenset({"done", "would"})
AS_ASKED_OR_CANCELLED = AS_ASKED | {"cancelled"}
ISO_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")


class Declined(CommandFailed):
    """Somebody was asked, and said no."""


app = noun_app("Many cases at once: one step for all that fit, and a result for each.")


@command(app, "start", group=GROUP)
def start(  # noqa: PLR0913, PLR0917 — each is a word of the command line
    api: ApiClient,
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
) -> CommandResult:
    """Take a step in every case that fits. At a terminal it is tried first, and you are asked."""
    filters = parse_filters(where or [], excluded=OWN_OPTIONS)
    refuse_unknown_names({"kind": kind, **filters})
    body: Batch = {
        "kind": kind,
        "where": {**filters, "open": not closed},
        "step": step,
        "form": _form(api, kind, step, form, sets or []),
        "reason": reason,
        "dry_run": dry_run,
    }
    if not (dry_run or yes):
        _confirm(api, body)
    batch = api.post("/v1/batches", body, idempotency_key=str(uuid4())).body
    if not wait:
        return batch_result(batch)
    batch = _wait(api, batch)
    return batch_result(batch, _items(api, batch))


@command(app, "show", group=GROUP)
def show(
    api: ApiClient,
    id: Id,
    wait: Annotated[bool, typer.Option("--wait", help="Until it is over.")] = False,
) -> CommandResult:
    """Show a batch: how far it is, and what became of each case."""
    batch = api.get(f"/v1/batches/{segment(id)}").body
    if wait:
        batch = _wait(api, batch)
    return batch_result(batch, _items(api, batch))


@command(app, "list", group=GROUP)
def list_batches(
    api: ApiClient, limit: Limit = 20, everything: Everything = False, cursor: After = None
) -> CommandResult:
    """List batches, the newest first."""
    page = read_pages(api, "/v1/batches", None if everything else limit, cursor=cursor)
    note = note_of_more(api, "/v1/batches", page)
    rows = [_row(batch) for batch in page["items"]]
    return CommandResult(page, with_note(table(HEADERS, rows, translate("There are none.")), note))


@command(app, "cancel", group=GROUP)
def cancel(api: ApiClient, id: Id) -> CommandResult:
    """Stop a batch after what is under way; what was done stays done."""
    batch = api.post(f"/v1/batches/{segment(id)}/cancel", None).body
    if batch["ended_at"]:
        return CommandResult(
            batch,
            sentence(translate("There was nothing to stop: %(summary)s", summary=_summary(batch))),
        )
    batch = _wait(api, batch)
    return batch_result(batch, _items(api, batch), AS_ASKED_OR_CANCELLED)


def batch_result(
    batch: Batch, items: list[dict[str, Any]] | None = None, fine: Container[str] = AS_ASKED
) -> CommandResult:
    """Return the batch in one line, and the cases that did not go well, one by one.

    The exit code is 1 if the result of any case is not among `fine`.
    """
    failed = [item for item in items or [] if item["result"] and item["result"] not in fine]

    def render(console: Console) -> None:
        console.print(Text(_summary(batch)), soft_wrap=True)
        if failed:
            rows = [
                (
                    item["number"],
                    translate(item["result"]),
                    item["code"],
                    _with_local_times(item["detail"]),
                )
                for item in failed
            ]
            table(ITEM_HEADERS, rows, "")(console)

    document = batch if items is None else {**batch, "items": items}
    return CommandResult(document, render, Exit.FAILURE if failed else Exit.OK)


def _form(api: ApiClient, kind: str, step: str, form: str | None, sets: list[str]) -> Form:
    """Return the form for the step or task action; a time without a zone is of the business zone.

    Raises:
        WrongUsage: there is no such kind or step.
    """
    refuse_unknown_names({"kind": kind})
    if step not in (steps := batch_steps(kind)):
        raise WrongUsage(
            translate(
                "There is no step %(step)s of %(kind)s; there are %(steps)s.",
                step=step,
                kind=kind,
                steps=sorted(steps),
            )
        )
    states = api.get(f"/v1/kinds/{segment(kind)}").body["states"]
    offers = (offer for state in states for offer in state["steps"])
    schema = next((offer["form"] for offer in offers if offer["name"] == step), None)
    schema = schema or _task_action_schema(step)
    times = {name for name, field in schema.get("properties", {}).items() if _is_time(field)}
    return {
        name: parse_time(value) if name in times and isinstance(value, str) else value
        for name, value in fill_form(schema, form, sets).items()
    }


def _task_action_schema(name: str) -> Schema:
    from domain.engine.task_actions import TASK_ACTIONS

    return TASK_ACTIONS[name][0].model_json_schema() if name in TASK_ACTIONS else {}


def _is_time(field: Schema) -> bool:
    return any(each.get("format") == "date-time" for each in (field, *field.get("anyOf", ())))


def _confirm(api: ApiClient, body: Batch) -> None:
    """Try it, show what would come of it, and ask.

    Raises:
        WrongUsage: there is nobody to ask.
        Declined: the answer is no.
    """
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise WrongUsage(
            translate("Say --yes to do it, or --dry-run to see what would come of it.")
        )
    trial = _wait(api, api.post("/v1/batches", {**body, "dry_run": True}).body)
    console = stderr()
    batch_result(trial, _items(api, trial)).render(console)
    question = translate(
        "Take %(step)s in these cases?", step=code_label("step", body["step"], body["kind"])
    )
    if not confirm(question, console, default=False):
        raise Declined(translate("Nothing was done."))


def _wait(api: ApiClient, batch: Batch) -> Batch:
    """Return the batch when it is over."""
    path = f"/v1/batches/{batch['id']}"
    with progress_bar(translate("cases"), batch["size"]) as update:
        while not batch["ended_at"]:
            time.sleep(POLL_SECONDS)
            batch = api.get(path).body
            update(batch["size"] - batch["remaining"])
    return batch


def _items(api: ApiClient, batch: Batch) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    left_out: list[str] = []
    after: int | None = 0
    while after is not None:
        page = api.get(f"/v1/batches/{batch['id']}/items", after=after, limit=PAGE).body
        items += page["items"]
        left_out += page["left_out"]
        after = page["next"]
    if left_out:
        note = translate(
            "Left out, since what became of them cannot be read: %(left_out)s.", left_out=left_out
        )
        stderr().print(note, markup=False, soft_wrap=True)
    return items


def _summary(batch: Batch) -> str:
    counts = listed(f"{n} {translate(result)}" for result, n in sorted(batch["counts"].items()))
    remaining = (
        translate("; %(remaining)s left", remaining=batch["remaining"])
        if batch["remaining"]
        else ""
    )
    return translate(
        "%(id)s: %(state)s, %(counts)s%(remaining)s.",
        id=batch["id"] + (in_brackets(translate("dry run")) if batch["dry_run"] else ""),
        state=translate(batch["state"]),
        counts=counts or translate("nothing yet"),
        remaining=remaining,
    )


def _row(batch: Batch) -> tuple[Any, ...]:
    step = code_label("step", batch["step"], batch["kind"])
    step += in_brackets(translate("dry run")) if batch["dry_run"] else ""
    return (batch["id"], local_time(batch["at"]), batch["actor"]["id"],
            code_label("kind", batch["kind"], batch["kind"]), step, translate(batch["state"]),
            batch["size"], batch["remaining"], batch["reason"])  # fmt: skip


def _with_local_times(detail: str | None) -> str:
    """Return the engine's sentence, with times as people here read them."""
    return ISO_TIME.sub(lambda match: local_time(match[0]), detail or "")

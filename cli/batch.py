"""`banjie batch`: take one step in many cases, show how far that is, stop it, retry it."""

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
    step: Annotated[
        str,
        typer.Option(help="A step, or assign, release, limit, prioritise, hold, resume, notify."),
    ],
    reason: Annotated[str, typer.Option(help="Why; it is written down with each case.")],
    kind: Annotated[str | None, typer.Option(help="complaint, inquiry …")] = None,
    where: Annotated[
        list[str] | None, typer.Option(help="FIELD=VALUE: state, assignee, team, priority …")
    ] = None,
    closed: Annotated[bool, typer.Option("--closed", help="Closed cases, not open ones.")] = False,
    cases: Annotated[
        list[str] | None,
        typer.Option("--case", help="A case by its number, in place of --where; may be repeated."),
    ] = None,
    form: FormText = None,
    sets: Sets = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only look whether it could be done.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Until it is over.")] = True,
) -> CommandResult:
    """Take a step in every case that fits. At a terminal it is tried first, and you are asked."""
    body: Batch = {
        **_cases(kind, where or [], cases or [], closed=closed),
        "step": step,
        "form": _form(api, kind, step, form, sets or []),
        "reason": reason,
        "dry_run": dry_run,
    }
    if not (dry_run or yes):
        step = code_label("step", body["step"], body.get("kind", ""))
        question = translate("Take %(step)s in these cases?", step=step)
        try_and_ask(api, "/v1/batches", body, question)
    return begin(api, "/v1/batches", body, wait=wait)


@command(app, "retry", group=GROUP)
def retry(
    api: ApiClient,
    id: Id,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Until it is over.")] = True,
) -> CommandResult:
    """Try the cases of a batch that failed again, as a batch of their own."""
    return begin(api, f"/v1/batches/{segment(id)}/retry", None, wait=wait)


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


def begin(api: ApiClient, path: str, body: Batch | None, *, wait: bool) -> CommandResult:
    """Begin a batch; return it as it is then, or when it is over."""
    batch = api.post(path, body, idempotency_key=str(uuid4())).body
    if not wait:
        return batch_result(batch)
    batch = _wait(api, batch)
    return batch_result(batch, _items(api, batch))


def _cases(kind: str | None, where: list[str], numbers: list[str], *, closed: bool) -> Batch:
    """Return which cases: those that are named, or all of a kind that fit.

    Raises:
        WrongUsage: a name is unknown; or it is not said which cases, or in two ways.
    """
    filters = parse_filters(where, excluded=OWN_OPTIONS)
    refuse_unknown_names({"kind": kind, **filters})
    if numbers and (filters or closed):
        raise WrongUsage(translate("Name cases by --case or say which fit, not both."))
    if not (numbers or kind):
        raise WrongUsage(translate("Say which cases: --kind and --where, or --case."))
    of_kind = {"kind": kind} if kind else {}
    which = {"numbers": numbers} if numbers else {"where": {**filters, "open": not closed}}
    return {**of_kind, **which}


def _form(api: ApiClient, kind: str | None, step: str, form: str | None, sets: list[str]) -> Form:
    """Return the form for the step or task action; a time without a zone is of the business zone.

    Raises:
        WrongUsage: there is no such step.
    """
    schema = _schema(api, kind, step)
    times = {name for name, field in schema.get("properties", {}).items() if _is_time(field)}
    return {
        name: parse_time(value) if name in times and isinstance(value, str) else value
        for name, value in fill_form(schema, form, sets).items()
    }


def _schema(api: ApiClient, kind: str | None, step: str) -> Schema:
    if step not in (steps := batch_steps(kind)):
        raise WrongUsage(
            translate(
                "There is no step %(step)s of %(kind)s; there are %(steps)s.",
                step=step,
                kind=kind or translate("all kinds"),
                steps=sorted(steps),
            )
        )
    if kind is None:
        return _task_action_schema(step)
    states = api.get(f"/v1/kinds/{segment(kind)}").body["states"]
    offers = (offer for state in states for offer in state["steps"])
    schema = next((offer["form"] for offer in offers if offer["name"] == step), None)
    return schema or _task_action_schema(step)


def _task_action_schema(name: str) -> Schema:
    from domain.engine.task_actions import OFFERED_ACTIONS

    return OFFERED_ACTIONS[name][0].model_json_schema() if name in OFFERED_ACTIONS else {}


def _is_time(field: Schema) -> bool:
    return any(each.get("format") == "date-time" for each in (field, *field.get("anyOf", ())))


def try_and_ask(api: ApiClient, path: str, body: Batch, question: str) -> None:
    """Try it, show what would come of it, and ask.

    Raises:
        WrongUsage: there is nobody to ask.
        Declined: the answer is no.
    """
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise WrongUsage(
            translate("Say --yes to do it, or --dry-run to see what would come of it.")
        )
    trial = _wait(api, api.post(path, {**body, "dry_run": True}).body)
    console = stderr()
    batch_result(trial, _items(api, trial)).render(console)
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
    step = code_label("step", batch["step"], batch["kind"] or "")
    step += in_brackets(translate("dry run")) if batch["dry_run"] else ""
    return (batch["id"], local_time(batch["at"]), batch["actor"]["id"],
            _kind_label(batch), step, translate(batch["state"]),
            batch["size"], batch["remaining"], batch["reason"])  # fmt: skip


def _kind_label(batch: Batch) -> str:
    kind = batch["kind"]
    return code_label("kind", kind, kind) if kind else translate("several")


def _with_local_times(detail: str | None) -> str:
    """Return the engine's sentence, with times as people here read them."""
    return ISO_TIME.sub(lambda match: local_time(match[0]), detail or "")

"""`banjie batch`: one step for many cases; how far it is; stop it."""

from typing import Annotated, Any
from uuid import uuid4

import typer

from cli.batching import filters, form_of, sure
from cli.client import Server
from cli.command import command, new_app
from cli.doing import FormText, Sets
from cli.outcome import Batch, ended, shown, stopped, watched
from cli.output import Shown, moment, table
from cli.paging import Limit, collect

app = new_app("Many cases at once: one step for all that fit, and a result for each.")

Id = Annotated[str, typer.Argument(help="The batch, as `batch start` and `batch list` name it.")]
HEADS = ("batch", "made", "by", "kind", "step", "state", "cases", "left", "reason")
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
            batch["state"], batch["size"], batch["left"], batch["reason"])  # fmt: skip

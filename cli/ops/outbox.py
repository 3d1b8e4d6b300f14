"""`banjie ops outbox`: messages on their way to other systems, and those that did not arrive."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.core.command import AsJson, DataDir, noun_app
from cli.core.exits import NotFound, WrongUsage
from cli.core.i18n import code_label, translate
from cli.core.operator import (
    DEFAULT_TENANT,
    DatabaseUrl,
    Tenant,
    find_database_url,
    open_store,
    operator_actor,
    run_async,
    run_operator_command,
)
from cli.core.output import CommandResult, local_time, sentence, table
from cli.core.paging import note_of_rest, with_note

if TYPE_CHECKING:
    from store.outbox.records import OutboxRow


Number = Annotated[str, typer.Argument(help="Of which case.")]
Seq = Annotated[int, typer.Argument(min=0, max=2**31 - 1, help="Its entry, as listed.")]
N = Annotated[int, typer.Argument(min=0, max=2**31 - 1, help="Its place there, as listed.")]
COLUMNS = ("number", "seq", "n", "template", "to", "status", "channel", "attempts", "reason")
ASIDE = ("set_aside_by", "set_aside_reason")
TIMES = ("at", "next_at", "delivered_at", "set_aside_at")
HEADERS = (
    "case",
    "seq",
    "n",
    "notice",
    "to",
    "status",
    "channel",
    "attempts",
    "since",
    "again",
    "reason",
)

app = noun_app("What is on its way to others: list, redrive, set aside, put back.")


@app.callback()
def root() -> None:
    """What is on its way to others: list, redrive, set aside, put back."""


@app.command("list")
def list_rows(
    status: Annotated[
        str, typer.Option(help="Which: pending, delivered, dead, set_aside, or all.")
    ] = "dead",
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 100,
    tenant: Tenant = DEFAULT_TENANT,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show the rows of the outbox, oldest first; the dead ones unless told otherwise."""

    def work() -> CommandResult:
        url = find_database_url(data_dir, database_url)
        rows = run_async(_rows(url, tenant, status, limit))
        return _result(rows[:limit], note_of_rest(rows, limit))

    run_operator_command(work, as_json=as_json)


@app.command("redrive")
def redrive(
    number: Annotated[str | None, typer.Argument(help="Of this case only.")] = None,
    tenant: Tenant = DEFAULT_TENANT,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Send dead letters anew, from the first attempt on, under the same ids."""

    def work() -> CommandResult:
        count = run_async(_redrive(find_database_url(data_dir, database_url), tenant, number))
        return CommandResult(
            {"redriven": count}, sentence(translate("%(count)s to be sent anew.", count=count))
        )

    run_operator_command(work, as_json=as_json)


@app.command("set-aside")
def set_aside(
    number: Number,
    seq: Seq,
    n: N,
    reason: Annotated[str, typer.Option(help="Why nobody needs it; it is written down.")],
    tenant: Tenant = DEFAULT_TENANT,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Set a dead letter aside, so that nobody looks at it again and it is never sent."""

    def work() -> CommandResult:
        if not reason.strip():
            raise WrongUsage(translate("--reason says why; it is empty."))
        url = find_database_url(data_dir, database_url)
        done = run_async(_move(url, tenant, (number, seq, n), reason, aside=True))
        return _moved(done, translate("Set aside."))

    run_operator_command(work, as_json=as_json)


@app.command("put-back")
def put_back(
    number: Number,
    seq: Seq,
    n: N,
    tenant: Tenant = DEFAULT_TENANT,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Put a message that was set aside among the dead letters again."""

    def work() -> CommandResult:
        url = find_database_url(data_dir, database_url)
        done = run_async(_move(url, tenant, (number, seq, n), "", aside=False))
        return _moved(done, translate("It is a dead letter again."))

    run_operator_command(work, as_json=as_json)


async def _move(
    url: str, tenant: str, key: tuple[str, int, int], reason: str, *, aside: bool
) -> bool:
    from store.audit.records import By
    from store.outbox.records import MessageKey

    by = By(operator_actor(), reason)
    async with open_store(url, tenant) as store:
        queue, message = store.outbox_queue, MessageKey(*key)
        if aside:
            return await queue.set_aside(tenant, message, by)
        return await queue.put_back(tenant, message, by)


def _moved(done: bool, said: str) -> CommandResult:
    """Return the result.

    Raises:
        NotFound: there is no such message in the list that it was to leave.
    """
    if not done:
        raise NotFound(translate("There is no such message in that list, or not any more."))
    return CommandResult({"changed": True}, sentence(said))


async def _rows(url: str, tenant: str, status: str, limit: int) -> "list[OutboxRow]":
    from store.outbox.records import Delivery

    delivery = None if status == "all" else _status(Delivery, status)
    async with open_store(url, tenant) as store:
        # One more than is shown says whether there are more.
        return await store.outbox_queue.page(tenant, delivery, limit + 1)


def _status(statuses: Any, status: str) -> Any:
    if status not in list(statuses):
        raise WrongUsage(translate("--status is all, or one of %(statuses)s.", statuses=statuses))
    return statuses(status)


async def _redrive(url: str, tenant: str, number: str | None) -> int:
    from store.audit.records import By

    async with open_store(url, tenant) as store:
        if number is not None and await store.cases.get(tenant, number) is None:
            raise NotFound(translate("There is no case %(number)s.", number=number))
        return await store.outbox_queue.redrive(tenant, number, by=By(operator_actor()))


def _result(rows: "list[OutboxRow]", note: str) -> CommandResult:
    items = [_item(row) for row in rows]
    table_rows = [
        (
            *(each[name] for name in COLUMNS[:4]),
            code_label("role", each["to"]),
            translate(each["status"]),
            code_label("channel", each["channel"] or ""),
            each["attempts"],
            local_time(each["at"]),
            local_time(each["next_at"]) if each["status"] == "pending" else "",
            each["set_aside_reason"] or code_label("reason", each["reason"] or ""),
        )
        for each in items
    ]
    drawn = with_note(table(HEADERS, table_rows, translate("There are none.")), note)
    return CommandResult({"items": items}, drawn)


def _item(row: "OutboxRow") -> dict[str, Any]:
    times = {name: getattr(row, name) for name in TIMES}
    plain = {name: getattr(row, name) for name in (*COLUMNS, *ASIDE)}
    return {**plain, **{name: at.isoformat() if at else None for name, at in times.items()}}

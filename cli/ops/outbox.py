"""`banjie ops outbox`: what is on its way to others, and what did not arrive."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.core.command import AsJson, DataDir, new_app
from cli.core.exits import NotFound, WrongUsage
from cli.core.operator import (
    DEFAULT_TENANT,
    DatabaseUrl,
    Tenant,
    carry_out,
    end,
    find_store,
    opened,
)
from cli.core.output import Shown, moment, sentence, table

if TYPE_CHECKING:
    from store.outbox.records import OutboxRow


SHOWN = ("number", "seq", "n", "template", "to", "status", "attempts", "reason")
MOMENTS = ("at", "next_at", "delivered_at")
HEADS = ("case", "seq", "n", "notice", "to", "status", "attempts", "since", "again", "reason")

app = new_app("What is on its way to others: list, redrive.")


@app.callback()
def root() -> None:
    """What is on its way to others: list, redrive."""


@app.command("list")
def list_rows(
    status: Annotated[str, typer.Option(help="Which: pending, delivered, dead, or all.")] = "dead",
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 100,
    tenant: Tenant = DEFAULT_TENANT,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show the rows of the outbox, oldest first; the dead ones unless told otherwise."""

    def work() -> Shown:
        return _listed(carry_out(_rows(find_store(data_dir, database_url), tenant, status, limit)))

    end(work, as_json=as_json)


@app.command("redrive")
def redrive(
    number: Annotated[str | None, typer.Argument(help="Of this case only.")] = None,
    tenant: Tenant = DEFAULT_TENANT,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Send dead letters anew, from the first attempt on, under the same ids."""

    def work() -> Shown:
        count = carry_out(_redrive(find_store(data_dir, database_url), tenant, number))
        return Shown({"redriven": count}, sentence(f"{count} to be sent anew."))

    end(work, as_json=as_json)


async def _rows(url: str, tenant: str, status: str, limit: int) -> "list[OutboxRow]":
    from store.outbox.records import Delivery

    wanted = None if status == "all" else _status(Delivery, status)
    async with opened(url, tenant) as store:
        return await store.outbox_queue.page(tenant, wanted, limit)


def _status(known: Any, status: str) -> Any:
    if status not in list(known):
        raise WrongUsage(f"--status is all, or one of {', '.join(known)}.")
    return known(status)


async def _redrive(url: str, tenant: str, number: str | None) -> int:
    async with opened(url, tenant) as store:
        if number is not None and await store.cases.get(tenant, number) is None:
            raise NotFound(f"There is no case {number}.")
        return await store.outbox_queue.redrive(tenant, number)


def _listed(rows: "list[OutboxRow]") -> Shown:
    items = [_item(row) for row in rows]
    lines = [
        (
            *(each[name] for name in SHOWN[:7]),
            moment(each["at"]),
            moment(each["next_at"]) if each["status"] == "pending" else "",
            each["reason"],
        )
        for each in items
    ]
    return Shown({"items": items}, table(HEADS, lines, "There are none."))


def _item(row: "OutboxRow") -> dict[str, Any]:
    times = {name: getattr(row, name) for name in MOMENTS}
    plain = {name: getattr(row, name) for name in SHOWN}
    return {**plain, **{name: at.isoformat() if at else None for name, at in times.items()}}

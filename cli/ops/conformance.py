"""`banjie ops conformance`: is what happened to each case a walk of its process?"""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.audit.options import damage_told
from cli.core.command import AsJson, DataDir
from cli.core.exits import Exit, NotFound
from cli.core.operator import DatabaseUrl, Tenant, carry_out, end, find_store, opened
from cli.core.output import Shown, table
from cli.core.progress import advancing
from cli.export import known_kind

if TYPE_CHECKING:
    from ops.findings import Finding
    from store import Store


HEADS = ("case", "seq", "finding", "why")
Numbers = Annotated[list[str] | None, typer.Argument(help="Only these cases; all otherwise.")]


def conformance(
    numbers: Numbers = None,
    kind: Annotated[str | None, typer.Option(help="Only this kind.")] = None,
    tenant: Tenant = "default",
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Look whether every case's entries are a walk of its process, with its chain of hashes."""

    def work() -> Shown:
        known_kind(kind)
        url = find_store(data_dir, database_url)
        return _told(*carry_out(_checked(url, tenant, numbers or [], kind)))

    end(work, as_json=as_json)


def add_to(app: typer.Typer) -> None:
    """Make it a verb of this noun."""
    app.command("conformance")(conformance)


async def _checked(
    url: str, tenant: str, numbers: list[str], kind: str | None
) -> "tuple[int, list[Finding]]":
    with damage_told():
        async with opened(url, tenant) as store:
            return await _of_all(store, tenant, numbers, kind)


async def _of_all(
    store: "Store", tenant: str, numbers: list[str], kind: str | None
) -> "tuple[int, list[Finding]]":
    from ops.conformance import numbers_of

    cases, found = 0, []
    with advancing("cases", len(numbers) or None) as step:
        async for number in numbers_of(store, tenant, numbers, kind):
            found += await _of(store, tenant, number)
            cases += 1
            step(cases)
    return cases, found


async def _of(store: "Store", tenant: str, number: str) -> "list[Finding]":
    from ops.conformance import check_conformance
    from ops.findings import Finding
    from store.errors import CorruptRow

    try:
        entries = await store.entries.of(tenant, number)
        if not entries and await store.cases.get(tenant, number) is None:
            raise NotFound(f"There is no case {number}.")
    except CorruptRow as spoilt:
        return [Finding("unreadable", str(spoilt), number)]
    return check_conformance(tenant, number, entries)


def _told(cases: int, found: "list[Finding]") -> Shown:
    document: dict[str, Any] = {"conforms": not found, "cases": cases}
    document["findings"] = [vars(each) for each in found]
    rows = [(each.number, each.seq or "", each.code, each.detail) for each in found]
    draw = table(HEADS, rows, f"{cases} cases, and each is a walk of its process.")
    return Shown(document, draw, Exit.NOT_VERIFIED if found else Exit.OK)

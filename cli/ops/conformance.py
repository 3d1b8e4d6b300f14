"""`banjie ops conformance`: do the entries of each case conform to its process?"""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.core.command import AsJson, DataDir
from cli.core.exits import Exit, NotFound
from cli.core.i18n import translate
from cli.core.names import refuse_unknown_kind
from cli.core.operator import (
    DatabaseUrl,
    Tenant,
    find_database_url,
    open_store,
    report_damage,
    run_async,
    run_operator_command,
)
from cli.core.output import CommandResult, table
from cli.core.progress import progress_bar

if TYPE_CHECKING:
    from ops.findings import Finding
    from store import Store


HEADERS = ("case", "seq", "finding", "why")
Numbers = Annotated[list[str] | None, typer.Argument(help="Only these cases; all otherwise.")]


def conformance(
    numbers: Numbers = None,
    kind: Annotated[str | None, typer.Option(help="Only this kind.")] = None,
    tenant: Tenant = "default",
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Check that every case's entries conform to its process, with an unbroken chain of hashes."""

    def work() -> CommandResult:
        refuse_unknown_kind(kind)
        url = find_database_url(data_dir, database_url)
        return _result(*run_async(_check_all(url, tenant, numbers or [], kind)))

    run_operator_command(work, as_json=as_json)


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("conformance")(conformance)


async def _check_all(
    url: str, tenant: str, numbers: list[str], kind: str | None
) -> "tuple[int, list[Finding]]":
    """Return how many cases were checked, and what does not conform."""
    from ops.conformance import numbers_of

    cases: int = 0
    findings: list[Finding] = []
    with report_damage():
        async with open_store(url, tenant) as store:
            with progress_bar(translate("cases"), len(numbers) or None) as update:
                async for number in numbers_of(store, tenant, numbers, kind):
                    findings += await _check(store, tenant, number)
                    cases += 1
                    update(cases)
    return cases, findings


async def _check(store: "Store", tenant: str, number: str) -> "list[Finding]":
    from ops.conformance import check_conformance
    from ops.findings import Finding
    from store.errors import CorruptRow

    try:
        entries = await store.entries.of(tenant, number)
        if not entries and await store.cases.get(tenant, number) is None:
            raise NotFound(translate("There is no case %(number)s.", number=number))
    except CorruptRow as corrupt:
        return [Finding("unreadable", str(corrupt), number)]
    return check_conformance(tenant, number, entries)


def _result(cases: int, findings: "list[Finding]") -> CommandResult:
    document: dict[str, Any] = {"conforms": not findings, "cases": cases}
    document["findings"] = [vars(finding) for finding in findings]
    rows = [(f.number, f.seq or "", f.code, f.detail) for f in findings]
    render = table(
        HEADERS, rows, translate("%(cases)s cases, and each conforms to its process.", cases=cases)
    )
    return CommandResult(document, render, Exit.NOT_VERIFIED if findings else Exit.OK)

"""How `banjie store` tells what it found."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console

from cli.failures import Exit
from cli.output import Draw, Shown, table

if TYPE_CHECKING:
    from ops.rebuild.differences import Difference
    from ops.rebuild.reports import Rebuilt, Reconciled

HEADS = ("case", "table", "row", "what", "then", "fields")
ADVICE = "Entries are not mended by themselves: run `banjie audit verify`, then --mend-entries."


def told_rebuilt(report: "Rebuilt", into: str | None) -> Shown:
    """The outcome; exit code 10 if the live store is another."""
    document: dict[str, Any] = {
        "same": None if report.compared is None else not report.found,
        "into": into,
        "cases": report.cases,
        "entries": report.entries,
        "seconds": round(report.seconds, 2),
        "cases_per_second": round(report.rate, 1),
        "compared": report.compared,
        "comparing_seconds": round(report.comparing, 2),
        "moved": report.moved,
        "moving": report.moving,
        "records": report.records,
        "differences": [each.document() for each in report.found],
    }
    compared = (
        "there was nothing to compare it with"
        if report.compared is None
        else f"the store has the same, in {report.compared} cases"
    )
    made = f"{report.cases} cases, {report.entries} entries made again"
    fine = f"{made} in {report.seconds:.1f} s; {compared}."
    code = Exit.NOT_VERIFIED if report.found else Exit.OK
    return Shown(document, _drawn(report.found, fine, ""), code)


def told_reconciled(report: "Reconciled", *, dry_run: bool) -> Shown:
    """The outcome; exit code 10 if anything stays as it was."""
    document: dict[str, Any] = {
        "reconciled": not report.stays,
        "dry_run": dry_run,
        "cases": report.cases,
        "seconds": round(report.seconds, 2),
        "moving": report.moving,
        "differences": [each.document() for each in report.found],
    }
    fine = f"{report.cases} cases, and the store has of each what it should."
    entries = any(each.table == "entries" and each.fate == "stays" for each in report.found)
    code = Exit.NOT_VERIFIED if report.stays else Exit.OK
    return Shown(document, _drawn(report.found, fine, ADVICE if entries else ""), code)


def _drawn(found: "Sequence[Difference]", fine: str, advice: str) -> Draw:
    rows = [
        (d.number, d.table, d.key, d.sort.value, d.fate.value, ", ".join(d.fields) or d.detail)
        for d in found
    ]
    draw_table = table(HEADS, rows, fine)

    def draw(console: Console) -> None:
        draw_table(console)
        if advice:
            console.print(advice, markup=False, soft_wrap=True)

    return draw

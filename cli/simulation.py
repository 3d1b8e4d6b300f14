"""What `banjie policy simulate` shows: the figures with each number of people, and who did what."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console

from cli.core.i18n import code_label, listed, translate
from cli.core.output import Renderer, table

if TYPE_CHECKING:
    from policies.simulation import Report

HEADERS = ("people", "cases", "unassigned", "unfinished", "median wait", "p95 wait", "longest wait",
           "broken")  # fmt: skip
LOAD_HEADERS = ("agent", "cases", "most at once", "busy minutes", "of minutes")


def draw_simulation(reports: "Sequence[Report]") -> Renderer:
    """Return what shows a line for each number of people, and below who did what with the most."""
    rows = [
        (
            str(each.agents),
            str(each.cases),
            str(each.unassigned),
            str(each.unfinished),
            *(f"{minutes:g}" for minutes in each.wait.values()),
            _broken(each),
        )
        for each in reports
    ]
    loads = [
        (str(each["agent"]), *(str(each[name]) for name in ("cases", "most", "busy", "here")))
        for each in reports[0].load
    ]
    nothing = translate("There is nothing to play.")
    parts = (table(HEADERS, rows, nothing), table(LOAD_HEADERS, loads, nothing))

    def draw(console: Console) -> None:
        for part in parts:
            part(console)

    return draw


def _broken(each: "Report") -> str:
    return listed(
        f"{code_label('clock', clock)} {count}/{each.promised[clock]}"
        for clock, count in each.breaches.items()
        if each.promised[clock]
    )

"""`banjie export`: histories for process-mining tools and spreadsheets."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from cli import nets
from cli.command import AsJson, DataDir, new_app
from cli.destination import STDOUT
from cli.exporting import Asked, carry_out_export
from cli.operating import DatabaseUrl, Tenant, end

SUFFIXES = {".json": "json", ".jsonocel": "json", ".sqlite": "sqlite", ".db": "sqlite"}

To = Annotated[
    Path, typer.Argument(metavar="FILE", help="Where to, replaced if there; - is standard output.")
]
Kind = Annotated[str | None, typer.Option(help="Only this kind: complaint, inquiry …")]
Since = Annotated[str | None, typer.Option(help="Received then or later.", metavar="TIME")]
Until = Annotated[str | None, typer.Option(help="Received before that.", metavar="TIME")]
Open = Annotated[bool | None, typer.Option("--open/--closed", help="Only open, or closed, cases.")]
WithTexts = Annotated[
    bool, typer.Option("--with-texts", help="With the customers' words and all free text.")
]
Reason = Annotated[str, typer.Option(help="Why; it is written down. --with-texts needs one.")]
Bom = Annotated[bool, typer.Option("--bom", help="Begin with the mark by which Excel knows UTF-8.")]

app = new_app("Histories for process-mining tools: ocel, xes, csv, pnml.")


@app.callback()
def root() -> None:
    """Histories for process-mining tools: ocel, xes, csv, pnml."""


def _make(name: str, about: str, form_of: Callable[[Path], str]) -> None:
    """A command that writes histories in a format."""

    def run(  # noqa: PLR0913, PLR0917 — each is a word of the command line
        file: To,
        kind: Kind = None,
        since: Since = None,
        until: Until = None,
        open: Open = None,  # noqa: A002 — the option's name
        with_texts: WithTexts = False,
        reason: Reason = "",
        tenant: Tenant = "default",
        database_url: DatabaseUrl = None,
        data_dir: DataDir = None,
        as_json: AsJson = False,
    ) -> None:
        asked = Asked(file, kind, since, until, open, with_texts, reason, tenant)
        work = carry_out_export(asked, form_of(file), database_url, data_dir, as_json=as_json)
        end(work, as_json=as_json)

    app.command(name, help=about)(run)


_make(
    "ocel",
    "Write an object-centric event log (OCEL 2.0): FILE.json, FILE.jsonocel or FILE.sqlite.",
    lambda file: "json" if file == STDOUT else SUFFIXES.get(file.suffix.lower(), ""),
)
_make("xes", "Write an event log in XES (IEEE 1849), a trace for each case.", lambda _: "xes")


@app.command("csv")
def csv(  # noqa: PLR0913, PLR0917 — each is a word of the command line
    file: To,
    bom: Bom = False,
    kind: Kind = None,
    since: Since = None,
    until: Until = None,
    open: Open = None,  # noqa: A002 — the option's name
    with_texts: WithTexts = False,
    reason: Reason = "",
    tenant: Tenant = "default",
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Write a table (RFC 4180), a row for each entry."""
    asked = Asked(file, kind, since, until, open, with_texts, reason, tenant)
    form = "excel" if bom else "csv"
    end(carry_out_export(asked, form, database_url, data_dir, as_json=as_json), as_json=as_json)


nets.add_to(app)

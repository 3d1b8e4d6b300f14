"""`banjie export`: histories for process-mining tools and spreadsheets, processes as Petri nets."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.core.atomic_write import STDOUT, atomic_path, standard_output
from cli.core.command import AsJson, DataDir, noun_app, run_command
from cli.core.exits import CommandFailed, Exit, WrongUsage
from cli.core.i18n import translate
from cli.core.names import refuse_unknown_kind
from cli.core.operator import (
    DatabaseUrl,
    Tenant,
    find_database_url,
    open_store,
    operator_actor,
    run_async,
    run_operator_command,
)
from cli.core.output import CommandResult, parse_time, sentence, stderr
from cli.core.progress import progress_bar

if TYPE_CHECKING:
    from domain.engine.process import Process
    from ops.export.export import Sink, Tally
    from ops.export.fields import AttributeCatalogue
    from ops.export.formats import ExportRequest, Format

OCEL_FORMATS = {".json": "json", ".jsonocel": "json", ".sqlite": "sqlite", ".db": "sqlite"}

OutFile = Annotated[
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


@dataclass(frozen=True)
class ExportOptions:
    """An export as the command line has it."""

    file: Path
    kind: str | None
    since: str | None
    until: str | None
    open: bool | None
    with_texts: bool
    reason: str
    tenant: str


app = noun_app("Histories for process-mining tools: ocel, xes, csv, pnml.")


@app.callback()
def root() -> None:
    """Histories for process-mining tools: ocel, xes, csv, pnml."""


def _add_format(name: str, about: str, format_of: Callable[[Path], str]) -> None:
    """Add a command that writes histories in a format."""

    def export(  # noqa: PLR0913, PLR0917 — each is a word of the command line
        file: OutFile,
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
        options = ExportOptions(file, kind, since, until, open, with_texts, reason, tenant)
        _export(options, format_of(file), database_url, data_dir, as_json=as_json)

    app.command(name, help=about)(export)


_add_format(
    "ocel",
    "Write an object-centric event log (OCEL 2.0): FILE.json, FILE.jsonocel or FILE.sqlite.",
    lambda file: "json" if file == STDOUT else OCEL_FORMATS.get(file.suffix.lower(), ""),
)
_add_format("xes", "Write an event log in XES (IEEE 1849), a trace for each case.", lambda _: "xes")


@app.command("csv")
def csv(  # noqa: PLR0913, PLR0917 — each is a word of the command line
    file: OutFile,
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
    options = ExportOptions(file, kind, since, until, open, with_texts, reason, tenant)
    _export(options, "excel" if bom else "csv", database_url, data_dir, as_json=as_json)


@app.command("pnml")
def pnml(
    file: OutFile,
    kind: Annotated[str | None, typer.Option(help="Only this kind; all of them otherwise.")] = None,
    process_version: Annotated[
        int | None, typer.Option(min=1, help="Of the kind; the newest otherwise.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Nothing beyond ISO/IEC 15909-2: no final markings.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write the processes as Petri nets (PNML), to check event logs against."""

    def work() -> CommandResult | None:
        from domain.mining.petri_net import net_of
        from ops.export.pnml import pnml as pnml_document

        nets = [net_of(process) for process in _processes(kind, process_version)]
        text = pnml_document(nets, strict=strict)
        if file == STDOUT:
            with standard_output(as_json=as_json) as out:
                out.writelines(text)
            return None
        with atomic_path(file) as part:
            part.write_text("".join(text), encoding="utf-8")
        names = [net.id for net in nets]
        return CommandResult(
            {"file": str(file), "nets": names}, sentence(f"{file}: {', '.join(names)}.")
        )

    run_command(work, as_json=as_json)


def _export(
    options: ExportOptions,
    format_name: str,
    database_url: str | None,
    data_dir: Path | None,
    *,
    as_json: bool,
) -> None:
    """Write histories in a format, and name those that cannot be read."""

    def work() -> CommandResult | None:
        from ops.export.fields import AttributeCatalogue
        from ops.export.history import processes

        request = _request(options, format_name)
        url = find_database_url(data_dir, database_url)
        catalogue = AttributeCatalogue(processes(request.cases), texts=request.texts)
        with _open_sink(options.file, request.format, catalogue, as_json=as_json) as sink:
            tally = run_async(_write_histories(url, options, request, sink))
        for case in tally.left_out:
            stderr().print(
                translate("%(number)s is left out: %(why)s", number=case.number, why=case.why),
                markup=False,
                soft_wrap=True,
            )
        counts = translate(
            "%(cases)s cases, %(events)s entries.", cases=tally.cases, events=tally.events
        )
        if options.file != STDOUT:
            return _result(options.file, format_name, counts, tally)
        stderr().print(counts, markup=False)
        if tally.left_out:
            raise CommandFailed(_left_out(tally))
        return None

    run_operator_command(work, as_json=as_json)


def _request(options: ExportOptions, format_name: str) -> "ExportRequest":
    from ops.export.formats import ExportRequest, Format
    from ops.export.history import ExportFilter

    refuse_unknown_kind(options.kind)
    if not format_name:
        raise WrongUsage(translate("OCEL is written to FILE.json, FILE.jsonocel or FILE.sqlite."))
    reason = options.reason.strip()
    if options.with_texts and not reason:
        raise WrongUsage(
            translate("--with-texts exports what people wrote; say why with --reason.")
        )
    since, until = _moment(options.since), _moment(options.until)
    cases = ExportFilter(options.kind, since, until, options.open)
    return ExportRequest(operator_actor(), Format(format_name), cases, options.with_texts, reason)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(parse_time(text)) if text else None


@contextmanager
def _open_sink(
    file: Path, form: "Format", catalogue: "AttributeCatalogue", *, as_json: bool
) -> "Iterator[Sink]":
    from ops.export.formats import file_sink, text_sink

    if file == STDOUT:
        with standard_output(as_json=as_json) as out, text_sink(form, out, catalogue) as sink:
            yield sink
        return
    with atomic_path(file) as part, file_sink(form, part, catalogue) as sink:
        yield sink


async def _write_histories(
    url: str, options: ExportOptions, request: "ExportRequest", sink: "Sink"
) -> "Tally":
    from ops.export.export import expected_cases, export, write_errors
    from ops.export.formats import log_export

    name = Path("standard output") if options.file == STDOUT else options.file
    async with open_store(url, options.tenant) as store:
        total = await expected_cases(store, options.tenant, request.cases)
        await log_export(store, options.tenant, request)
        # Caught here: further out, a pipe that nobody reads is taken for a server that is gone.
        with progress_bar(translate("cases"), total) as report, write_errors(name):
            return await export(
                store, options.tenant, request.cases, sink, lambda tally: report(tally.cases)
            )


def _result(file: Path, format_name: str, counts: str, tally: "Tally") -> CommandResult:
    document = {"file": str(file), "format": format_name, **asdict(tally)}
    if not tally.left_out:
        return CommandResult(document, sentence(f"{file}: {counts}"))
    return CommandResult(document, sentence(f"{file}: {counts} {_left_out(tally)}"), Exit.FAILURE)


def _left_out(tally: "Tally") -> str:
    return translate(
        "Left out, since they cannot be read: %(left_out)s.", left_out=len(tally.left_out)
    )


def _processes(kind: str | None, version: int | None) -> "list[Process]":
    from cases import CURRENT, KINDS

    refuse_unknown_kind(kind)
    if version is None:
        return [process for process in CURRENT.values() if kind in (None, process.kind)]
    if kind is None or (kind, version) not in KINDS:
        raise WrongUsage(
            translate("There is no such version; name the --kind, and one that it has.")
        )
    return [KINDS[kind, version]]

"""`banjie export`: histories for process-mining tools and spreadsheets."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cli.core.atomic_write import STDOUT, beside, standard_output
from cli.core.exits import CommandFailed, Exit, WrongUsage
from cli.core.operator import account, carry_out, find_store, opened
from cli.core.output import Shown, instant, sentence, stderr
from cli.core.progress import advancing

if TYPE_CHECKING:
    from ops.export.export import Sink, Tally
    from ops.export.fields import AttributeCatalogue
    from ops.export.formats import ExportRequest, Format
from typing import TYPE_CHECKING, Annotated

import typer

from cli.core.command import AsJson, finish

if TYPE_CHECKING:
    from domain.engine.process import Process


from cli.core.command import DataDir, new_app
from cli.core.operator import DatabaseUrl, Tenant, end


@dataclass(frozen=True)
class Asked:
    """An export as the command line has it."""

    file: Path
    kind: str | None
    since: str | None
    until: str | None
    open: bool | None
    with_texts: bool
    reason: str
    tenant: str


def carry_out_export(
    asked: Asked, form: str, database_url: str | None, data_dir: Path | None, *, as_json: bool
) -> Callable[[], Shown | None]:
    """What a command does, to be done by `end`."""

    def work() -> Shown | None:
        from ops.export.fields import AttributeCatalogue
        from ops.export.history import processes

        request = _request(asked, form)
        url = find_store(data_dir, database_url)
        catalogue = AttributeCatalogue(processes(request.cases), texts=request.texts)
        with _target(asked.file, request.format, catalogue, as_json=as_json) as sink:
            tally = carry_out(_exported(url, asked, request, sink))
        counts = f"{tally.cases} cases, {tally.events} entries."
        for each in tally.left_out:
            stderr().print(f"{each.number} is left out: {each.why}", markup=False, soft_wrap=True)
        if asked.file == STDOUT:
            stderr().print(counts, markup=False)
            if tally.left_out:
                raise CommandFailed(_left(tally))
            return None
        return _shown(asked.file, form, counts, tally)

    return work


def _shown(file: Path, form: str, counts: str, tally: "Tally") -> Shown:
    document = {"file": str(file), "format": form, **asdict(tally)}
    if not tally.left_out:
        return Shown(document, sentence(f"{file}: {counts}"))
    return Shown(document, sentence(f"{file}: {counts} {_left(tally)}"), Exit.FAILURE)


def _left(tally: "Tally") -> str:
    return f"Left out, since they cannot be read: {len(tally.left_out)}."


def known_kind(kind: str | None) -> None:
    """Refuse a kind that there is not.

    Raises:
        WrongUsage
    """
    from cases import CURRENT

    if kind is not None and kind not in CURRENT:
        raise WrongUsage(f"There is no kind {kind}; there are {', '.join(CURRENT)}.")


def _request(asked: Asked, form: str) -> "ExportRequest":
    from ops.export.formats import ExportRequest, Format
    from ops.export.history import ExportFilter

    known_kind(asked.kind)
    if not form:
        raise WrongUsage("OCEL is written to FILE.json, FILE.jsonocel or FILE.sqlite.")
    if asked.with_texts and not asked.reason.strip():
        raise WrongUsage("--with-texts exports what people wrote; say why with --reason.")
    cases = ExportFilter(asked.kind, _moment(asked.since), _moment(asked.until), asked.open)
    return ExportRequest(account(), Format(form), cases, asked.with_texts, asked.reason.strip())


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(instant(text)) if text else None


@contextmanager
def _target(
    file: Path, form: "Format", catalogue: "AttributeCatalogue", *, as_json: bool
) -> "Iterator[Sink]":
    from ops.export.formats import file_sink, text_sink

    if file == STDOUT:
        with standard_output(as_json=as_json) as out, text_sink(form, out, catalogue) as sink:
            yield sink
        return
    with beside(file) as part, file_sink(form, part, catalogue) as sink:
        yield sink


def _named(file: Path) -> Path:
    return Path("standard output") if file == STDOUT else file


async def _exported(url: str, asked: Asked, request: "ExportRequest", sink: "Sink") -> "Tally":
    from ops.export.export import expected_cases, export, write_errors
    from ops.export.formats import log_export

    async with opened(url, asked.tenant) as store:
        total = await expected_cases(store, asked.tenant, request.cases)
        await log_export(store, asked.tenant, request)
        # Said here, since further out a pipe that nobody reads is taken for a server that is gone.
        with advancing("cases", total) as step, write_errors(_named(asked.file)):
            return await export(
                store, asked.tenant, request.cases, sink, lambda tally: step(tally.cases)
            )


NetFile = Annotated[
    Path, typer.Argument(metavar="FILE", help="Where to, replaced if there; - is standard output.")
]


def pnml(
    file: NetFile,
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

    def work() -> Shown | None:
        from domain.mining.petri_net import net_of
        from ops.export.pnml import pnml as document

        found = [net_of(process) for process in _chosen(kind, process_version)]
        text = document(found, strict=strict)
        if file == STDOUT:
            with standard_output(as_json=as_json) as out:
                out.writelines(text)
            return None
        with beside(file) as part:
            part.write_text("".join(text), encoding="utf-8")
        names = [net.id for net in found]
        return Shown({"file": str(file), "nets": names}, sentence(f"{file}: {', '.join(names)}."))

    finish(work, as_json=as_json)


def add_to(app: typer.Typer) -> None:
    """Make it a verb of this noun."""
    app.command("pnml")(pnml)


def _chosen(kind: str | None, version: int | None) -> "list[Process]":
    from cases import CURRENT, KINDS

    known_kind(kind)
    if version is None:
        return [process for process in CURRENT.values() if kind in (None, process.kind)]
    if kind is None or (kind, version) not in KINDS:
        raise WrongUsage("There is no such version; name the --kind, and one that it has.")
    return [KINDS[kind, version]]


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


add_to(app)

"""The formats that histories are exported in, and a sink for each of them."""

import io
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from enum import StrEnum, auto
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TextIO

from pydantic import JsonValue

from domain.language.roles import Actor
from ops.export.csv import CsvWriter
from ops.export.export import Sink
from ops.export.fields import AttributeCatalogue
from ops.export.history import ExportFilter
from ops.export.ocel.database import OcelSqliteWriter
from ops.export.ocel.document import OcelJsonWriter
from ops.export.xes import XesWriter
from store import Store


class Format(StrEnum):
    """OCEL as JSON and as SQLite, XES, CSV, and CSV with a mark that makes Excel read UTF-8."""

    JSON = auto()
    SQLITE = auto()
    XES = auto()
    CSV = auto()
    EXCEL = auto()


@dataclass(frozen=True)
class ExportRequest:
    """Who exports which cases and why; `texts` includes what customers and staff wrote."""

    by: Actor
    format: Format
    cases: ExportFilter
    texts: bool = False
    reason: str = ""


async def log_export(store: Store, tenant: str, request: ExportRequest) -> None:
    """Write the export into the audit log; every export calls this first.

    Raises:
        StoreDown
    """
    cases = request.cases
    details: dict[str, JsonValue] = {
        "texts": request.texts,
        "kind": cases.kind,
        "since": cases.since.isoformat() if cases.since else None,
        "until": cases.until.isoformat() if cases.until else None,
        "open": cases.open,
    }
    await store.audit_log.add(
        tenant, request.by, "histories.exported", request.format.value, request.reason, details
    )


@contextmanager
def file_sink(form: Format, path: Path, catalogue: AttributeCatalogue) -> Iterator[Sink]:
    """Yield a sink that writes to an empty file."""
    if form is Format.SQLITE:
        with closing(OcelSqliteWriter(path, catalogue)) as database:
            yield database
        return
    with (
        path.open("w", encoding="utf-8", newline="") as file,
        text_sink(form, file, catalogue, spool=path.parent) as sink,
    ):
        yield sink


@contextmanager
def text_sink(
    form: Format, file: TextIO, catalogue: AttributeCatalogue, spool: Path | None = None
) -> Iterator[Sink]:
    """Yield a sink that writes to a text file opened with `newline=""`.

    Args:
        form: any format but SQLite, which is no text.
        file: the file.
        catalogue: the attributes that are exported.
        spool: the folder for what has to be gathered first; by default the system's.
    """
    if form is Format.JSON:
        # The temporary folder may be read by its owner only.
        with (
            TemporaryDirectory(prefix=".ocel-", dir=spool) as folder,
            closing(OcelJsonWriter(file, Path(folder) / "spool.sqlite", catalogue)) as document,
        ):
            yield document
    elif form is Format.XES:
        yield XesWriter(file, catalogue)
    elif form in (Format.CSV, Format.EXCEL):
        yield CsvWriter(file, catalogue, bom=form is Format.EXCEL)
    else:
        raise io.UnsupportedOperation(f"{form} is no text")

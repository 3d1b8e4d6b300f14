"""The formats that histories are exported in, each as something to write them to."""

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
from ops.export.csv import Table
from ops.export.export import Sink
from ops.export.fields import Catalogue
from ops.export.history import Which
from ops.export.ocel.database import Database
from ops.export.ocel.document import Document
from ops.export.xes import Traces
from store import Store


class Format(StrEnum):
    """OCEL as JSON and as SQLite, XES, CSV, and CSV with a mark that makes Excel read UTF-8."""

    JSON = auto()
    SQLITE = auto()
    XES = auto()
    CSV = auto()
    EXCEL = auto()


@contextmanager
def file_sink(form: Format, path: Path, catalogue: Catalogue) -> Iterator[Sink]:
    """Writes to a file that is empty."""
    if form is Format.SQLITE:
        with closing(Database(path, catalogue)) as database:
            yield database
        return
    with (
        path.open("w", encoding="utf-8", newline="") as file,
        text_sink(form, file, catalogue, spool=path.parent) as sink,
    ):
        yield sink


@contextmanager
def text_sink(
    form: Format, file: TextIO, catalogue: Catalogue, spool: Path | None = None
) -> Iterator[Sink]:
    """Writes to a text file that was opened with `newline=""`.

    Args:
        form: not SQLite, which is no text.
        file: where to.
        catalogue: what is told of an entry.
        spool: the folder for what has to be gathered first; by default the system's.
    """
    if form is Format.JSON:
        # A folder of its own: only its owner may look into it.
        with (
            TemporaryDirectory(prefix=".ocel-", dir=spool) as folder,
            closing(Document(file, Path(folder) / "spool.sqlite", catalogue)) as document,
        ):
            yield document
    elif form is Format.XES:
        yield Traces(file, catalogue)
    elif form in (Format.CSV, Format.EXCEL):
        yield Table(file, catalogue, bom=form is Format.EXCEL)
    else:
        raise io.UnsupportedOperation(f"{form} is no text")


@dataclass(frozen=True)
class Order:
    """An export as somebody asked for it; `texts` are what customers and staff wrote."""

    by: Actor
    format: Format
    which: Which
    texts: bool = False
    reason: str = ""


async def note_export(store: Store, tenant: str, order: Order) -> None:
    """Write the export down. The one place that knows how; without it nothing is exported.

    Raises:
        StoreDown
    """
    which = order.which
    details: dict[str, JsonValue] = {
        "texts": order.texts,
        "kind": which.kind,
        "since": which.since.isoformat() if which.since else None,
        "until": which.until.isoformat() if which.until else None,
        "open": which.open,
    }
    await store.audit_log.add(
        tenant, order.by, "histories.exported", order.format.value, order.reason, details
    )

"""Every format of an export, written once from a real store, with and without texts."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from domain.engine.case import Case
from ops.export.export import Tally, export
from ops.export.fields import AttributeCatalogue
from ops.export.formats import Format, file_sink
from ops.export.history import ExportFilter, processes
from store import Store
from tests.ops.recorded_stories import TENANT, Recorded, fill

Progress = Callable[[Tally], None]


@dataclass(frozen=True)
class Exported:
    """The files by format, with texts under the format's name and `+texts`."""

    cases: list[Case]
    files: dict[str, Path]
    tallies: dict[str, Tally]

    @property
    def entries(self) -> int:
        return sum(len(case.entries) for case in self.cases)

    def text(self, name: str) -> str:
        return self.files[name].read_bytes().decode("utf-8")


@asynccontextmanager
async def recorded_store(folder: Path) -> AsyncIterator[Recorded]:
    """A store on SQLite with all stories in it."""
    file = folder / "banjie.db"
    store = await Store.open(f"sqlite+aiosqlite:///{file}", migrate=True)
    try:
        yield await fill(store, file)
    finally:
        await store.close()


async def written(
    store: Store,
    form: Format,
    file: Path,
    which: ExportFilter | None = None,
    *,
    texts: bool = False,
    progress: Progress = lambda _: None,
) -> Tally:
    """One export."""
    which = which or ExportFilter()
    with file_sink(form, file, AttributeCatalogue(processes(which), texts=texts)) as sink:
        return await export(store, TENANT, which, sink, progress)


async def export_all(folder: Path) -> Exported:
    """All of them."""
    async with recorded_store(folder) as recorded:
        files, tallies = {}, {}
        for form in Format:
            for texts in (False, True):
                name = f"{form}+texts" if texts else form.value
                files[name] = folder / f"{name}.out"
                tallies[name] = await written(recorded.store, form, files[name], texts=texts)
    return Exported(recorded.cases, files, tallies)


def logged_times(case: Case) -> list[datetime]:
    """Return the times that logs give the entries of a case: none before the entry's own."""
    times: list[datetime] = []
    for entry in case.entries:
        earliest = times[-1] + timedelta(milliseconds=1) if times else entry.at
        times.append(max(entry.at, earliest))
    return times

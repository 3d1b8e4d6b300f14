"""From the store into a file: each case is read, written and forgotten before the next."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from domain.table import Stage
from ops.export.errors import ExportFailed
from ops.export.history import History, LeftOut, Which, histories
from store import Store


class Sink(Protocol):
    """Something that histories are written to."""

    def add(self, history: History) -> None:
        """Write one case."""

    def finish(self) -> dict[str, int]:
        """Write what comes at the end, and say how much of what was written."""


@dataclass
class Tally:
    """What was written so far; `objects` are counted at the end, where the format has any."""

    cases: int = 0
    events: int = 0
    objects: dict[str, int] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)


async def export(
    store: Store,
    tenant: str,
    which: Which,
    sink: Sink,
    progress: Callable[[Tally], None] = lambda _: None,
) -> Tally:
    """Write all cases that were asked for, but for those that cannot be read.

    Raises:
        StoreDown: it went away; what was written so far is of no use.
        ExportFailed: a case that could be read could not be written.
        OSError: the file could not be written.
    """
    tally = Tally()
    async for history in histories(store, tenant, which):
        if isinstance(history, LeftOut):
            tally.left_out.append(history)
            continue
        try:
            sink.add(history)
        except (LookupError, ValueError, TypeError) as error:
            number = history.row.number
            raise ExportFailed(
                f"{number} does not fit its process ({type(error).__name__}); "
                f"`banjie ops conformance {number}` says where."
            ) from error
        tally.cases += 1
        tally.events += len(history.entries)
        progress(tally)
    tally.objects = sink.finish()
    return tally


async def expected(store: Store, tenant: str, which: Which) -> int | None:
    """How many cases there will be; None where only reading them all would tell."""
    if which.since is not None or which.until is not None:
        return None
    return sum(
        count.n
        for count in await store.counts.cases(tenant)
        if which.kind in (None, count.kind) and which.open in (None, count.stage != Stage.CLOSE)
    )

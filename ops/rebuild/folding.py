"""From what is told of a case to its rows: a pure fold, for any process to do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from cases import KINDS
from domain.case import Case
from domain.chain import first_break
from domain.effects import Call, Notify
from domain.entries import Entry
from domain.messages import opening_of
from domain.process import Process
from domain.views import batch
from ops.rebuild.reading import entries_of, tenant_of
from ops.rebuild.told import Told
from store.archive import Bundle
from store.projection import Rows, rows_of

TELL: Final = "tell"


@dataclass(frozen=True)
class Folded:
    """A case as the store should have it, and what else it may have.

    Args:
        tenant, number: the case.
        rows: all that was recorded for sure.
        more: the same with the batch that is on its way, if there is one.
        may: rows of the outbox, by seq and n, that may be there or not.
        wrong: why its entries make no case; then there are no rows.
    """

    tenant: str
    number: str
    rows: Rows | None
    more: Rows | None = None
    may: frozenset[tuple[int, int]] = frozenset()
    wrong: str = ""

    def fitting(self, there: Rows) -> Rows | None:
        """The rows that fit how far a store has come."""
        arrived = self.more is not None and max(self.more["entries"]) in there["entries"]
        return self.more if arrived else self.rows


def fold(told: Told | Bundle) -> Folded | None:
    """The case; None if nothing of it was recorded, or if it is no case at all."""
    tenant = tenant_of(told)
    if tenant is None:
        return None
    try:
        entries, recorded = entries_of(told)
        return _folded(tenant, told.number, entries, recorded) if entries else None
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        # Its text may hold what a customer said.
        why = f"its entries cannot be read ({type(error).__name__})"
        return Folded(tenant, told.number, None, wrong=why)


def _folded(tenant: str, number: str, entries: Sequence[Entry], recorded: int) -> Folded:
    if (broken := first_break(entries, tenant, number)) is not None:
        why = f"entry {broken} does not follow from the one before"
        return Folded(tenant, number, None, wrong=why)
    opening = opening_of(entries[0])
    process = KINDS.get((opening.kind, opening.process_version))
    if process is None:
        why = f"nobody knows the process {opening.kind} v{opening.process_version}"
        return Folded(tenant, number, None, wrong=why)
    case = process.fold(opening, entries)
    may = frozenset(key for key, _, _, done in _tellings(process, case) if not done)
    more = _rows(process, case) if len(entries) > recorded else None
    if more is None:
        return Folded(tenant, number, _rows(process, case), None, may)
    before = _rows(process, process.as_of(case, recorded)) if recorded else None
    return Folded(tenant, number, before, more, may)


def _rows(process: Process, case: Case) -> Rows:
    """All rows, and those of the outbox that errands wrote and the process heard of."""
    rows = rows_of(batch(process, case, 0))
    for key, entry, call, done in _tellings(process, case):
        if done:
            params = call.params(process.as_of(case, entry.seq)) if call.params else {}
            said = {"template": call.template, "to": "customer", "at": entry.at, "params": params}
            rows["outbox"][key] = said
    return rows


def _tellings(process: Process, case: Case) -> Iterator[tuple[tuple[int, int], Entry, Call, bool]]:
    """Whom the process told itself: the key, the entry, the call, whether it was told."""
    answers: dict[int, set[str | None]] = {}
    for entry in case.entries:
        if entry.cause.entry is not None:
            answers.setdefault(entry.cause.entry, set()).add(entry.step)
    for entry in case.entries:
        for n, effect in enumerate(process.effects(case, entry)):
            if not isinstance(effect, Notify) and effect.port == TELL:
                yield (entry.seq, n), entry, effect, effect.done in answers.get(entry.seq, ())

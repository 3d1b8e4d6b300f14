"""Does each case's history hang together, and is it what the ledger says? Pure but for the read."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from domain.chain import genesis
from ops.audit.faults import Fault
from store import Store
from store.chains import Stretch
from store.records import Hashed, Part


@dataclass(frozen=True)
class Looked:
    """A stretch of cases that was looked at."""

    entries: int
    unsealed: int
    faults: list[Fault]


async def look(store: Store, tenant: str, stretch: Stretch) -> Looked:
    """Read a stretch of cases and say what is wrong with it."""
    part = await store.chains.part(tenant, stretch)
    sealed = sum((each.number, each.seq) in part.sealed for each in part.entries)
    return Looked(len(part.entries), len(part.entries) - sealed, list(faults(tenant, part)))


def faults(tenant: str, part: Part) -> Iterator[Fault]:
    """The first bad entry of each case that has one."""
    leaves: dict[str, dict[int, str]] = {}
    for (number, seq), digest in (*part.sealed.items(), *part.waiting.items()):
        # What is sealed came first; a row that waits under the same name says nothing more.
        leaves.setdefault(number, {}).setdefault(seq, digest)
    unseen = {**dict.fromkeys(part.last), **dict.fromkeys(leaves)}
    for number, entries in groupby(part.entries, key=lambda each: each.number):
        unseen.pop(number, None)
        told = leaves.get(number, {})
        fault = _case(tenant, number, list(entries), told, part.last.get(number))
        if fault:
            yield fault
    for number in unseen:
        yield Fault("entry_missing", "none of its entries is there", number, 1)


def _case(
    tenant: str, number: str, entries: list[Hashed], told: dict[int, str], last: int | None
) -> Fault | None:
    wanted = genesis(tenant, number)
    for seq, entry in enumerate(entries, start=1):
        if entry.seq != seq:
            return Fault("entry_missing", "it is not there, but later ones are", number, seq)
        if why := _wrong(entry, told.get(seq), wanted):
            return Fault(*why, number, seq)
        wanted = entry.hash
    return _end(number, len(entries), max(told, default=0), last)


def _wrong(entry: Hashed, told: str | None, wanted: str) -> tuple[str, str] | None:
    if told is None:
        return "entry_unknown", "the ledger does not know it"
    if told != entry.hash:
        return "entry_edited", "it is not what was recorded"
    if entry.prev != wanted:
        return "chain_broken", "it does not follow from the entry before it"
    return None


def _end(number: str, count: int, told: int, last: int | None) -> Fault | None:
    """Whether anything is missing behind the last entry."""
    if told > count:
        return Fault("entry_missing", "the ledger knows it", number, count + 1)
    if last is None:
        return Fault("case_missing", "its entries are there, its row is not", number)
    if last > count:
        return Fault("entry_missing", f"the case's row counts {last}", number, count + 1)
    return None

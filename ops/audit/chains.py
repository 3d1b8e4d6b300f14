"""Does each case's history hang together, and is it what the ledger says? Pure but for the read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from types import MappingProxyType

from domain.chain import genesis
from ops.audit.columns import is_count, is_text
from ops.audit.faults import Fault
from store import Store
from store.chains import Stretch
from store.records import Hashed, Part

NOTHING: Mapping[int, str] = MappingProxyType({})
NUMBER = attrgetter("number")


@dataclass(frozen=True)
class Looked:
    """A stretch of cases that was looked at."""

    entries: int
    unsealed: int
    faults: list[Fault]


async def look(store: Store, tenant: str, stretch: Stretch) -> Looked:
    """Read a stretch of cases and say what is wrong with it."""
    part = await store.chains.part(tenant, stretch)
    sealed = sum(each.seq in part.sealed.get(each.number, NOTHING) for each in part.entries)
    return Looked(len(part.entries), len(part.entries) - sealed, list(faults(tenant, part)))


def faults(tenant: str, part: Part) -> Iterator[Fault]:
    """The first bad entry of each case that has one."""
    unseen = dict.fromkeys([*part.last, *part.sealed, *part.waiting])
    for number, found in groupby(part.entries, NUMBER):
        unseen.pop(number, None)
        # What is sealed came first; a row that waits under the same name says nothing more.
        told = {**part.waiting.get(number, NOTHING), **part.sealed.get(number, NOTHING)}
        if fault := _case(tenant, number, list(found), told, part.last.get(number)):
            yield fault
    for number in unseen:
        yield Fault("entry_missing", "none of its entries is there", str(number), 1)


def _case(
    tenant: str, number: str, entries: Sequence[Hashed], told: Mapping[int, str], last: int | None
) -> Fault | None:
    if not is_text(number):
        return Fault("entry_unknown", "its number is no text", repr(number), 1)
    wanted = genesis(tenant, number)
    for seq, entry in enumerate(entries, start=1):
        if entry.seq != seq or told.get(seq) != entry.hash or entry.prev != wanted:
            return Fault(*_wrong(entry, seq, told.get(seq)), number, seq)
        wanted = entry.hash
    return _end(number, len(entries), told, last)


def _wrong(entry: Hashed, seq: int, told: str | None) -> tuple[str, str]:
    if entry.seq != seq:
        return "entry_missing", "it is not there, but later ones are"
    if told is None:
        return "entry_unknown", "the ledger does not know it"
    if told != entry.hash:
        return "entry_edited", "it is not what was recorded"
    return "chain_broken", "it does not follow from the entry before it"


def _end(number: str, count: int, told: Mapping[int, str], last: int | None) -> Fault | None:
    """Whether anything is missing behind the last entry."""
    if len(told) > count:
        return Fault("entry_missing", "the ledger knows it", number, count + 1)
    if last is None:
        return Fault("case_missing", "its entries are there, its row is not", number)
    if not is_count(last) or last > count:
        return Fault("entry_missing", f"the case's row counts {last!r}", number, count + 1)
    return None

"""What must be there exactly once when all is over: effects by their keys, breaches by clocks.

The oracle judges each case by its own entries; this counts what left the house, and asks of every
clock whether it is past its time.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cases import KINDS
from domain.engine.messages import opening_of
from domain.language.clocks import ClockState
from domain.language.effects import Call, Notify
from domain.language.entries import Entry
from domain.read_models.projection import CaseView, ClockView
from store import Store
from store.outbox.records import Delivery
from tests.support.agents import TENANT

PORTS = ("refund", "shipment", "replacement")
ALL = frozenset(PORTS)
LATE = {ClockState.BREACHED, ClockState.MET_LATE}
NEVER = {"progress"}
"""Clocks that repeat are never breached."""
HOLDS = timedelta(seconds=20)
"""So much later than due an entry may come where a worker has just died."""


@dataclass
class Reckoning:
    """What was counted, and all that is wrong with it.

    `keys` are, by port, the keys of what was asked, with the references that came back, or the
    number where a case was asked for. `done_locally` are the ports that local orders stand in for;
    `latest` is the longest that a breach was seen after it was due, of cases there by then.
    """

    done_locally: frozenset[str] = ALL
    keys: dict[str, dict[str, str]] = field(default_factory=lambda: {p: {} for p in PORTS})
    notices: int = 0
    breaches: int = 0
    latest: timedelta = timedelta()
    wrong: list[str] = field(default_factory=list)

    @property
    def effects(self) -> Mapping[str, int]:
        """How many things each port was to do."""
        return {port: len(keys) for port, keys in self.keys.items()}


async def reckon(
    store: Store, numbers: Sequence[str], done_locally: frozenset[str] = ALL
) -> Reckoning:
    """All of these cases, looked through; of each port, the keys and the references they got."""
    found = Reckoning(done_locally)
    for number in numbers:
        row = await store.cases.get(TENANT, number)
        entries = await store.entries.of(TENANT, number)
        assert row is not None, number
        await _effects(store, found, row, entries)
        _breaches(found, number, entries, await store.clocks.of(TENANT, number))
    return found


async def _effects(store: Store, found: Reckoning, row: CaseView, entries: Sequence[Entry]) -> None:
    """Each call answered once, with one local order if done locally; each notice one row."""
    outbox = await store.outbox.of(TENANT, row.number)
    local_orders = await store.local_orders.of(TENANT, row.number)
    wanted = []
    for entry, n, effect in _done(row, entries):
        key = f"{row.number}-{entry.seq}-{n}"
        if isinstance(effect, Notify) or effect.port == "tell":
            found.notices += 1
            rows = [r.status for r in outbox if (r.seq, r.n) == (entry.seq, n)]
            if rows != [Delivery.DELIVERED]:
                found.wrong.append(f"{key}: its notice is {rows}")
            continue
        answers = [e for e in entries if e.cause.entry == entry.seq]
        if [answer.step for answer in answers] != [effect.done]:
            found.wrong.append(f"{key}: answered {[answer.step for answer in answers]}")
            continue
        told = answers[0].form
        found.keys.setdefault(effect.port, {})[key] = str(told.get("reference", told.get("number")))
        if effect.port in found.done_locally:
            wanted.append((entry.seq, n, effect.port))
    if sorted((r.seq, r.n, r.port) for r in local_orders) != sorted(wanted):
        found.wrong.append(f"{row.number}: the local orders are {local_orders}, asked was {wanted}")


def _done(row: CaseView, entries: Sequence[Entry]) -> Iterator[tuple[Entry, int, Call | Notify]]:
    process = KINDS[row.kind, row.process_version]
    case = process.fold(opening_of(entries[0]), entries)
    for entry in entries:
        for n, effect in enumerate(process.effects(case, entry)):
            yield entry, n, effect


def breaches_of(entries: Sequence[Entry]) -> list[Entry]:
    """Those that say so: of rungs passed unseen the highest names the entry."""
    return [entry for entry in entries if "breach" in _strings(entry.form.get("rungs"))]


def _strings(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []


def _breaches(
    found: Reckoning, number: str, entries: Sequence[Entry], clocks: Sequence[ClockView]
) -> None:
    """A clock past its time has one breach, seen when it was due or later; no other has."""
    breaches = breaches_of(entries)
    by_clock = Counter((e.form.get("clock"), e.form.get("instance")) for e in breaches)
    for clock in clocks:
        times = by_clock.pop((clock.clock, clock.instance), 0)
        if times != (clock.state in LATE) or (times == 0 and _is_past(clock)):
            found.wrong.append(f"{number}: {clock.clock} is {clock.state}, breached {times} times")
    if by_clock:
        found.wrong.append(f"{number}: breaches of no clock, {by_clock}")
    for entry in breaches:
        found.breaches += 1
        if entry.due_at is None or entry.detected_at is None or entry.detected_at < entry.due_at:
            found.wrong.append(f"{number}: entry {entry.seq} breaches before it was due")
        elif entry.due_at >= entries[0].at:
            found.latest = max(found.latest, entry.detected_at - entry.due_at)


def _is_past(clock: ClockView) -> bool:
    """Whether its time was over before it ended, or is over now."""
    if clock.due_at is None or clock.clock in NEVER:
        return False
    return clock.due_at < (clock.ended_at or datetime.now(UTC) - HOLDS)

"""Counts what must be there exactly once at the end: effects by their keys, breaches by clocks.

The oracle judges each case by its own entries; this counts what was sent to outside systems, and
checks for every clock whether it is past its time.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cases import KINDS
from domain.engine.messages import opening_of
from domain.language.clocks import ClockState
from domain.language.effects import Call, Notify
from domain.language.entries import Entry, EntryType
from domain.read_models.projection import CaseView, ClockView
from store import Store
from store.outbox.records import Delivery
from tests.support.agents import TENANT

PORTS = ("refund", "shipment", "replacement")
ALL_PORTS = frozenset(PORTS)
LATE = {ClockState.BREACHED, ClockState.MET_LATE}
REPEATING = {"progress"}
"""Clocks that repeat are never breached."""
GRACE = timedelta(seconds=20)
"""How much later than due an entry may come where a worker has just died."""


@dataclass
class ExactlyOnceReport:
    """The counts, and every fault that was report.

    `keys` are the idempotency keys of the calls, by port, with the references that came back, or
    the number of a case that was opened. `local_ports` are the ports that local orders stand in
    for; `longest_delay` is the longest time from due to detected of a breach, over the cases that
    existed when it was due.
    """

    local_ports: frozenset[str] = ALL_PORTS
    keys: dict[str, dict[str, str]] = field(default_factory=lambda: {p: {} for p in PORTS})
    notices: int = 0
    breaches: int = 0
    longest_delay: timedelta = timedelta()
    faults: list[str] = field(default_factory=list)

    @property
    def effects(self) -> Mapping[str, int]:
        """How many calls each port had to do."""
        return {port: len(keys) for port, keys in self.keys.items()}


async def check_exactly_once(
    store: Store, numbers: Sequence[str], local_ports: frozenset[str] = ALL_PORTS
) -> ExactlyOnceReport:
    """Check all of these cases."""
    report = ExactlyOnceReport(local_ports)
    for number in numbers:
        row = await store.cases.get(TENANT, number)
        entries = await store.entries.of(TENANT, number)
        assert row is not None, number
        await _check_effects(store, report, row, entries)
        _check_breaches(report, number, entries, await store.clocks.of(TENANT, number))
    return report


async def _check_effects(
    store: Store, report: ExactlyOnceReport, row: CaseView, entries: Sequence[Entry]
) -> None:
    """Each call answered once, with one local order if done locally; each notice one row."""
    outbox = await store.outbox.of(TENANT, row.number)
    local_orders = await store.local_orders.of(TENANT, row.number)
    expected_orders = []
    for entry, n, effect in _effects_of(row, entries):
        key = f"{row.number}-{entry.seq}-{n}"
        if isinstance(effect, Notify) or effect.port == "tell":
            report.notices += 1
            rows = [r.status for r in outbox if (r.seq, r.n) == (entry.seq, n)]
            if rows != [Delivery.DELIVERED]:
                report.faults.append(f"{key}: its notice is {rows}")
            continue
        caused = [e for e in entries if e.cause.entry == entry.seq]
        answers = [e for e in caused if e.type is not EntryType.RETARGETED]
        if [answer.step for answer in answers] != [effect.done]:
            report.faults.append(f"{key}: answered {[answer.step for answer in answers]}")
            continue
        answer_form = answers[0].form
        report.keys.setdefault(effect.port, {})[key] = str(
            answer_form.get("reference", answer_form.get("number"))
        )
        if effect.port in report.local_ports:
            expected_orders.append((entry.seq, n, effect.port))
    if sorted((r.seq, r.n, r.port) for r in local_orders) != sorted(expected_orders):
        report.faults.append(
            f"{row.number}: the local orders are {local_orders}, not {expected_orders}"
        )


def _effects_of(
    row: CaseView, entries: Sequence[Entry]
) -> Iterator[tuple[Entry, int, Call | Notify]]:
    process = KINDS[row.kind, row.process_version]
    case = process.fold(opening_of(entries[0]), entries)
    for entry in entries:
        for n, effect in enumerate(process.effects(case, entry)):
            yield entry, n, effect


def breaches_of(entries: Sequence[Entry]) -> list[Entry]:
    """The entries of breaches; of milestones passed unseen the highest names the entry."""
    return [entry for entry in entries if "breach" in _strings(entry.form.get("rungs"))]


def _strings(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []


def _check_breaches(
    report: ExactlyOnceReport, number: str, entries: Sequence[Entry], clocks: Sequence[ClockView]
) -> None:
    """A clock past its time has one breach, seen when it was due or later; no other has."""
    breaches = breaches_of(entries)
    by_clock = Counter((e.form.get("clock"), e.form.get("instance")) for e in breaches)
    for clock in clocks:
        times = by_clock.pop((clock.clock, clock.instance), 0)
        if times != (clock.state in LATE) or (times == 0 and _is_past(clock)):
            report.faults.append(
                f"{number}: {clock.clock} is {clock.state}, breached {times} times"
            )
    if by_clock:
        report.faults.append(f"{number}: breaches of no clock, {by_clock}")
    for entry in breaches:
        report.breaches += 1
        if entry.due_at is None or entry.detected_at is None or entry.detected_at < entry.due_at:
            report.faults.append(f"{number}: entry {entry.seq} breaches before it was due")
        elif entry.due_at >= entries[0].at:
            report.longest_delay = max(report.longest_delay, entry.detected_at - entry.due_at)


def _is_past(clock: ClockView) -> bool:
    """Whether its time was over before it ended, or is over now."""
    if clock.due_at is None or clock.clock in REPEATING:
        return False
    return clock.due_at < (clock.ended_at or datetime.now(UTC) - GRACE)

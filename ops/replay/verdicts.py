"""The verdict on a replayed history: the same, or where today's code first does otherwise."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum, auto
from itertools import zip_longest

from temporalio.api.history.v1 import HistoryEvent

from domain.engine.chain import entry_hash
from domain.language.entries import Entry
from ops.replay.history import PackedHistory, steps_until
from runtime.message import Message

EVENT = re.compile(r"HistoryEvent\(id: (\d+), (\w+)\)")

RecordedEntry = tuple[int, Entry]
"""An entry that the history shows to be recorded, behind the id of the event that did it."""


class Divergence(StrEnum):
    """How today's code differs: in its commands to Temporal, in its entries, or it breaks."""

    SAME = auto()
    COMMANDS = auto()
    ENTRIES = auto()
    BROKEN = auto()
    UNREADABLE = auto()


@dataclass(frozen=True)
class Verdict:
    """The verdict on one history; `event`, `step` and `entry` say where it first diverges."""

    number: str
    run: str
    where: str
    sort: Divergence
    events: int = 0
    event: int | None = None
    step: str | None = None
    entry: int | None = None
    detail: str = ""

    @property
    def same(self) -> bool:
        """Whether today's code does the same."""
        return self.sort is Divergence.SAME

    def document(self) -> dict[str, object]:
        """As programs read it."""
        return {**asdict(self), "sort": self.sort.value, "same": self.same}


def unreadable(packed: PackedHistory, reason: str) -> Verdict:
    """Return the verdict on a file that holds no history."""
    return Verdict(packed.number, packed.run, packed.where, Divergence.UNREADABLE, detail=reason)


def judge(
    packed: PackedHistory,
    events: Sequence[HistoryEvent],
    failure: BaseException | None,
    recorded: Sequence[RecordedEntry],
    replayed: Sequence[Entry],
) -> Verdict:
    """Return the verdict on a history that was replayed.

    Args:
        packed: the history.
        events: its events.
        failure: the failure that the SDK raised in the replay, if any.
        recorded: the entries that the history shows to be recorded.
        replayed: the entries that today's code wrote.
    """
    pairs = (
        zip_longest(recorded, replayed)
        if failure is None
        else zip(recorded, replayed, strict=False)
    )
    differing = next((pair for pair in pairs if not _alike(*pair)), None)
    failed = _failed(packed, events, failure) if failure is not None else None
    # An entry that differs before the SDK saw a difference is where the divergence began.
    if differing and not (failed and failed.event and _event(differing[0]) >= failed.event):
        return _differs(packed, events, *differing)
    if failed:
        return failed
    return Verdict(packed.number, packed.run, packed.where, Divergence.SAME, len(events))


def _alike(recorded: RecordedEntry | None, replayed: Entry | None) -> bool:
    if recorded is None or replayed is None:
        return False
    # Comparing takes a tenth of the time; but a hash leaves out a field that was added since.
    return recorded[1] == replayed or entry_hash(recorded[1]) == entry_hash(replayed)


def _event(recorded: RecordedEntry | None) -> int:
    return recorded[0] if recorded else 0


def _failed(
    packed: PackedHistory, events: Sequence[HistoryEvent], failure: BaseException
) -> Verdict:
    text = " ".join(str(failure).split())
    match = EVENT.search(text)
    event = int(match[1]) if match else None
    return Verdict(
        number=packed.number,
        run=packed.run,
        where=packed.where,
        sort=Divergence.COMMANDS if "TMPRL1100" in text or match else Divergence.BROKEN,
        events=len(events),
        event=event,
        step=steps_until(events, event or len(events)),
        detail=text[:500],
    )


def _differs(
    packed: PackedHistory,
    events: Sequence[HistoryEvent],
    recorded: RecordedEntry | None,
    replayed: Entry | None,
) -> Verdict:
    entry = recorded[1] if recorded else replayed
    assert entry is not None  # noqa: S101 — one of the two is longer
    return Verdict(
        number=packed.number,
        run=packed.run,
        where=packed.where,
        sort=Divergence.ENTRIES,
        events=len(events),
        event=recorded[0] if recorded else events[-1].event_id,
        step=entry.step or entry.type.value,
        entry=entry.seq,
        detail=_difference(recorded[1] if recorded else None, replayed),
    )


def _difference(recorded: Entry | None, replayed: Entry | None) -> str:
    """Return the fields that differ, never what is in them: that may be a customer's."""
    if recorded is None or replayed is None:
        return (
            Message("only today's code writes it")
            if recorded is None
            else Message("today's code does not write it")
        )
    old = recorded.model_dump(exclude={"prev"})
    new = replayed.model_dump(exclude={"prev"})
    names = [name for name, value in old.items() if new[name] != value] or ["prev"]
    return Message("differs in %(names)s", names=[*names])

"""What came of replaying a history: the same, or where today's code first goes another way."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum, auto
from itertools import zip_longest

from temporalio.api.history.v1 import HistoryEvent

from domain.engine.chain import entry_hash
from domain.language.entries import Entry
from ops.replay.history import Kept, Written, steps_until, written

EVENT = re.compile(r"HistoryEvent\(id: (\d+), (\w+)\)")


class Sort(StrEnum):
    """How today's code differs: it asks for other things, writes other entries, or breaks."""

    SAME = auto()
    COMMANDS = auto()
    ENTRIES = auto()
    BROKEN = auto()
    UNREADABLE = auto()


@dataclass(frozen=True)
class Verdict:
    """Of one history; `event`, `step` and `entry` say where it first diverges."""

    number: str
    run: str
    where: str
    sort: Sort
    events: int = 0
    event: int | None = None
    step: str | None = None
    entry: int | None = None
    detail: str = ""

    @property
    def same(self) -> bool:
        """Whether today's code does the same."""
        return self.sort is Sort.SAME

    def document(self) -> dict[str, object]:
        """For programs."""
        return {**asdict(self), "sort": self.sort.value, "same": self.same}


def judge(
    kept: Kept,
    events: Sequence[HistoryEvent],
    failure: BaseException | None,
    now: Sequence[Entry],
) -> Verdict:
    """The verdict.

    Args:
        kept: the history.
        events: its events.
        failure: what the SDK found when it replayed them, if anything.
        now: the entries that today's code wrote.
    """
    before = list(written(events))
    pairs = list(zip_longest(before, now) if failure is None else zip(before, now, strict=False))
    differing = next((pair for pair in pairs if not _alike(*pair)), None)
    failed = _failed(kept, events, failure) if failure is not None else None
    # What was written otherwise before the SDK saw a difference is where it began.
    if differing and not (failed and failed.event and _event(differing[0]) >= failed.event):
        return _differs(kept, events, *differing)
    if failed:
        return failed
    return Verdict(kept.number, kept.run, kept.where, Sort.SAME, len(events))


def unreadable(kept: Kept, why: str) -> Verdict:
    """A file that holds no history."""
    return Verdict(kept.number, kept.run, kept.where, Sort.UNREADABLE, detail=why)


def _alike(was: Written | None, now: Entry | None) -> bool:
    if was is None or now is None:
        return False
    # To compare takes a tenth of the time; but a field that was added since is left out of a hash.
    return was.entry == now or entry_hash(was.entry) == entry_hash(now)


def _event(was: Written | None) -> int:
    return was.event if was else 0


def _failed(kept: Kept, events: Sequence[HistoryEvent], failure: BaseException) -> Verdict:
    text = " ".join(str(failure).split())
    found = EVENT.search(text)
    event = int(found[1]) if found else None
    return Verdict(
        number=kept.number,
        run=kept.run,
        where=kept.where,
        sort=Sort.COMMANDS if "TMPRL1100" in text or found else Sort.BROKEN,
        events=len(events),
        event=event,
        step=steps_until(events, event or len(events)),
        detail=text[:500],
    )


def _differs(
    kept: Kept, events: Sequence[HistoryEvent], was: Written | None, now: Entry | None
) -> Verdict:
    entry = was.entry if was else now
    assert entry is not None  # noqa: S101 — one of the two is longer
    event = was.event if was else events[-1].event_id
    return Verdict(
        number=kept.number,
        run=kept.run,
        where=kept.where,
        sort=Sort.ENTRIES,
        events=len(events),
        event=event,
        step=entry.step or entry.type.value,
        entry=entry.seq,
        detail=_difference(was.entry if was else None, now),
    )


def _difference(was: Entry | None, now: Entry | None) -> str:
    """The fields that differ, never what is in them: that may be a customer's."""
    if was is None or now is None:
        return "only today's code writes it" if was is None else "today's code does not write it"
    old, new = was.model_dump(exclude={"prev"}), now.model_dump(exclude={"prev"})
    names = [name for name, value in old.items() if new[name] != value] or ["prev"]
    return f"differs in {', '.join(names)}"

"""What ended a clock, or began it anew, and whether the customer was reached by that."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from domain.language.entries import MOVES, Entry, EntryType
from domain.read_models.explain import Explanation
from web.pages.cases.lines import Liner

ENDS_CLOCKS = MOVES | {EntryType.NOTIFIED}
Endings: TypeAlias = Mapping[tuple[str, int], "Ending"]
"""What ended clocks, by the name of each and the number of its instance."""


@dataclass(frozen=True)
class Ending:
    """The entry that ended a clock; `unreached` if its message has reached no customer so far."""

    seq: int
    what: str
    unreached: bool


def endings(
    clocks: Iterable[Explanation],
    entries: Sequence[Entry],
    unreached: Collection[int],
    liner: Liner,
) -> Endings:
    """Return what ended each of the clocks that are over, and which message began another anew."""
    by_moment = {each.at: each for each in reversed(entries) if each.type in ENDS_CLOCKS}
    ended = [(clock, by_moment.get(clock.ended_at or clock.started_at)) for clock in clocks]
    return {
        (clock.clock, clock.instance): Ending(entry.seq, liner.what(entry), entry.seq in unreached)
        for clock, entry in ended
        if entry is not None and (clock.ended_at or entry.type is EntryType.NOTIFIED)
    }

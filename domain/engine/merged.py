"""Two cases about the same (合并): the forms, how a merged case stands, and where it ends.

Every kind has the end `merged`, which no kind names: a case is there as long as another goes on for
it. While the other one is asked whether it takes the case over, the case stays where it was.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum, auto
from typing import Annotated, Final

from pydantic import Field

from domain.engine.action_forms import ClockMode, Rewinding
from domain.language.entries import Entry, EntryType
from domain.language.forms import ADDED, Form
from domain.language.roles import Actor
from domain.language.table import Stage, State, WaitsOn
from domain.language.values import Code, Instant, Text, refers_to

MERGE, UNMERGE = "merge_into", "unmerge"
JOIN, PART = "join", "part"
MERGE_PORT: Final = "merge"
MERGED, UNMERGED = EntryType.MERGED.value, EntryType.UNMERGED.value
MERGE_REFUSED = EntryType.MERGE_REFUSED.value
UNMERGE_WINDOW: Final = timedelta(days=30)
"""For so long a merge can be taken back (ours)."""
MOST_JOINED: Final = 20
"""How many cases may be merged into one (ours)."""


class CommonEnd(StrEnum):
    """The ends that every kind has without naming them."""

    MERGED = auto()


MERGED_STATE: Final = State(
    CommonEnd.MERGED,
    "nothing: another case goes on for it",
    Stage.CLOSE,
    waits_on=WaitsOn.NOBODY,
    outcome="merged",
)


class Merging(Form):
    """Merge this case into another one, which goes on for both; say so of other customers' cases.

    `although_other_customer`: the two customers are not known to be one person, and it is meant.
    """

    into: Annotated[Code, refers_to("case")]
    reason: Text
    although_other_customer: Annotated[bool, Field(strict=True)] = False


class Unmerging(Form):
    """Take a merge back: this case is again where it was."""

    reason: Text


class Joining(Form):
    """Go on for another case as well, from now on; `due` is when its resolution was promised.

    `stays`: taking this case back does not take that promise back. Those of before have it not.
    """

    number: Code
    due: Annotated[Instant | None, ADDED] = None
    stays: Annotated[bool, ADDED] = False


class Parting(Form):
    """Go on for that other case no more."""

    number: Code


MERGE_ACTIONS: Mapping[str, tuple[type[Form], EntryType]] = {
    MERGE: (Merging, EntryType.MERGE_ASKED),
    UNMERGE: (Unmerging, EntryType.UNMERGE_ASKED),
    JOIN: (Joining, EntryType.JOINED),
    PART: (Parting, EntryType.PARTED),
}
"""What merges cases, with its form and the entry that it makes; the last two are asked by the
merged case."""

ASKING: Final = frozenset({MERGE, UNMERGE})
"""What people ask for, and what another case has to answer."""

BY_CASES: Final = frozenset({JOIN, PART})
"""Those that only another case asks for."""

REFUSALS: Final = (
    *("target_closed", "too_many", "itself", "asked", "merged_into"),
    *("case_full", "case_over", "not_found"),
)
"""Why the other case does not go on for this one, as it is written down."""

ANSWERS: Final = frozenset({MERGED, MERGE_REFUSED, UNMERGED})
"""What the other case's answer makes of a case that asked it."""


@dataclass(frozen=True)
class Merge:
    """That a case is merged, is about to be, or is about to be again what it was.

    Args:
        into: the case that goes on.
        by: who merged it.
        asked: the seq of the entry that asks the other case, for this or for taking it back.
        was: the state that the case was in, to which it comes back.
        done: the seq of the entry by which it was merged; None as long as it is not.
        at: when that was.
        pending: whether the other case has not answered yet.
    """

    into: str
    by: Actor
    asked: int
    was: str
    done: int | None = None
    at: datetime | None = None
    pending: bool = True

    @property
    def answer(self) -> str:
        """What becomes of the case if the other one does what it is asked."""
        return MERGED if self.done is None else UNMERGED


def merge_after(merge: Merge | None, entry: Entry, form: Form | None) -> Merge | None:
    """Return how a case's merge stands after an entry."""
    if isinstance(form, Merging):
        return Merge(form.into, entry.actor, entry.seq, entry.led_to)
    if merge is None or entry.type in {EntryType.MERGE_REFUSED, EntryType.UNMERGED}:
        return None
    if entry.type is EntryType.MERGED:
        return replace(merge, done=entry.seq, at=entry.at, pending=False)
    if isinstance(form, Unmerging):
        return replace(merge, asked=entry.seq, pending=True)
    return merge


def joined_after(joined: tuple[str, ...], form: Form | None) -> tuple[str, ...]:
    """Return the numbers of the cases for which a case goes on, after an entry with this form."""
    if isinstance(form, Joining):
        return (*joined, form.number)
    if isinstance(form, Parting):
        return tuple(number for number in joined if number != form.number)
    return joined


def way_back(entry: Entry, form: Form | None) -> Rewinding | None:
    """Return to where an entry takes its case back: a rewind, or the end of a merge.

    After a merge the clocks count as they did: the customer was promised no other time.
    """
    if isinstance(form, Rewinding):
        return form
    to = entry.form.get("to") if entry.type is EntryType.UNMERGED else None
    if not isinstance(to, int):
        return None
    return Rewinding(to=to, reason="-", clocks=ClockMode.AS_THEN)

"""One case: where it is and what happened to it, folded from its entries."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self

from domain.engine.action_forms import Assignment, Hearing
from domain.engine.holds import Hold, hold_after
from domain.engine.kept_policy import KeptPolicy, PolicyChange
from domain.engine.merged import Merge, joined_after, merge_after
from domain.engine.messages import Opening
from domain.engine.side_tasks import SideTask, SideTasks, marks_after, side_tasks_after
from domain.language.clocks import ClockInstance, TargetOverride
from domain.language.entries import MOVES, Entry, EntryType
from domain.language.forms import F, Form


@dataclass(frozen=True)
class Holder:
    """Who holds the case, in which roles they took it, and since when."""

    id: str
    roles: tuple[str, ...]
    since: datetime


@dataclass(frozen=True)
class PriorityOverride:
    """The priority that a person gave the case, and the one of its classification that it replaces.

    It holds until the classification gives another.
    """

    priority: str
    replaces: str | None


BACK = frozenset({EntryType.REWOUND, EntryType.UNMERGED})
"""What takes a case back `to` an earlier entry."""

ANSWERS = frozenset({EntryType.NOTIFIED, EntryType.AWAITED})
"""What answers a customer's message: another message, or word that none is needed."""


def answers(heard: Entry, later: Entry) -> bool:
    """Return whether after a later entry a customer's message waits for nobody any more."""
    return later.led_to != heard.led_to or later.type in ANSWERS


@dataclass(frozen=True)
class Heard:
    """A message of the customer's that was not answered; `seq` is the entry, `at` when it came."""

    seq: int
    at: datetime


RewindCache = dict[tuple[str, int], Any]
"""What rewinds ask of the past, by entry; without it each rewind within another asks anew."""


def effective_seqs(last: int, back: Mapping[int, object]) -> list[int]:
    """Return the entries up to the last that nothing has taken back, in order.

    Args:
        last: the seq of the newest entry.
        back: to which entry those went back that took others back, by their seq.
    """
    seqs, seq = list[int](), last
    while seq > 0:
        seqs.append(seq)
        to = back.get(seq)
        seq = to if isinstance(to, int) else seq - 1
    return seqs[::-1]


@dataclass
class Case:
    """A case as its entries make it. Only `Process` adds entries.

    Args:
        opening: how it began.
        state: where it is.
        entries: its history.
        latest_forms: the newest form of each class.
        entered: the seq of the entry that brought it into its state, and so opened its task.
        since: when that was.
        etag: the seq of the last entry that moved the case or its task.
        holder: who holds its task.
        team: whose list shows its task.
        clocks: the newest instance of each clock.
        past: the older instances.
        escalation_tier: by how many tiers breaches have raised it.
        changed_policy: the policy that it was given since it was opened.
        target_override: the limit of its own that a person gave it.
        priority_override: the priority that a person gave it.
        hold: why, and until when, its task is on hold.
        heard: what the customer wrote while the case waits for them, until somebody answers.
        silent_since: from when it counts how long nothing came of what the case waits for.
        side_tasks: the requests to others, by the entries that made them.
        chases: how often somebody chased us.
        chased_at: when that was last.
        unseen_by: who has not acted on it since something that they should see.
        merge: that it is merged into another case, or is about to be.
        joined: the cases that are merged into it.
        last_hash: the hash of the newest entry as it was recorded, once it is.
        size: how many bytes its entries have.
        now: when the step is taken that is being decided on.
        rewind_cache: shared with copies of the same history.
    """

    opening: Opening
    state: str = ""
    entries: list[Entry] = field(default_factory=list)
    latest_forms: dict[type[Form], Form] = field(default_factory=dict)
    entered: int = 0
    since: datetime | None = None
    etag: int = 0
    holder: Holder | None = None
    team: str = ""
    clocks: dict[str, ClockInstance] = field(default_factory=dict)
    past: list[ClockInstance] = field(default_factory=list)
    escalation_tier: int = 0
    changed_policy: KeptPolicy | None = None
    target_override: TargetOverride | None = None
    priority_override: PriorityOverride | None = None
    hold: Hold | None = None
    heard: Heard | None = None
    silent_since: datetime | None = None
    side_tasks: SideTasks = field(default_factory=dict)
    chases: int = 0
    chased_at: datetime | None = None
    unseen_by: frozenset[str] = frozenset()
    merge: Merge | None = None
    joined: tuple[str, ...] = ()
    size: int = 0
    last_hash: str | None = field(default=None, compare=False)
    now: datetime | None = field(default=None, compare=False)
    rewind_cache: RewindCache = field(default_factory=dict, compare=False, repr=False)

    @property
    def last(self) -> Entry:
        """The newest entry."""
        return self.entries[-1]

    @property
    def policy(self) -> KeptPolicy:
        """The policy that it keeps: the one that it was given last."""
        return self.changed_policy or self.opening.policy

    @property
    def imported_at(self) -> datetime | None:
        """When it was taken over from another system; None if it began here."""
        return self.entries[0].at if self.opening.imported else None

    @property
    def task_opened(self) -> int:
        """The seq of the entry that opened its task, if it has one."""
        return self.heard.seq if self.heard else self.entered

    @property
    def next_due(self) -> datetime | None:
        """The soonest moment at which an open clock is, or was, due."""
        instances = (each for each in self.clocks.values() if each.open and not each.clock.repeats)
        return min((due for each in instances if (due := each.due)), default=None)

    @property
    def held_until(self) -> datetime | None:
        """When the hold of its task ends; None if it is not on hold."""
        return self.hold.until if self.hold else None

    @property
    def merged_into(self) -> str | None:
        """The case that goes on for it, if it is merged."""
        return self.merge.into if self.merge and self.merge.done else None

    @property
    def open_side_tasks(self) -> list[SideTask]:
        """The requests that wait for an answer, the oldest first."""
        return [task for task in self.side_tasks.values() if task.open]

    @property
    def next_seq(self) -> int:
        """The seq that the next entry will have."""
        return len(self.entries) + 1

    def latest(self, form_type: type[F]) -> F | None:
        """Return the newest form of this class that was handed in."""
        form = self.latest_forms.get(form_type)
        return form if isinstance(form, form_type) else None

    def times(self, step: str) -> int:
        """Return how often a step was taken since the case came into its state."""
        taken = (entry for entry in self.entries[self.entered :] if entry.step == step)
        return sum(1 for _ in taken)

    def arrivals(self) -> list[Entry]:
        """Return the entries that brought the case into another state, the opening first."""
        before = [None, *(entry.led_to for entry in self.entries)]
        return [e for e, was in zip(self.entries, before, strict=False) if e.led_to != was]

    def effective_entries(self) -> list[Entry]:
        """Return the entries that no rewind has taken back, in order; nor has the end of a merge.

        After a rewind they are those that were effective at the entry it went back to, whatever
        was taken back in between.
        """
        back = {each.seq: each.form.get("to") for each in self.entries if each.type in BACK}
        return [self.entries[seq - 1] for seq in effective_seqs(len(self.entries), back)]

    def clock_instances(self) -> list[ClockInstance]:
        """Return every instance of its clocks, the older ones first."""
        return [*self.past, *self.clocks.values()]

    def request(self, id: str) -> list[Entry]:
        """Return the entries that a request brought about; none if it was never done.

        The opening is left out: its key is one for starting cases.
        """
        return [entry for entry in self.entries[1:] if entry.cause.request == id]

    def copy(self) -> Self:
        """Return a case of the same history to try things on; entries and forms are shared."""
        return replace(
            self,
            entries=list(self.entries),
            latest_forms=dict(self.latest_forms),
            clocks=dict(self.clocks),
            past=list(self.past),
            rewind_cache=dict(self.rewind_cache),
        )

    def append(self, entry: Entry, form: Form | None, *, clears_assignee: bool = False) -> None:
        """Add an entry, and change what follows from it: state, forms, holder, hold, ETag."""
        moved = not self.entries or entry.led_to != self.last.led_to
        self.entries.append(entry)
        self.size += entry.size
        self.last_hash = None
        self.state = entry.led_to
        if moved:
            self.entered, self.since = entry.seq, entry.at
        if moved and clears_assignee:
            self.holder = None
        if form is not None:
            self.latest_forms[type(form)] = form
        if isinstance(form, PolicyChange):
            self.changed_policy = form.kept
        self._update_holder(entry, form)
        self.hold = hold_after(self.hold, entry, form, moved=moved)
        self._note_message(entry, form, moved=moved)
        self._note_beside(entry, form)
        self.merge = merge_after(self.merge, entry, form)
        self.joined = joined_after(self.joined, form)
        if entry.type in MOVES:
            self.etag = entry.seq

    def _update_holder(self, entry: Entry, form: Form | None) -> None:
        if isinstance(form, Assignment):
            self.holder = Holder(form.assignee, form.roles, entry.at)
            self.team = form.team or self.team
        elif entry.type is EntryType.CLAIMED:
            self.holder = Holder(entry.actor.id, entry.actor.roles, entry.at)
        elif entry.type is EntryType.RELEASED:
            self.holder = None

    def _note_message(self, entry: Entry, form: Form | None, *, moved: bool) -> None:
        """Change whether a customer's message waits for us."""
        if isinstance(form, Hearing):
            # Another machine's clock said when it was written, which may go ahead of ours.
            self.heard = Heard(entry.seq, min(form.written_at, entry.at))
        elif moved or entry.type in ANSWERS:
            self.silent_since = entry.at if moved or self.heard else self.silent_since
            self.heard = None

    def _note_beside(self, entry: Entry, form: Form | None) -> None:
        """Change what goes on beside the case's own task: requests, chases, marks."""
        self.side_tasks = side_tasks_after(self.side_tasks, entry, form)
        if entry.type is EntryType.CHASED:
            self.chases, self.chased_at = self.chases + 1, entry.at
        holder = self.holder.id if self.holder else None
        self.unseen_by = marks_after(self.unseen_by, self.side_tasks, holder, entry)

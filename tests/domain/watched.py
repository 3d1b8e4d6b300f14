"""A process that keeps a picture of its cases after each entry, while they are alive."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields

from domain.engine.case import Case, RewindCache
from domain.engine.chain import entry_hash
from domain.engine.messages import Opening
from domain.engine.process import Process
from domain.language.entries import Entry
from domain.language.forms import Form
from domain.read_models.past import ClockReading, read_clocks
from domain.read_models.projection import CaseView, TaskView, case_view, task_views


@dataclass(frozen=True)
class Picture:
    """All that is said of a case at one moment; its parts never change."""

    case: CaseView
    tasks: Mapping[int, TaskView]
    clocks: tuple[ClockReading, ...]


@dataclass(frozen=True, repr=False)
class Watched(Process):
    """`plain`, with a picture of each case by the hash of its newest entry.

    That hash stands for the whole history, so what is tried out on a copy does no harm.
    """

    plain: Process = field(kw_only=True)
    seen: dict[str, Picture] = field(default_factory=dict, kw_only=True)

    def __repr__(self) -> str:
        return f"Watched({self.kind})"

    def fold(
        self, opening: Opening, entries: Sequence[Entry], rewind_cache: RewindCache | None = None
    ) -> Case:
        """What is folded is not watched, but a case is opened by folding its first entry."""
        if len(entries) == 1:
            return super().fold(opening, entries, rewind_cache)
        return self.plain.fold(opening, entries, rewind_cache)

    def _append(self, case: Case, entry: Entry, form: Form | None) -> None:
        super()._append(case, entry, form)
        taken, key = self._picture(case), entry_hash(entry)
        assert self.seen.setdefault(key, taken) == taken

    def _picture(self, case: Case) -> Picture:
        entry = case.last
        known = self.seen[entry.prev].tasks if entry.seq > 1 and entry.prev else {}
        # Only what this entry changed: nothing of it needs a look into the past.
        changed = {task.seq: task for task in task_views(self.plain, case, entry.seq - 1)}
        clocks = tuple(read_clocks(case, entry.at))
        return Picture(case_view(self.plain, case), {**known, **changed}, clocks)


def watched(process: Process) -> Watched:
    """The same process under watch."""
    given = {each.name: getattr(process, each.name) for each in fields(process)}
    return Watched(**given, plain=process)

"""A process that records the read models of its cases after each entry, while they live."""

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
class CasePicture:
    """All read models of a case at one moment; its parts never change."""

    case: CaseView
    tasks: Mapping[int, TaskView]
    clocks: tuple[ClockReading, ...]


@dataclass(frozen=True, repr=False)
class RecordingProcess(Process):
    """Is `plain`, and keeps a picture of each case by the hash of its newest entry.

    That hash stands for the whole history, so trials on a copy do no harm.
    """

    plain: Process = field(kw_only=True)
    pictures: dict[str, CasePicture] = field(default_factory=dict, kw_only=True)

    def __repr__(self) -> str:
        return f"RecordingProcess({self.kind})"

    def fold(
        self, opening: Opening, entries: Sequence[Entry], rewind_cache: RewindCache | None = None
    ) -> Case:
        """Record no folded case, but the opening, which folds one entry."""
        if len(entries) == 1:
            return super().fold(opening, entries, rewind_cache)
        return self.plain.fold(opening, entries, rewind_cache)

    def _append(self, case: Case, entry: Entry, form: Form | None) -> None:
        super()._append(case, entry, form)
        picture = self._picture(case)
        assert self.pictures.setdefault(entry_hash(entry), picture) == picture

    def _picture(self, case: Case) -> CasePicture:
        entry = case.last
        before = self.pictures[entry.prev].tasks if entry.seq > 1 and entry.prev else {}
        # Only what this entry changed: nothing of it needs a look into the past.
        changed = {task.seq: task for task in task_views(self.plain, case, entry.seq - 1)}
        clocks = tuple(read_clocks(case, entry.at))
        return CasePicture(case_view(self.plain, case), {**before, **changed}, clocks)


def recording(process: Process) -> RecordingProcess:
    """Return the same process, recording."""
    values = {each.name: getattr(process, each.name) for each in fields(process)}
    return RecordingProcess(**values, plain=process)

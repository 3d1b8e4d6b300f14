"""A case that is tried out: who did what on it, and what the store was told."""

from dataclasses import dataclass, field
from datetime import datetime

from domain.engine.case import Case
from domain.engine.messages import Receipt, Request
from domain.engine.process import Process
from domain.errors import Refusal
from domain.read_models.projection import ProjectionUpdate, projection_update
from tests.domain.case_driver import NINE


@dataclass
class Walk:
    """A case, who tried what on it, and the batches that the store was told."""

    process: Process
    case: Case
    now: datetime = NINE
    done: list[tuple[Request, Receipt]] = field(default_factory=list)
    batches: list[ProjectionUpdate] = field(default_factory=list)
    refused: int = 0

    def record(self) -> None:
        """Tell the store what is new, as the workflow does."""
        known = self.batches[-1].case.last_seq if self.batches else 0
        if known < self.case.last.seq:
            self.batches.append(projection_update(self.process, self.case, known))

    def attempt(self, asked: Request) -> None:
        """Hand in a request as the workflow does. A refusal must change nothing."""
        before, trial = self.case.copy(), self.case.copy()
        try:
            self.process.check_request(self.case, asked, self.now)
        except Refusal:
            self.refused += 1
            return
        finally:
            assert self.case == before, "asking changed the case"
        receipt = self.process.apply_request(trial, asked, self.now)
        self.case = trial
        self.done.append((asked, receipt))

    def settle(self) -> None:
        """Let time take what is due, as the workflow's timer does."""
        self.process.settle(self.case, self.now)

"""A case on the pure engine with a clock of its own, for tests to drive."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cases import CURRENT
from domain.engine.case import Case
from domain.engine.messages import Receipt
from domain.engine.process import Process
from domain.errors import Refusal
from domain.language.roles import Actor, the_world
from domain.read_models.projection import pending_call
from tests.support.cases import CHEN, SORTED, opening, request

NINE = datetime(2026, 3, 2, 1, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
Given = tuple[str, Mapping[str, Any]]
PUT_IN: tuple[Given, ...] = (("accept", {}), ("classify", SORTED))


class Run:
    """One case; each request comes a minute after the one before."""

    def __init__(self, kind: str = "complaint", *, actor: Actor = CHEN, **given: Any) -> None:
        self.process: Process = CURRENT[kind]
        self.now = NINE
        first = opening("TS202603020000000", kind, actor, **{"received_at": NINE, **given})
        self.case: Case = self.process.open(first, self.now)
        self._ids = 0

    @property
    def steps(self) -> list[str | None]:
        return [entry.step or entry.type.value for entry in self.case.entries]

    @property
    def holder(self) -> str | None:
        return self.case.holder.id if self.case.holder else None

    def pass_time(self, time: timedelta) -> None:
        self.now += time

    def do(self, actor: Actor, *commands: Given, **more: Any) -> Receipt:
        """Hand in a request as the workflow does: checked first, then taken."""
        self.pass_time(MINUTE)
        self._ids += 1
        asked = request(more.pop("id", f"r{self._ids}"), *commands, actor=actor, **more)
        self.process.check_request(self.case, asked, self.now)
        return self.process.apply_request(self.case, asked, self.now)

    def told(self) -> None:
        """The world tells the customer the outcome, as it is asked to."""
        asked = pending_call(self.process, self.case)
        assert asked is not None
        form = {"message": "note-1", "channel": "sms"}
        self.do(the_world(asked.port), (asked.done, form))

    def refuse(self, why: type[Refusal], actor: Actor, *commands: Given, **more: Any) -> Refusal:
        """Expect a refusal that changes nothing."""
        before = self.case.copy()
        with pytest.raises(why) as refused:
            self.do(actor, *commands, **more)
        assert self.case == before
        return refused.value

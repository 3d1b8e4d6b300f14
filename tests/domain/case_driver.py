"""A driver of one case on the pure engine, with a clock of its own."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cases import CURRENT, KINDS
from domain.engine.case import Case
from domain.engine.messages import Receipt
from domain.engine.process import Process
from domain.errors import Refusal
from domain.language.roles import Actor, the_world
from domain.read_models.projection import pending_call
from tests.support.cases import CHEN, SORTED, opening, request

NINE = datetime(2026, 3, 2, 1, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
StepForm = tuple[str, Mapping[str, Any]]
ACCEPTED_AND_CLASSIFIED: tuple[StepForm, ...] = (("accept", {}), ("classify", SORTED))


class CaseDriver:
    """Drives one case; each request comes a minute after the one before."""

    def __init__(
        self,
        kind: str = "complaint",
        *,
        actor: Actor = CHEN,
        version: int | None = None,
        number: str = "TS202603020000000",
        **fields: Any,
    ) -> None:
        self.process: Process = KINDS[kind, version] if version else CURRENT[kind]
        self.now = NINE
        message = opening(number, kind, actor, **{"received_at": NINE, **fields})
        self.case: Case = self.process.open(message, self.now)
        self._ids = 0

    @property
    def steps(self) -> list[str | None]:
        return [entry.step or entry.type.value for entry in self.case.entries]

    @property
    def holder(self) -> str | None:
        return self.case.holder.id if self.case.holder else None

    def pass_time(self, time: timedelta) -> None:
        self.now += time

    def do(self, actor: Actor, *commands: StepForm, **more: Any) -> Receipt:
        """Submit a request as the workflow does: it is checked, then applied."""
        self.pass_time(MINUTE)
        self._ids += 1
        submitted = request(more.pop("id", f"r{self._ids}"), *commands, actor=actor, **more)
        self.process.check_request(self.case, submitted, self.now)
        return self.process.apply_request(self.case, submitted, self.now)

    def tell_customer(self) -> None:
        """Let the world tell the customer the outcome, as the case asks."""
        call = pending_call(self.process, self.case)
        assert call is not None
        form = {"message": "note-1", "channel": "sms"}
        self.do(the_world(call.port), (call.done, form))

    def refuse(
        self, refusal: type[Refusal], actor: Actor, *commands: StepForm, **more: Any
    ) -> Refusal:
        """Expect a refusal that changes nothing."""
        before = self.case.copy()
        with pytest.raises(refusal) as raised:
            self.do(actor, *commands, **more)
        assert self.case == before
        return raised.value

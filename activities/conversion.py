"""Conversion: the case goes on as one of another kind, started once, and hears its number."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from zoneinfo import ZoneInfo

from pydantic import BaseModel, JsonValue, ValidationError
from temporalio import activity

from activities.ports.interfaces import PortFailed
from domain.case_numbers import prefix_of
from domain.engine.messages import Inherited, Opening, Outcome, PendingCall
from domain.engine.process import Process
from domain.language.forms import Form, Instant
from domain.language.roles import Actor
from store import Store
from store.intake.records import Answer, Reservation

Start = Callable[[Opening], Awaitable[None]]
"""Starts a case's workflow; again under the same number it changes nothing."""


class Wanted(BaseModel):
    """What is asked for: the kind, who converted, and what the other case has in common."""

    kind: str
    by: Actor
    channel: str
    received_at: Instant
    order: str | None = None
    product: str | None = None
    policy_version: str | None = None
    limit: Inherited | None = None
    form: dict[str, JsonValue]


def attempted() -> datetime:
    """When the server scheduled this attempt: a worker whose clock is wrong does no harm."""
    return activity.info().current_attempt_scheduled_time.astimezone(UTC)


class Converting:
    """The activity `conversion`, given the kinds there are, who starts cases, and whose clock."""

    def __init__(
        self,
        store: Store,
        start: Start,
        kinds: Mapping[str, Process],
        zone: ZoneInfo,
        now: Callable[[], datetime] = attempted,
    ) -> None:
        self._store, self._start, self._kinds, self._zone = store, start, kinds, zone
        self._now = now

    @activity.defn(name="conversion")
    async def conversion(self, pending_call: PendingCall) -> Outcome:
        """Start one case per `(number, seq, n)`, however often Temporal tries.

        Raises:
            PortFailed, StoreDown, EngineDown: it is not known to be done; Temporal tries again.
        """
        wanted = Wanted.model_validate(pending_call.params)
        process = self._kinds.get(wanted.kind)
        if process is None or process.prefix == prefix_of(pending_call.number):
            return _refused(pending_call, "unknown_kind")
        try:
            form = process.opens_with.lenient(wanted.form)
        except ValidationError:
            return _refused(pending_call, "wrong_form")
        return Outcome(
            step=pending_call.done,
            form={"number": await self._once(pending_call, wanted, process, form)},
        )

    async def _once(
        self, pending_call: PendingCall, wanted: Wanted, process: Process, form: Form
    ) -> str:
        now = self._now()
        reservation = Reservation(
            digest=pending_call.key,
            now=now,
            key=("conversion", pending_call.key),
            prefix=process.prefix,
            day=(pending_call.at or now).astimezone(self._zone).date(),
            source=pending_call.source,
        )
        reserved = await self._store.intake.reserve(pending_call.tenant, reservation)
        if reserved.in_progress:
            raise PortFailed("conversion: another attempt is at it")
        number = reserved.number
        if reserved.answered is None:
            await self._start(_opening(pending_call, wanted, process, form, number))
            answer = Answer(HTTPStatus.CREATED, {"number": number})
            await self._store.intake.answer(pending_call.tenant, number, answer.status, answer.body)
        return number


def _opening(
    pending_call: PendingCall, wanted: Wanted, process: Process, form: Form, number: str
) -> Opening:
    return Opening(
        tenant=pending_call.tenant,
        number=number,
        kind=process.kind,
        process_version=process.version,
        policy_version=wanted.policy_version or process.policy,
        source=pending_call.source,
        channel=wanted.channel,
        received_at=wanted.received_at,
        customer=pending_call.customer,
        order=wanted.order,
        product=wanted.product,
        parent=pending_call.number,
        proposal=process.propose(form),
        form=form.canonical(),
        limit=wanted.limit,
        actor=wanted.by,
        request=f"conversion:{pending_call.key}",
    )


def _refused(pending_call: PendingCall, reason: str) -> Outcome:
    return Outcome(step=pending_call.refused, form={"reason": reason})

"""Conversion: one case of another kind is started, once, and the process is told its number."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import BaseModel, JsonValue, ValidationError
from temporalio import activity

from activities.ports.interfaces import PortFailed
from cases.common.conversion import leaves_goods
from cases.common.errors import GoodsHere
from domain.case_numbers import prefix_of
from domain.engine.messages import HandedOver, Inherited, Opening, Outcome, PendingCall
from domain.engine.process import Process
from domain.errors import UnitInCase
from domain.language.forms import Form
from domain.language.goods import Goods, StoredMoney
from domain.language.roles import Actor
from domain.language.values import Instant
from store import Store
from store.errors import UnitTaken
from store.intake.records import OrderGoods, Reservation, StoredResponse

FIRST_POLICY: Final = "2026-1"
"""The policy of calls that were recorded before they named theirs."""

Start = Callable[[Opening], Awaitable[None]]
"""Starts a case's workflow; starting it again under the same number changes nothing."""

Propose = Callable[[Process, Opening], dict[str, JsonValue]]
"""Returns the classification that is proposed for a case as it is opened."""


class ConversionParams(BaseModel):
    """The call's parameters: the kind, who converted, and what the new case takes over."""

    kind: str
    by: Actor
    channel: str
    received_at: Instant
    order: str | None = None
    product: str | None = None
    policy_version: str | None = None
    policy_document: str | None = None
    limit: Inherited | None = None
    goods: tuple[Goods, ...] = ()
    order_total: StoredMoney = None
    handed_over: HandedOver | None = None
    form: dict[str, JsonValue]


def attempt_scheduled_at() -> datetime:
    """When the server scheduled this attempt: a worker whose clock is wrong does no harm."""
    return activity.info().current_attempt_scheduled_time.astimezone(UTC)


class ConversionActivity:
    """The activity `conversion`, given the kinds, a function that starts cases, and a clock."""

    def __init__(
        self,
        store: Store,
        start: Start,
        propose: Propose,
        kinds: Mapping[str, Process],
        zone: ZoneInfo,
        now: Callable[[], datetime] = attempt_scheduled_at,
    ) -> None:
        self._store, self._start, self._kinds, self._zone = store, start, kinds, zone
        self._propose, self._now = propose, now

    @activity.defn(name="conversion")
    async def conversion(self, call: PendingCall) -> Outcome:
        """Start one case per `(number, seq, n)`, however often Temporal tries.

        Raises:
            PortFailed, StoreDown, EngineDown: whether it was done is unknown; Temporal tries again.
        """
        params = ConversionParams.model_validate(call.params)
        process = self._kinds.get(params.kind)
        if process is None or process.prefix == prefix_of(call.number):
            return _refusal(call, "unknown_kind")
        if leaves_goods(process, params.handed_over):
            return _refusal(call, GoodsHere.code)
        try:
            form = process.opens_with.lenient(params.form)
        except ValidationError:
            return _refusal(call, "wrong_form")
        try:
            number = await self._start_once(call, params, process, form)
        except UnitTaken:
            return _refusal(call, UnitInCase.code)
        return Outcome(step=call.done, form={"number": number})

    async def _start_once(
        self, call: PendingCall, params: ConversionParams, process: Process, form: Form
    ) -> str:
        now = self._now()
        reservation = Reservation(
            digest=call.key,
            now=now,
            key=("conversion", call.key),
            prefix=process.prefix,
            day=(call.at or now).astimezone(self._zone).date(),
            source=call.source,
            order_goods=_order_goods(params, process),
            instead_of=call.number,
        )
        reserved = await self._store.intake.reserve(call.tenant, reservation)
        if reserved.in_progress:
            raise PortFailed("conversion: another attempt is at it")
        number = reserved.number
        if reserved.answered is None:
            tier = await self._store.customers.tier(call.tenant, call.customer)
            opening = _opening(call, params, process, form, number)
            opening = opening.model_copy(update={"tier": tier})
            proposal = self._propose(process, opening)
            await self._start(opening.model_copy(update={"proposal": proposal}))
            answer = StoredResponse(HTTPStatus.CREATED, {"number": number})
            await self._store.intake.record_response(
                call.tenant, number, answer.status, answer.body
            )
        return number


def _opening(
    call: PendingCall, params: ConversionParams, process: Process, form: Form, number: str
) -> Opening:
    return Opening(
        tenant=call.tenant,
        number=number,
        kind=process.kind,
        process_version=process.version,
        policy_version=params.policy_version or FIRST_POLICY,
        policy_document=params.policy_document,
        source=call.source,
        channel=params.channel,
        received_at=params.received_at,
        customer=call.customer,
        order=params.order,
        product=params.product,
        parent=call.number,
        form=form.canonical(),
        limit=params.limit,
        goods=params.goods,
        order_total=params.order_total,
        handed_over=params.handed_over,
        actor=params.by,
        request=f"conversion:{call.key}",
    )


def _order_goods(params: ConversionParams, process: Process) -> OrderGoods | None:
    known = params.handed_over
    serials = (known.serial,) if known and known.serial else ()
    goods = params.goods if params.order is not None else ()
    if not goods and not serials:
        return None
    return OrderGoods(
        order=params.order,
        goods=goods,
        claimed=process.claims_units,
        serials=serials,
        product=params.product,
    )


def _refusal(call: PendingCall, reason: str) -> Outcome:
    return Outcome(step=call.refused, form={"reason": reason})

"""What a record says of a case's money: offered, decided on, paid, refused, charged, billed."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum, auto
from typing import Any

from pydantic import JsonValue

from cases.common.authority import APPROVE, Approval, brought_along
from domain.engine.case import Case
from domain.engine.rewind.compensation import BY_HAND, ProcessHistory, outstanding_effects
from domain.engine.side_task_checks import granted_amounts
from domain.language.effects import Call
from domain.language.entries import Entry
from domain.language.forms import Form
from domain.language.values import Money


class MoneyEvent(StrEnum):
    """What happened to an amount; its sentence is `money.<value>`."""

    OFFERED = auto()
    ACCEPTED = auto()
    DECIDED = auto()
    FREIGHT = auto()
    PROPOSED = auto()
    APPROVED = auto()
    BROUGHT_ALONG = auto()
    PAID = auto()
    TAKEN_BACK = auto()
    PAYMENT_REFUSED = auto()
    CHARGED = auto()
    COST = auto()
    BORNE = auto()
    BILLED = auto()
    BILL_APPROVED = auto()
    BILL_REFUSED = auto()


@dataclass(frozen=True)
class MoneyLine:
    """One amount of a case, by the entry that it comes of.

    Args:
        entry: who said it or did it, and when.
        event: what happened.
        money: how much; None if nobody said.
        details: fields beside it, each with the label `field.<name>`.
        ours: whether it is none of the customer's business, and so in no record for them.
        our_details: fields that are only in a record for ourselves.
    """

    entry: Entry
    event: MoneyEvent
    money: Money | None
    details: Mapping[str, JsonValue] = field(default_factory=dict)
    ours: bool = False
    our_details: Mapping[str, JsonValue] = field(default_factory=dict)


MoneyOf = Callable[[ProcessHistory, Case], Iterable[MoneyLine]]
"""Yields the money of a case, in any order."""


def no_money(_process: ProcessHistory, _case: Case) -> Iterable[MoneyLine]:
    """Return nothing: the kind has no money beyond what all kinds have."""
    return ()


def money_lines(own: MoneyOf, process: ProcessHistory, case: Case) -> list[MoneyLine]:
    """Return the money of a case, the oldest first: the kind's own, approvals and payments."""
    brought = [
        MoneyLine(case.entries[seq - 1], MoneyEvent.BROUGHT_ALONG, money)
        for seq, money in brought_along(case)
    ]
    lines = [*brought, *own(process, case), *_approvals(case), *_payments(process, case)]
    return sorted(lines, key=lambda line: line.entry.seq)


def read_form(process: ProcessHistory, case: Case, entry: Entry) -> Form | None:
    """Return the form of a step that was taken, as its own table has it; None if no row has."""
    step = process.step_taken(case, entry)
    return step.form.lenient(entry.form) if step else None


def paid_by_hand(
    process: ProcessHistory, case: Case, amounts: Mapping[int, Money | None]
) -> Iterator[MoneyLine]:
    """Yield what people paid in another way, by entry, and whether it was taken back since."""
    standing = {e.entry for e in outstanding_effects(process, case) if e.port == BY_HAND}
    for seq, money in amounts.items():
        entry = case.entries[seq - 1]
        yield _payment(entry, money, stands=seq in standing)


def _payment(entry: Entry, money: Money | None, *, stands: bool) -> MoneyLine:
    event = MoneyEvent.PAID if stands else MoneyEvent.TAKEN_BACK
    reference = {"reference": entry.form.get("reference")}
    return MoneyLine(entry, event, money, our_details=reference)


def _approvals(case: Case) -> Iterator[MoneyLine]:
    for entry in case.effective_entries():
        if entry.step == APPROVE:
            approval, reason = Approval.lenient(entry.form), entry.form.get("reason")
            yield MoneyLine(
                entry, MoneyEvent.APPROVED, approval.amount, {"reason": reason}, ours=True
            )
    for entry, amount in granted_amounts(case):
        yield MoneyLine(entry, MoneyEvent.APPROVED, amount, ours=True)


def _payments(process: ProcessHistory, case: Case) -> Iterator[MoneyLine]:
    """Yield what the world was asked to pay, and whether it did."""
    standing = {effect.entry for effect in outstanding_effects(process, case)}
    for before, entry in zip(case.entries, case.entries[1:], strict=False):
        call = process.state(before.led_to).call
        if call is None or entry.step not in (call.done, call.refused):
            continue
        asked_at = entry.cause.entry or entry.seq - 1
        if (money := _asked(call, process.as_of(case, asked_at))) is None:
            continue
        if entry.step == call.done:
            yield _payment(entry, money, stands=entry.seq in standing)
        else:
            why = {"reason": entry.form.get("reason")}
            yield MoneyLine(entry, MoneyEvent.PAYMENT_REFUSED, money, why, ours=True)


def _asked(call: Call, case: Case) -> Money | None:
    params: dict[str, Any] = call.params(case) if call.params else {}
    if "amount" not in params:
        return None
    return Money.stored({name: params.get(name) for name in ("amount", "currency")})

"""What the goods of a return cost, and what its units bring: money, or new goods of some worth."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from cases.common.policy import policy_of
from cases.common.roles import MANAGERS
from domain.engine.case import Case
from domain.language.forms import Form
from domain.language.goods import Settlement
from domain.language.roles import Actor
from domain.language.values import Money

from .forms import Review, Ruling
from .rules import At
from .unit_changes import REVIEWS
from .units import Units

GIVES = frozenset({"refunded", "replaced", "settle_by_hand"})
"""The steps by which a customer was given something."""


def to_pay(units: Units) -> Units:
    """Return the units whose refund is approved and not paid."""
    due = (Settlement.NONE, Settlement.REFUND_PENDING)
    return tuple(
        unit
        for unit in units
        if unit.ruling is Ruling.REFUND and unit.approved and unit.settlement in due
    )


def to_exchange(units: Units) -> Units:
    """Return the units for which new goods are approved and have not gone out."""
    due = (Settlement.NONE, Settlement.REPLACEMENT_PENDING)
    return tuple(u for u in units if u.ruling is Ruling.EXCHANGE and u.settlement in due)


def unpaid(units: Units) -> Units:
    """Return the units that wait for their money."""
    return tuple(unit for unit in units if unit.settlement is Settlement.REFUND_PENDING)


def price_of(case: Case, units: Units, form: Form | None, *, first: bool = False) -> Money | None:
    """Return what the customer paid for all units: by the order, or else as a person said once.

    With `first` it is what was said first, whatever a manager said after it.
    """
    prices = [unit.goods.unit_price for unit in units]
    known = [price for price in prices if price]
    if known and len(known) == len(prices):
        total = sum((price.amount for price in known), Decimal())
        return known[0].model_copy(update={"amount": total})
    return stated_price(case, form, first=first)


def stated_price(case: Case, form: Form | None, *, first: bool = False) -> Money | None:
    """Return what a review said that was paid: the first one, or a manager who said why later.

    It is no more than what was paid for all of the order, as far as that is known.
    """
    return _within_order(case, _said_price(case, form, first=first))


def said_first(case: Case) -> tuple[datetime, Money] | None:
    """Return when a review first said what was paid, and what that is now; None if none did."""
    first = next((e for e in case.entries if e.step in REVIEWS and e.form.get("paid")), None)
    price = stated_price(case, None)
    return (first.at, price) if first and price else None


def _within_order(case: Case, stated: Money | None) -> Money | None:
    total = case.opening.order_total
    if stated is None or total is None:
        return stated
    is_within = stated.currency == total.currency and stated.amount <= total.amount
    return stated if is_within else total


def _said_price(case: Case, form: Form | None, *, first: bool) -> Money | None:
    # Once something was given, a rewind does not let the price of it be said anew.
    was_given = any(entry.step in GIVES for entry in case.entries)
    entries = case.entries if was_given else case.effective_entries()
    entries = [entry for entry in entries if entry.step in REVIEWS]
    stated = [(e, Review.lenient(e.form)) for e in entries if e.form.get("paid")]
    overridden = [
        review.paid
        for entry, review in stated
        if is_overridden(entry.actor, review) and entry.led_to != At.EXCEPTION
    ]
    earliest = [review.paid for _, review in stated[:1]]
    newest = earliest if first else overridden[-1:] or earliest
    if newest:
        return newest[0]
    return form.paid if isinstance(form, Review) else None


def worth_of(case: Case, units: Units, form: Form | None) -> Money | None:
    """Return what the new goods for these units are worth; None if nobody knows, or without any."""
    return price_of(case, units, form) if units else None


def sum_in_one(case: Case, amounts: Sequence[Money]) -> Money | None:
    """Return the sum; of several currencies it is in one that is above all ceilings."""
    if not amounts:
        return None
    currency = policy_of(case).currency
    foreign = next((money for money in amounts if money.currency != currency), amounts[0])
    return foreign.model_copy(update={"amount": total_of(amounts)})


def total_of(amounts: Iterable[Money]) -> Decimal:
    """Return the sum of the amounts, whatever their currency."""
    return sum((money.amount for money in amounts), Decimal())


def newest_review(case: Case) -> tuple[Actor, Review] | None:
    """Return the newest review that decided something, and whose it was."""
    for entry in reversed(case.effective_entries()):
        if entry.step in REVIEWS and entry.led_to != At.EXCEPTION:
            return entry.actor, Review.lenient(entry.form)
    return None


def is_overridden(actor: Actor, form: Form) -> bool:
    """Return whether a manager says why more is paid."""
    reason = str(getattr(form, "override_reason", "")).strip()
    return bool(reason) and bool(actor.stands_for & MANAGERS)


def highest(amounts: Sequence[Money]) -> Money | None:
    """Return the highest amount; None without any."""
    return max(amounts, key=lambda money: money.amount, default=None)

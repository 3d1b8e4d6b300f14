"""Whether whoever decides on a return may decide on so much: in the case, and over its order."""

from collections.abc import Sequence
from decimal import Decimal

from cases.common.authority import (
    Approval,
    Pot,
    refuse_above_ceiling,
    refuse_approval,
    spending_of,
)
from domain.engine.case import Case
from domain.engine.rewind.compensation import ProcessHistory
from domain.language.forms import Form
from domain.language.roles import Actor
from domain.language.spending import NOTHING, Spending
from domain.language.values import Money

from .forms import Inspection, RefundOrder, Retry, Review, SettledByHand
from .given import spent, standing
from .prices import (
    is_overridden,
    price_of,
    sum_in_one,
    to_exchange,
    to_pay,
    total_of,
    unpaid,
    worth_of,
)
from .rules import At
from .unit_changes import after_form, units_of
from .units import Units, sum_of

DECIDES_MONEY = (Review, Inspection, RefundOrder, SettledByHand)


def refuse_above_authority(
    process: ProcessHistory, case: Case, actor: Actor, form: Form, others: Spending = NOTHING
) -> None:
    """Refuse to pay back, and to send anew, more than whoever asks may decide on.

    New goods are worth what was paid for the old ones; where nobody knows that, nothing. What the
    `others` of the order give counts, too.

    Raises:
        AboveCeiling
    """
    if is_overridden(actor, form) and isinstance(form, Review):
        _refuse_restated(case, actor, form, others)
    before, after = units_of(case), after_form(units_of(case), form)
    decided, asked = at_stake(case, before, None), at_stake(case, after, form)
    if isinstance(form, SettledByHand):
        asked = form.amount or decided
    if asked is None or _was_decided(decided, asked, form):
        return
    refuse_above_ceiling(case, actor, asked, spent(process, case), elsewhere=others.whole)
    if is_overridden(actor, form) and not isinstance(form, Retry):
        _refuse_goodwill(process, case, actor, form, others)


def refuse_above_order(
    process: ProcessHistory,
    case: Case,
    actor: Actor,
    form: Form,
    leads_to: str | None,
    others: Sequence[tuple[ProcessHistory, Case]],
) -> None:
    """Refuse what is within somebody's authority in the case alone, and not over its order.

    Raises:
        AboveCeiling
    """
    elsewhere = spending_of(others)
    if not elsewhere.whole:
        return
    if isinstance(form, Approval):
        refuse_approval(case, actor, form, spent(process, case), elsewhere=elsewhere.whole)
    if isinstance(form, (*DECIDES_MONEY, Retry)) and leads_to != At.EXCEPTION:
        refuse_above_authority(process, case, actor, form, elsewhere)


def spending(process: ProcessHistory, case: Case) -> Spending:
    """Return what the case gave and is about to give, and how much of it lies beyond the price."""
    units = () if process.state(case.state).closed else units_of(case)
    due = at_stake(case, units, None)
    whole = sum_in_one(
        case, [*(money for _, money in spent(process, case)), *([due] if due else [])]
    )
    if whole is None:
        return NOTHING
    refund = sum_of(to_pay(units)) or whole.model_copy(update={"amount": Decimal()})
    beyond = _beyond_price(process, case, refund, price_of(case, units_of(case), None, first=True))
    if beyond is None:
        return Spending(priced=(whole,))
    amount = max(Decimal(), whole.amount - beyond.amount)
    return Spending((whole.model_copy(update={"amount": amount}),), (beyond,))


def _refuse_restated(case: Case, actor: Actor, review: Review, others: Spending) -> None:
    """Refuse to lift what was paid for the goods by more than whoever says so may grant.

    It is held against what was said first: to lift it step by step is no way around that.

    Raises:
        AboveCeiling
    """
    known = price_of(case, units_of(case), None, first=True)
    if review.paid is None or known is None:
        return
    covered = known.amount if known.currency == review.paid.currency else Decimal()
    if review.paid.amount > covered:
        excess = review.paid.model_copy(update={"amount": review.paid.amount - covered})
        refuse_above_ceiling(case, actor, excess, (), pot=Pot.GOODWILL, elsewhere=others.granted)


def _refuse_goodwill(
    process: ProcessHistory, case: Case, actor: Actor, form: Form, others: Spending
) -> None:
    """Refuse to give more beyond the price than whoever asks may grant; all of it, without one.

    Raises:
        AboveCeiling
    """
    after = after_form(units_of(case), form)
    refund = sum_of(to_pay(after))
    if isinstance(form, SettledByHand):
        refund = form.amount or sum_of(unpaid(units_of(case)))
    if refund is None:
        return
    price = price_of(case, after, form, first=True)
    if excess := _beyond_price(process, case, refund, price):
        refuse_above_ceiling(case, actor, excess, (), pot=Pot.GOODWILL, elsewhere=others.granted)


def _beyond_price(
    process: ProcessHistory, case: Case, refund: Money, price: Money | None
) -> Money | None:
    """Return how much of a refund, and of what was given before it, is more than the price."""
    given = total_of(standing(process, case))
    covered = price.amount if price and price.currency == refund.currency else Decimal()
    beyond = given + refund.amount - covered
    if beyond <= 0:
        return None
    return refund.model_copy(update={"amount": min(beyond, refund.amount + given)})


def at_stake(case: Case, units: Units, form: Form | None) -> Money | None:
    """Return what is to be paid back, and what the goods are worth that are to go out, in sum."""
    amounts = (sum_of(to_pay(units)), worth_of(case, to_exchange(units), form))
    return sum_in_one(case, [money for money in amounts if money is not None])


def _was_decided(earlier: Money | None, refund: Money, form: Form) -> bool:
    """Return whether no more is paid than what was decided on before, by whoever might."""
    if isinstance(form, Review) or earlier is None:
        return False
    return earlier.currency == refund.currency and refund.amount <= earlier.amount

"""What a complaint pays out: what was accepted or agreed, once, within somebody's authority."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pydantic import JsonValue

from cases.common.authority import (
    Approval,
    Payment,
    Pot,
    brought_along,
    refuse_above_ceiling,
    refuse_approval,
    spending_of,
)
from cases.common.errors import PaidAlready, PaidElsewhere
from cases.common.roles import MANAGERS
from domain.engine.case import Case
from domain.engine.rewind.compensation import BY_HAND, ProcessHistory, outstanding_effects
from domain.errors import StepNotAllowed
from domain.language.entries import Entry
from domain.language.forms import Form
from domain.language.goods import Goods
from domain.language.roles import Actor
from domain.language.spellings import plain_code
from domain.language.spending import Spending
from domain.language.values import Money

from .forms import (
    PAID_OUT,
    Completion,
    DisputeResult,
    PaidByHand,
    PayoutRetry,
    Remedy,
    Solution,
    WayResult,
)

RETRIES = 2
"""How often anybody asks again for a payment that was refused (ours)."""

ACCOUNTS: Mapping[Remedy, str] = {
    Remedy.REFUND: "refund",
    Remedy.GOODWILL: "goodwill",
    Remedy.LIABILITY: "quality_cost.compensation",
}
"""The account of a payment (ours): a liability is a cost of quality (质量成本, 维修赔偿)."""


@dataclass(frozen=True)
class Settled:
    """What the customer took: an offer, or an agreement in a dispute; `seq` is its entry."""

    seq: int
    money: Money | None
    remedy: Remedy

    @property
    def payout(self) -> Money | None:
        """The money that the customer gets; None if it costs only us, or nothing."""
        if self.remedy not in PAID_OUT or self.money is None or not self.money.amount:
            return None
        return self.money


def settled(case: Case) -> Settled | None:
    """Return what the customer accepted last, or agreed to; None before anything was."""
    entries = case.effective_entries()
    for place in reversed(range(len(entries))):
        if entries[place].step == "accept_solution":
            return _accepted(entries[:place])
        if entries[place].step == "record_result":
            result = WayResult.lenient(entries[place].form)
            if result.outcome is DisputeResult.AGREED:
                return Settled(entries[place].seq, result.amount, Remedy.LIABILITY)
    return None


def _accepted(entries: Sequence[Entry]) -> Settled | None:
    offered = next((entry for entry in reversed(entries) if entry.step == "propose"), None)
    if offered is None:
        return None
    solution = Solution.lenient(offered.form)
    return Settled(offered.seq, solution.cost, solution.remedy)


def is_paid_out(case: Case, _form: Completion) -> bool:
    """Return whether what the customer accepted is to be paid out."""
    taken = settled(case)
    return taken is not None and taken.payout is not None


def payout_params(case: Case) -> dict[str, JsonValue]:
    """Return what is paid out, and under which account it is booked."""
    taken = settled(case)
    money = (taken.payout if taken else None) or Money(amount=Decimal())
    account = ACCOUNTS.get(taken.remedy) if taken else None
    return {**money.model_dump(mode="json"), "account": account}


def payouts(
    process: ProcessHistory, case: Case, *, gross: bool = False
) -> Iterator[tuple[int, Money]]:
    """Yield the entry and the amount of each payment that stands, over reopenings and rewinds.

    With `gross` one of which people say that they got it back counts, too.
    """
    for effect in outstanding_effects(process, case, only_ports_reverse=gross):
        if effect.port == "refund":
            money = {name: effect.params.get(name) for name in ("amount", "currency")}
            yield effect.entry, Money.stored(money)
        elif effect.port == BY_HAND and case.entries[effect.entry - 1].step == "pay_by_hand":
            taken = settled(process.as_of(case, effect.entry - 1))
            if taken is not None and taken.payout is not None:
                yield effect.entry, taken.payout


def spent(process: ProcessHistory, case: Case) -> list[Payment]:
    """Return what was paid out, and what other solutions cost that were carried out."""
    others = [
        (entry.seq, taken.money)
        for entry in case.entries
        if entry.step == "carry_out"
        and (taken := settled(process.as_of(case, entry.seq))) is not None
        and taken.payout is None
        and taken.money is not None
    ]
    paid = [*brought_along(case), *payouts(process, case, gross=True)]
    return sorted([*paid, *others], key=lambda each: each[0])


def refuse_wrong_payment(process: ProcessHistory, case: Case, actor: Actor, form: Form) -> None:
    """Refuse to promise or to pay more than whoever asks may decide on, and to pay twice.

    Raises:
        StepNotAllowed, PaidAlready, AboveCeiling
    """
    refuse_above_grant(process, case, actor, form)
    if isinstance(form, PayoutRetry):
        refuse_endless_retries(case, actor)
    if isinstance(form, Completion | PayoutRetry | PaidByHand):
        _refuse_wrong_payout(process, case, actor)


def refuse_above_grant(
    process: ProcessHistory,
    case: Case,
    actor: Actor,
    form: Form,
    elsewhere: Sequence[Money] = (),
) -> None:
    """Refuse to promise, or to approve, more than whoever asks may grant.

    Raises:
        AboveCeiling
    """
    paid = spent(process, case)
    if isinstance(form, Approval):
        refuse_approval(case, actor, form, paid, Pot.GOODWILL, elsewhere=elsewhere)
    promised = _promised(form)
    if promised is not None:
        refuse_above_ceiling(case, actor, promised, paid, pot=Pot.GOODWILL, elsewhere=elsewhere)


def refuse_endless_retries(case: Case, actor: Actor) -> None:
    """Refuse to ask for a payment again and again; after some attempts a manager decides.

    Raises:
        StepNotAllowed
    """
    taken = settled(case)
    since = taken.seq if taken else 0
    refusals = [e for e in case.effective_entries() if e.step == "payout_refused" and e.seq > since]
    if len(refusals) > RETRIES and not actor.stands_for & MANAGERS:
        raise StepNotAllowed(
            f"{RETRIES} attempts more were refused, so how it goes on is for {MANAGERS}.",
            step="pay",
            takes=[*MANAGERS],
        )


def _promised(form: Form) -> Money | None:
    if isinstance(form, Solution):
        return form.cost
    return form.amount if isinstance(form, WayResult) else None


def _refuse_wrong_payout(process: ProcessHistory, case: Case, actor: Actor) -> None:
    taken = settled(case)
    if taken is None or (money := taken.payout) is None:
        return
    if paid := [seq for seq, _ in payouts(process, case) if seq > taken.seq]:
        raise PaidAlready(
            f"{money} were paid out already, by entry {paid[-1]}. Offer something else, or take "
            "the case on from there.",
            amount=str(money),
            entry=paid[-1],
        )
    decided = [(taken.seq, money)]
    refuse_above_ceiling(case, actor, money, spent(process, case), decided, pot=Pot.GOODWILL)


def refunds(process: ProcessHistory, case: Case) -> Iterator[Money]:
    """Yield what was paid back, and what was accepted and is about to be.

    Goodwill and liability are ours to give beside the price, so they are not among it.
    """
    yield from (money for _, money in brought_along(case))
    paid = {seq: money for seq, money in payouts(process, case) if _is_refund(process, case, seq)}
    yield from paid.values()
    taken = settled(case)
    is_due = taken is not None and taken.payout is not None and taken.remedy is Remedy.REFUND
    is_open = not process.state(case.state).closed
    if taken and taken.payout and is_due and is_open and not any(s > taken.seq for s in paid):
        yield taken.payout


def spending(process: ProcessHistory, case: Case) -> Spending:
    """Return what a complaint gave, and what it promises: refunds of a known price, and grants."""
    given = [(money, _is_refund(process, case, seq)) for seq, money in spent(process, case)]
    due = None if process.state(case.state).closed else _due(case)
    if due is not None and due.money and not any(s > due.seq for s, _ in spent(process, case)):
        given.append((due.money, due.remedy is Remedy.REFUND))
    is_known = (_price([case]) or case.opening.order_total) is not None
    return Spending(
        priced=tuple(money for money, is_refund in given if is_refund and is_known),
        granted=tuple(money for money, is_refund in given if not (is_refund and is_known)),
    )


def _due(case: Case) -> Settled | None:
    """Return what is offered just now, or else what the customer took last."""
    entries = case.effective_entries()
    last = next((entry for entry in reversed(entries) if entry.step in _OFFERING), None)
    return _accepted(entries) if last and last.step == "propose" else settled(case)


_OFFERING = frozenset(
    {"propose", "accept_solution", "reject_solution", "offer_lapsed", "record_result"}
)
"""The steps by which an offer is made, and by which it is one no more."""


def check_order(
    process: ProcessHistory,
    case: Case,
    actor: Actor,
    form: Form,
    leads_to: str | None,
    others: Sequence[tuple[ProcessHistory, Case]],
) -> None:
    """Refuse what the case alone allows, and the cases of its order together do not.

    Raises:
        PaidElsewhere, AboveCeiling
    """
    refuse_paid_elsewhere(process, case, actor, form, leads_to, others)
    if granted := spending_of(others).granted:
        refuse_above_grant(process, case, actor, form, granted)


def refuse_paid_elsewhere(
    process: ProcessHistory,
    case: Case,
    _actor: Actor,
    form: Form,
    _leads_to: str | None,
    others: Sequence[tuple[ProcessHistory, Case]],
) -> None:
    """Refuse to pay back more, over all cases of the order, than was paid for its goods.

    Nor is more paid back than was paid for all of the order, whatever the cases are about.
    Without an order that says what was paid only the authority of whoever asks bounds it.

    Raises:
        PaidElsewhere: more may be given as goodwill or liability.
    """
    refund = _refund_of(case, form)
    if refund is None:
        return
    paid_here = [m for seq, m in payouts(process, case) if _is_refund(process, case, seq)]
    own = [*(money for _, money in brought_along(case)), *paid_here]
    same = [(each, other) for each, other in others if _may_be_same(case, other)]
    for price, counted in (
        (_price([case, *(other for _, other in same)]), same),
        (_order_total([case, *(other for _, other in others)]), others),
    ):
        if price is not None:
            _refuse_above_price(case, refund, price, own, counted)


def _refuse_above_price(
    case: Case,
    refund: Money,
    price: Money,
    own: Sequence[Money],
    others: Sequence[tuple[ProcessHistory, Case]],
) -> None:
    elsewhere = {
        other.opening.number: money
        for each, other in others
        if (money := [*each.refunds(each, other)])
    }
    paid = [*own, *(money for each in elsewhere.values() for money in each)]
    total = sum((money.amount for money in paid), Decimal())
    one_currency = len({price.currency, refund.currency, *(m.currency for m in paid)}) == 1
    if one_currency and total + refund.amount <= price.amount:
        return
    raise PaidElsewhere(
        f"{refund} cannot be paid back: {total} of {price} were, here and in "
        f"{', '.join(elsewhere) or 'no other case'}. More can be offered as goodwill or liability.",
        amount=str(refund),
        paid=str(total),
        worth=str(price),
        cases=[*elsewhere] or [case.opening.number],
        why="remedy",
    )


def _refund_of(case: Case, form: Form) -> Money | None:
    """Return what the form promises, or pays, of the price."""
    if isinstance(form, Solution):
        return form.cost if form.remedy is Remedy.REFUND else None
    if isinstance(form, Completion | PayoutRetry | PaidByHand):
        taken = settled(case)
        return taken.payout if taken and taken.remedy is Remedy.REFUND else None
    return None


def _is_refund(process: ProcessHistory, case: Case, seq: int) -> bool:
    """Return whether the payment that the entry made was one of the price."""
    taken = settled(process.as_of(case, seq))
    return taken is not None and taken.remedy is Remedy.REFUND


def _may_be_same(case: Case, other: Case) -> bool:
    """Return whether two cases may be about the same goods of the order."""
    own, theirs = case.opening.goods, other.opening.goods
    if own and theirs:
        return bool({goods.line for goods in own} & {goods.line for goods in theirs})
    one, another = _products(case), _products(other)
    return not one or not another or bool(one & another)


def _products(case: Case) -> set[str]:
    """Return the products that a case names, in the plain spelling; none if it may be any."""
    goods = {plain_code(each.product) for each in case.opening.goods}
    return goods or ({plain_code(case.opening.product)} if case.opening.product else set())


def _price(cases: Sequence[Case]) -> Money | None:
    """Return what was paid for the goods that the first of these cases names, if any names some."""
    named = next((case.opening.goods for case in cases if case.opening.goods), ())
    prices = [_price_of(goods) for goods in named]
    known = [price for price in prices if price]
    if not known or len(known) < len(prices):
        return None
    total = sum((price.amount for price in known), Decimal())
    return known[0].model_copy(update={"amount": total})


def _order_total(cases: Sequence[Case]) -> Money | None:
    """Return what was paid for all of the order, as the first of these cases has it."""
    return next((case.opening.order_total for case in cases if case.opening.order_total), None)


def _price_of(goods: Goods) -> Money | None:
    if goods.unit_price is None:
        return None
    amount = goods.unit_price.amount * (goods.ordered or goods.quantity)
    return goods.unit_price.model_copy(update={"amount": amount})

"""What a return pays back for its units, and how much that may be: in sum, by whom, in all."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from pydantic import JsonValue

from cases.common.authority import (
    Approval,
    refuse_above_ceiling,
    refuse_approval,
    refuse_own_approval,
)
from cases.common.errors import PaidElsewhere
from cases.common.front import refuse_unexplained_withdrawal
from cases.common.roles import MANAGERS
from domain.engine.case import Case
from domain.engine.rewind.compensation import BY_HAND, ProcessHistory, outstanding_effects
from domain.language.forms import Form
from domain.language.goods import Settlement
from domain.language.roles import Actor
from domain.language.spellings import plain_code
from domain.language.values import Money

from .errors import NoRefund, NothingLeft, PriceMissing, RefundTooHigh, UnknownUnits, WrongSerial
from .forms import (
    GoodsReceipt,
    Inspection,
    LineRuling,
    RefundOrder,
    Retry,
    Review,
    Ruling,
    SettledByHand,
)
from .money_v2 import approved_refunds, refuse_endless_retries, same_goods
from .rules import At
from .unit_changes import REVIEWS, after_form, ruled_units, units_of, unknown_units, wrong_serials
from .units import Units, sum_of

UNITS_SINCE = 3
"""The version of the table since which a return looks at units."""

DECIDES_MONEY = (Review, Inspection, RefundOrder, SettledByHand)


def refund_params(case: Case) -> dict[str, JsonValue]:
    """Return what is paid back now: the amounts of the units that wait for their money, in sum."""
    money = sum_of(_unpaid(units_of(case))) or Money(amount=Decimal())
    return money.model_dump(mode="json")


def check_step(
    process: ProcessHistory, case: Case, actor: Actor, form: Form, leads_to: str | None
) -> None:
    """Refuse what the table allows and the case as a whole does not.

    Raises:
        ReasonMissing, StepNotAllowed, NothingLeft, UnknownUnits, WrongSerial, NoRefund
        PriceMissing, RefundTooHigh, OwnRequest, AboveCeiling
    """
    refuse_unexplained_withdrawal(actor, form)
    refuse_unknown_units(case, form)
    refuse_idle_amount(case, form)
    if isinstance(form, Retry | RefundOrder):
        refuse_endless_retries(case, actor, form)
    if isinstance(form, Approval):
        refuse_own_approval(case, actor, form, leads_to)
        refuse_approval(actor, form, [*refunds(process, case, gross=True)])
    if isinstance(form, DECIDES_MONEY):
        refuse_wrong_payment(process, case, actor, form, leads_to)


def refuse_unknown_units(case: Case, form: Form) -> None:
    """Refuse lines that the return is not about, more units than there are, and other serials.

    Raises:
        NothingLeft, UnknownUnits, WrongSerial
    """
    units = units_of(case)
    if isinstance(form, Review) and not any(chosen for _, chosen in ruled_units(units, form)):
        raise NothingLeft("All that the return is about was paid back; only more money is decided.")
    if unknown := unknown_units(units, form):
        lines = sorted({unit.line for unit in units})
        raise UnknownUnits(
            f"The return has not so many units of {unknown}; its lines are {', '.join(lines)}.",
            line=unknown,
            lines=[*lines],
        )
    if isinstance(form, GoodsReceipt) and (wrong := wrong_serials(units, form)):
        serials = sorted({serial for unit in units for serial in unit.goods.serials})
        raise WrongSerial(
            f"{', '.join(wrong)} was not sold with this order. If another thing came, say so in "
            "'arrived'; if the number was misread, correct it.",
            serials=[*wrong],
            sold=[*serials],
        )


def refuse_idle_amount(case: Case, form: Form) -> None:
    """Refuse an amount where no money is paid back: nobody holds it against any limit.

    Raises:
        NoRefund
    """
    idle: list[Money | None] = []
    if isinstance(form, Review):
        rulings: tuple[Review | LineRuling, ...] = (form, *form.lines)
        idle = [each.amount for each in rulings if each.ruling is not Ruling.REFUND]
    elif isinstance(form, Inspection) and not _unpaid(after_form(units_of(case), form)):
        idle = [form.amount, *(each.amount for each in form.lines)]
    for amount in filter(None, idle):
        raise NoRefund(
            f"{amount} is named where no money is paid back; leave 'amount' out.",
            amount=str(amount),
        )


def refuse_wrong_payment(
    process: ProcessHistory, case: Case, actor: Actor, form: Form, leads_to: str | None
) -> None:
    """Refuse to pay back more than was paid, or more than whoever asks may decide on.

    Raises:
        PriceMissing, RefundTooHigh, AboveCeiling
    """
    before, after = units_of(case), after_form(units_of(case), form)
    earlier, refund = sum_of(_to_pay(before)), sum_of(_to_pay(after))
    if isinstance(form, SettledByHand):
        refund = form.amount or sum_of(_unpaid(before))
    elif refund == earlier and not isinstance(form, Review):
        return
    price = _price(case, after, form)
    if isinstance(form, Review):
        _refuse_another_price(actor, form, price)
    if refund is None:
        return
    if not _is_overridden(actor, form):
        _refuse_above_price(refund, [money for _, money in refunds(process, case)], price)
    if leads_to != At.EXCEPTION and not _was_decided(earlier, refund, form):
        refuse_above_ceiling(case, actor, refund, [*refunds(process, case, gross=True)])


def refunds(
    process: ProcessHistory, case: Case, *, gross: bool = False
) -> Iterator[tuple[int, Money]]:
    """Yield the entry and the amount of each refund that stands, over reopenings and rewinds.

    With `gross` one of which people say that they got it back counts, too.
    """
    for effect in outstanding_effects(process, case, only_ports_reverse=gross):
        if effect.port == "refund":
            yield effect.entry, Money.stored(effect.params)
        elif effect.port == BY_HAND and (money := _paid_by_hand(process, case, effect.entry)):
            yield effect.entry, money


def _paid_by_hand(process: ProcessHistory, case: Case, seq: int) -> Money | None:
    """Return what the form says was paid, or else all that the world refused to pay."""
    entry = case.entries[seq - 1]
    if entry.step != "settle_by_hand":
        return None
    before = units_of(process.as_of(case, seq - 1))
    return SettledByHand.lenient(entry.form).amount or sum_of(_unpaid(before))


def _was_decided(earlier: Money | None, refund: Money, form: Form) -> bool:
    """Return whether no more is paid than what was decided on before, by whoever might."""
    if isinstance(form, Review) or earlier is None:
        return False
    return earlier.currency == refund.currency and refund.amount <= earlier.amount


def refuse_paid_elsewhere(
    process: ProcessHistory,
    case: Case,
    actor: Actor,
    form: Form,
    leads_to: str | None,
    others: Sequence[tuple[ProcessHistory, Case]],
) -> None:
    """Refuse to pay back more of a line, over all cases of the order, than was paid for it.

    A case from before units were looked at counts for every line of its product.

    Raises:
        PaidElsewhere
    """
    del process, leads_to  # what is paid of a line is read from its units
    if not isinstance(form, DECIDES_MONEY) or _is_overridden(actor, form):
        return
    units = after_form(units_of(case), form)
    for line in {unit.line for unit in _to_pay(units)}:
        of_line = tuple(unit for unit in units if unit.line == line)
        _refuse_line_paid_elsewhere(case, form, of_line, others)


def _refuse_line_paid_elsewhere(
    case: Case, form: Form, units: Units, others: Sequence[tuple[ProcessHistory, Case]]
) -> None:
    same = [(process, other) for process, other in others if _may_be_same(case, units, other)]
    elsewhere = {
        other.opening.number: money
        for process, other in same
        if (money := [*_paid_for(process, other, case, _product_of(case, units))])
    }
    refund = sum_of(_to_pay(units))
    if refund is None or not elsewhere:
        return
    own = [u.approved for u in units if u.approved and u.settlement is Settlement.REFUNDED]
    limit = _worth_of_line(case, form, units, [other for _, other in same])
    amounts = [*(money for each in elsewhere.values() for money in each), *own]
    total = _total(amounts)
    currencies = {money.currency for money in (*amounts, refund, *([limit] if limit else []))}
    if limit and len(currencies) == 1 and total + refund.amount <= limit.amount:
        return
    raise PaidElsewhere(
        f"{refund} cannot be paid back: {total} were paid back already, here and in "
        f"{', '.join(elsewhere)}, of {limit or 'an unknown price'} for goods of the same order. "
        f"Let {MANAGERS} say in 'override_reason' why more is paid.",
        amount=str(refund),
        paid=str(total),
        worth=str(limit or "-"),
        cases=[*elsewhere],
        takes=[*MANAGERS],
    )


def _may_be_same(case: Case, units: Units, other: Case) -> bool:
    """Return whether another case may be about the same line: certain if the order names both."""
    if case.opening.goods and other.opening.goods:
        return any(goods.line == units[0].line for goods in other.opening.goods)
    if other.opening.goods:
        own = case.opening.product
        theirs = {plain_code(goods.product) for goods in other.opening.goods}
        return own is None or plain_code(own) in theirs
    if case.opening.goods and other.opening.product:
        return plain_code(other.opening.product) == plain_code(units[0].goods.product)
    return same_goods(case, other)


def _product_of(case: Case, units: Units) -> str | None:
    """Return the product of these units, in the plain spelling; None if it may be any."""
    product = units[0].goods.product if case.opening.goods else case.opening.product
    return plain_code(product) if product else None


def _paid_for(
    process: ProcessHistory, other: Case, case: Case, product: str | None
) -> Iterator[Money]:
    """Yield what another case paid back, or is paying, for goods of this product, or for any."""
    is_return = other.opening.kind == case.opening.kind
    if not is_return or other.opening.process_version < UNITS_SINCE:
        yield from process.refunds(process, other)
        return
    is_any = product is None or not other.opening.goods
    for unit in _paid_units(other):
        if unit.approved and (is_any or plain_code(unit.goods.product) == product):
            yield unit.approved


def all_refunds(_process: ProcessHistory, case: Case) -> Iterator[Money]:
    """Yield what is paid back for each unit, or is about to be."""
    yield from (unit.approved for unit in _paid_units(case) if unit.approved)


def _paid_units(case: Case) -> Units:
    paid = (Settlement.REFUNDED, Settlement.REFUND_PENDING)
    return tuple(unit for unit in units_of(case) if unit.settlement in paid)


def _worth_of_line(case: Case, form: Form, units: Units, others: Sequence[Case]) -> Money | None:
    """Return what was paid for all units of the line: by the order, or as any of the cases says."""
    goods = units[0].goods
    if goods.unit_price is not None:
        amount = goods.unit_price.amount * (goods.ordered or goods.quantity)
        return goods.unit_price.model_copy(update={"amount": amount})
    prices = [price for other in others if (price := _stated_price(other, None))]
    approved = [money for other in others for money in approved_refunds(other.entries)]
    return _highest(prices) or _stated_price(case, form) or _highest(approved)


def _highest(amounts: Sequence[Money]) -> Money | None:
    return max(amounts, key=lambda money: money.amount, default=None)


def _to_pay(units: Units) -> Units:
    """Return the units whose refund is approved and not paid."""
    due = (Settlement.NONE, Settlement.REFUND_PENDING)
    return tuple(
        unit
        for unit in units
        if unit.ruling is Ruling.REFUND and unit.approved and unit.settlement in due
    )


def _unpaid(units: Units) -> Units:
    return tuple(unit for unit in units if unit.settlement is Settlement.REFUND_PENDING)


def _price(case: Case, units: Units, form: Form) -> Money | None:
    """Return what the customer paid for all units: by the order, or else as a person said once."""
    prices = [unit.goods.unit_price for unit in units]
    known = [price for price in prices if price]
    if known and len(known) == len(prices):
        total = sum((price.amount for price in known), Decimal())
        return known[0].model_copy(update={"amount": total})
    return _stated_price(case, form)


def _stated_price(case: Case, form: Form | None) -> Money | None:
    """Return what a review said that was paid: the first one, or a manager who said why later."""
    entries = [e for e in case.effective_entries() if e.step in REVIEWS]
    stated = [(e, Review.lenient(e.form)) for e in entries if e.form.get("paid")]
    overridden = [
        review.paid
        for entry, review in stated
        if _is_overridden(entry.actor, review) and entry.led_to != At.EXCEPTION
    ]
    newest = overridden[-1:] or [review.paid for _, review in stated[:1]]
    if newest:
        return newest[0]
    return form.paid if isinstance(form, Review) else None


def _refuse_another_price(actor: Actor, review: Review, price: Money | None) -> None:
    """Refuse to say that the goods cost more than the order says, or than was said before.

    Raises:
        RefundTooHigh
    """
    if review.paid is None or price is None or _is_overridden(actor, review):
        return
    if review.paid.currency != price.currency or review.paid.amount > price.amount:
        raise _too_high(review.paid, Decimal(), price, "restated")


def _refuse_above_price(refund: Money, standing: Sequence[Money], price: Money | None) -> None:
    """Refuse more than was paid; where nobody knows what was, only a manager says why.

    Raises:
        PriceMissing, RefundTooHigh
    """
    if price is None:
        raise PriceMissing(
            "Say in 'paid' of a review what the customer paid for the goods, or let "
            f"{MANAGERS} say in 'override_reason' why money is paid.",
            takes=[*MANAGERS],
        )
    paid = _total(standing)
    currencies = {money.currency for money in (*standing, refund, price)}
    if len(currencies) > 1 or paid + refund.amount > price.amount:
        raise _too_high(refund, paid, price, "paid")


def _too_high(amount: Money, paid: Decimal, price: Money, why: str) -> RefundTooHigh:
    what = "stated as the price" if why == "restated" else "paid back"
    return RefundTooHigh(
        f"{amount} cannot be {what}: {paid} were paid back already, of {price} paid for the "
        f"goods. Let {MANAGERS} say in 'override_reason' why more is paid.",
        amount=str(amount),
        paid=str(paid),
        worth=str(price),
        takes=[*MANAGERS],
        why=why,
    )


def _total(amounts: Iterable[Money]) -> Decimal:
    return sum((money.amount for money in amounts), Decimal())


def _is_overridden(actor: Actor, form: Form) -> bool:
    """Return whether a manager says why more is paid."""
    reason = str(getattr(form, "override_reason", "")).strip()
    return bool(reason) and bool(actor.stands_for & MANAGERS)

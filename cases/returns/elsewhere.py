"""What a return gives for goods of which other cases of the order gave something already."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from cases.common.authority import Pot, brought_along, refuse_above_ceiling, spending_of
from cases.common.errors import PaidElsewhere
from cases.common.roles import MANAGERS
from domain.engine.case import Case
from domain.engine.rewind.compensation import ProcessHistory
from domain.language.forms import Form
from domain.language.goods import Settlement
from domain.language.roles import Actor
from domain.language.spellings import plain_code
from domain.language.values import Money

from .authority import DECIDES_MONEY, refuse_above_order
from .forms import Retry, Review
from .money_v2 import approved_refunds, same_goods
from .prices import (
    highest,
    is_overridden,
    newest_review,
    said_first,
    stated_price,
    sum_in_one,
    to_exchange,
    to_pay,
    total_of,
)
from .rules import At
from .unit_changes import after_form, units_of
from .units import Unit, Units

UNITS_SINCE = 3
"""The version of the table since which a return looks at units."""


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
    refuse_above_order(process, case, actor, form, leads_to, others)


def refuse_paid_elsewhere(
    process: ProcessHistory,
    case: Case,
    actor: Actor,
    form: Form,
    leads_to: str | None,
    others: Sequence[tuple[ProcessHistory, Case]],
) -> None:
    """Refuse to give more for a line, over all cases of the order, than was paid for it.

    Nor is more given for all lines than was paid for the order. New goods count as what was paid
    for the old ones. A case from before units were looked at counts for every line of its product.

    Raises:
        PaidElsewhere
        AboveCeiling: a manager says why, and it is more than the role may grant.
    """
    del process  # what is given for a line is read from its units
    if not isinstance(form, (*DECIDES_MONEY, Retry)):
        return
    before, after = units_of(case), after_form(units_of(case), form)
    lines = sorted({unit.line for unit in (*to_pay(after), *to_exchange(after))})
    parts = [(_of_line(before, line), _of_line(after, line)) for line in lines]
    checks = [(*part, partial(_refuse_line_paid_elsewhere, case, form, part[1])) for part in parts]
    checks.append((before, after, partial(_refuse_order_paid, case, form, after)))
    for units_before, units_after, refuse in checks:
        if not _was_overridden(case, form, units_before, units_after):
            try:
                refuse(others)
            except PaidElsewhere:
                if not is_overridden(actor, form):
                    raise
                if leads_to != At.EXCEPTION:
                    _refuse_goodwill(case, actor, units_after, others)


def _refuse_goodwill(
    case: Case, actor: Actor, units: Units, others: Sequence[tuple[ProcessHistory, Case]]
) -> None:
    """Refuse to give for units that were paid back more than whoever asks may grant.

    Raises:
        AboveCeiling
    """
    if money := sum_in_one(case, [*filter(None, _asked(units, None))]):
        granted = spending_of(others).granted
        refuse_above_ceiling(case, actor, money, (), pot=Pot.GOODWILL, elsewhere=granted)


def _of_line(units: Units, line: str) -> Units:
    return tuple(unit for unit in units if unit.line == line)


def _was_overridden(case: Case, form: Form, before: Units, after: Units) -> bool:
    """Return whether a manager said why more is given, and it is no more now."""
    review = newest_review(case)
    if isinstance(form, Review) or review is None or not is_overridden(*review):
        return False
    asked, decided = _asked(after, None), _asked(before, None)
    return total_of(filter(None, asked)) <= total_of(filter(None, decided))


def _refuse_line_paid_elsewhere(
    case: Case, form: Form, units: Units, others: Sequence[tuple[ProcessHistory, Case]]
) -> None:
    same = [(process, other) for process, other in others if _may_be_same(case, units, other)]
    elsewhere = {
        other.opening.number: money
        for process, other in same
        if (money := [*_paid_for(process, other, case, _product_of(case, units))])
    }
    limit = _worth_of_line(case, form, units, [other for _, other in same])
    _refuse_above_limit(case, units, _asked(units, limit), elsewhere, limit)


def _refuse_order_paid(
    case: Case, form: Form, units: Units, others: Sequence[tuple[ProcessHistory, Case]]
) -> None:
    """Refuse to give more, over all cases of the order, than was paid for all of its lines.

    Of cases that name no line, or a line without a price, nothing else says what the limit is.
    """
    limit = case.opening.order_total or highest(
        [other.opening.order_total for _, other in others if other.opening.order_total]
    )
    elsewhere = {
        other.opening.number: money
        for process, other in others
        if (money := [*process.refunds(process, other)])
    }
    if limit is not None:
        asked = [money for money in _asked(units, stated_price(case, form)) if money]
        _refuse_above_limit(case, units, asked, elsewhere, limit)


def _refuse_above_limit(
    case: Case,
    units: Units,
    asked: Sequence[Money | None],
    elsewhere: Mapping[str, Sequence[Money]],
    limit: Money | None,
) -> None:
    if not asked or not elsewhere:
        return
    own = [*(money for _, money in brought_along(case)), *_given(units)]
    given = [*(money for each in elsewhere.values() for money in each), *own]
    amounts = [*given, *filter(None, asked), *([limit] if limit else [])]
    are_alike = None not in asked and len({money.currency for money in amounts}) == 1
    if limit and are_alike and total_of([*given, *filter(None, asked)]) <= limit.amount:
        return
    what = "paid back" if to_pay(units) else "given in new goods"
    value = sum_in_one(case, [*filter(None, asked)])
    raise PaidElsewhere(
        f"{value or '-'} cannot be {what}: {total_of(given)} were paid back already, here and in "
        f"{', '.join(elsewhere)}, of {limit or 'an unknown price'} for goods of the same order. "
        f"Let {MANAGERS} say in 'override_reason' why more is paid.",
        amount=str(value or "-"),
        paid=str(total_of(given)),
        worth=str(limit or "-"),
        cases=[*elsewhere],
        takes=[*MANAGERS],
        **({} if to_pay(units) else {"why": "exchange"}),
    )


def _asked(units: Units, limit: Money | None) -> list[Money | None]:
    """Return what would be given for these units; None for new goods of an unknown worth."""
    exchanged = [unit.goods.unit_price or limit for unit in to_exchange(units)]
    return [*(unit.approved for unit in to_pay(units)), *exchanged]


def _given(units: Units) -> Iterator[Money]:
    """Yield what was given for units of this case: money, or new goods beside the old ones."""
    for unit in units:
        if unit.settlement is Settlement.REFUNDED and unit.approved:
            yield unit.approved
        elif unit.is_given_twice and unit.goods.unit_price:
            yield unit.goods.unit_price


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
    # What another system paid back is for no line in particular, so it counts for each.
    yield from (money for _, money in brought_along(other))
    is_any = product is None or not other.opening.goods
    for unit in units_of(other):
        if is_any or plain_code(unit.goods.product) == product:
            yield from _given_for(other, unit)


def all_refunds(_process: ProcessHistory, case: Case) -> Iterator[Money]:
    """Yield what is given for each unit, or is about to be: money, or goods beside the old ones.

    What another system paid back before is among it.
    """
    yield from (money for _, money in brought_along(case))
    for unit in units_of(case):
        yield from _given_for(case, unit)


def _given_for(case: Case, unit: Unit) -> Iterator[Money]:
    if unit.settlement in (Settlement.REFUNDED, Settlement.REFUND_PENDING) and unit.approved:
        yield unit.approved
    elif unit.is_given_twice and (worth := unit.goods.unit_price or stated_price(case, None)):
        yield worth


def _worth_of_line(case: Case, form: Form, units: Units, others: Sequence[Case]) -> Money | None:
    """Return what was paid for all units of the line: by the order, or as any of the cases says."""
    goods = units[0].goods
    if goods.unit_price is not None:
        amount = goods.unit_price.amount * (goods.ordered or goods.quantity)
        return goods.unit_price.model_copy(update={"amount": amount})
    # Whoever said it first binds the others: a price said again elsewhere lifts nothing.
    said = sorted(filter(None, map(said_first, (case, *others))), key=lambda each: each[0])
    approved = [money for other in others for money in approved_refunds(other.entries)]
    return said[0][1] if said else stated_price(case, form) or highest(approved)

"""What a return pays back for its units, and how much that may be: in sum, by whom, in all."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from pydantic import JsonValue

from cases.common.authority import (
    GRANTS,
    Approval,
    Payment,
    brought_along,
    refuse_above_ceiling,
    refuse_approval,
    refuse_own_approval,
)
from cases.common.front import refuse_unexplained_withdrawal
from cases.common.roles import MANAGERS
from domain.engine.case import Case
from domain.engine.rewind.compensation import BY_HAND, ProcessHistory, outstanding_effects
from domain.language.forms import Form
from domain.language.goods import Settlement, Whereabouts
from domain.language.roles import Actor
from domain.language.values import Money

from .errors import (
    DeductionUnexplained,
    NoRefund,
    NothingLeft,
    PriceMissing,
    RefundTooHigh,
    UnknownUnits,
    WrongSerial,
)
from .forms import (
    GoodsReceipt,
    Inspection,
    LineInspection,
    LineRuling,
    RefundOrder,
    Retry,
    Review,
    Ruling,
    SettledByHand,
)
from .money_v2 import refuse_endless_retries
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
from .rules import At, refuse_unexplained_freight
from .unit_changes import after_form, ruled_units, units_of, unknown_units, wrong_serials
from .units import TAKEN, Units, pending, sum_of

DECIDES_MONEY = (Review, Inspection, RefundOrder, SettledByHand)
_Part = Review | LineRuling | Inspection | LineInspection | RefundOrder | SettledByHand


def refund_params(case: Case) -> dict[str, JsonValue]:
    """Return what is paid back now: the amounts of the units that wait for their money, in sum."""
    money = sum_of(unpaid(units_of(case))) or Money(amount=Decimal())
    return money.model_dump(mode="json")


def check_step(
    process: ProcessHistory, case: Case, actor: Actor, form: Form, leads_to: str | None
) -> None:
    """Refuse what the table allows and the case as a whole does not.

    Raises:
        ReasonMissing, StepNotAllowed, NothingLeft, UnknownUnits, WrongSerial, NoRefund
        PriceMissing, RefundTooHigh, DeductionUnexplained, FreightUnexplained, OwnRequest,
        AboveCeiling
    """
    refuse_unexplained_withdrawal(actor, form)
    refuse_unknown_units(case, form)
    refuse_idle_amount(case, form)
    if isinstance(form, Review):
        refuse_unexplained_freight(form)
    if isinstance(form, Retry | RefundOrder):
        refuse_endless_retries(case, actor, form)
    if isinstance(form, Approval):
        refuse_own_approval(case, actor, form, leads_to)
        refuse_approval(actor, form, spent(process, case))
    if isinstance(form, DECIDES_MONEY):
        refuse_wrong_payment(process, case, actor, form)
        refuse_unexplained_deduction(process, case, form)
    if isinstance(form, (*DECIDES_MONEY, Retry)) and leads_to != At.EXCEPTION:
        refuse_above_authority(process, case, actor, form)


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
    idle = [each.amount for each in _parts_of(form) if not _pays_back(case, form, each)]
    for amount in filter(None, idle):
        raise NoRefund(
            f"{amount} is named where no money is paid back; leave 'amount' out.",
            amount=str(amount),
        )
    for amount in filter(None, (each.amount for each in _parts_of(form))):
        if amount.amount == 0:
            raise NoRefund(
                f"{amount} is no refund: rule otherwise, or leave 'amount' out to pay all.",
                amount=str(amount),
                why="zero",
            )


def _parts_of(form: Form) -> Sequence[_Part]:
    """Return the parts of a form that name amounts."""
    if isinstance(form, Review | Inspection):
        return (form, *form.lines)
    return (form,) if isinstance(form, RefundOrder | SettledByHand) else ()


def _pays_back(case: Case, form: Form, part: _Part) -> bool:
    if isinstance(part, Review | LineRuling):
        return part.ruling is Ruling.REFUND
    return not isinstance(form, Inspection) or bool(unpaid(after_form(units_of(case), form)))


def refuse_wrong_payment(process: ProcessHistory, case: Case, actor: Actor, form: Form) -> None:
    """Refuse to pay back nobody knows how much, or more than was paid.

    Raises:
        PriceMissing, RefundTooHigh
    """
    before, after = units_of(case), after_form(units_of(case), form)
    refund = sum_of(to_pay(after))
    _refuse_unknown_amount(form, after)
    if isinstance(form, SettledByHand):
        refund = form.amount or sum_of(unpaid(before))
    elif refund == sum_of(to_pay(before)) and not isinstance(form, Review):
        return
    price = price_of(case, after, form)
    if isinstance(form, Review):
        _refuse_another_price(actor, form, price)
    if refund is not None and not is_overridden(actor, form):
        _refuse_above_price(refund, standing(process, case), price)


def refuse_unexplained_deduction(process: ProcessHistory, case: Case, form: Form) -> None:
    """Refuse to pay back less than was paid, or was decided on, without a reason.

    Raises:
        DeductionUnexplained
    """
    before = units_of(case)
    if isinstance(form, Review):
        for ruling, units in ruled_units(before, form):
            if not (ruling.reason or form.reason).strip():
                _refuse_less(ruling.amount, _owed(process, case, units, form), "reviewed")
    elif isinstance(form, Inspection):
        looked = unpaid(after_form(before, form))
        places = {(unit.line, unit.place) for unit in looked}
        decided = [unit for unit in before if (unit.line, unit.place) in places]
        if not any([form.finding.strip(), *(each.finding.strip() for each in form.lines)]):
            _refuse_less(sum_of(looked), sum_of(decided), "inspected")
    elif isinstance(form, RefundOrder | SettledByHand) and not form.deduction_reason.strip():
        due = {Settlement.REFUND_PENDING, Settlement.REPLACEMENT_PENDING}
        owed = tuple(unit for unit in before if unit.settlement in due)
        _refuse_less(form.amount, _at_stake(case, owed, None), "paying")


def _owed(process: ProcessHistory, case: Case, units: Units, review: Review) -> Money | None:
    """Return what was paid for these units and not paid back; None if nobody knows."""
    all_units, is_more = units_of(case), all(not unit.is_open for unit in units)
    are_priced = all(unit.goods.unit_price for unit in units)
    price = price_of(case, units, review)
    if price is None or (not are_priced and len(units) < len(all_units)):
        return None
    paid = total_of(standing(process, case)) if is_more else Decimal()
    return price.model_copy(update={"amount": max(Decimal(), price.amount - paid)})


def _refuse_less(amount: Money | None, owed: Money | None, why: str) -> None:
    if amount is None or owed is None or amount.currency != owed.currency:
        return
    if amount.amount < owed.amount:
        raise DeductionUnexplained(
            f"{amount} is less than {owed}: say why.",
            amount=str(amount),
            worth=str(owed),
            why=why,
        )


def refuse_above_authority(process: ProcessHistory, case: Case, actor: Actor, form: Form) -> None:
    """Refuse to pay back, and to send anew, more than whoever asks may decide on.

    New goods are worth what was paid for the old ones; where nobody knows that, nothing.

    Raises:
        AboveCeiling
    """
    before, after = units_of(case), after_form(units_of(case), form)
    decided, asked = _at_stake(case, before, None), _at_stake(case, after, form)
    if isinstance(form, SettledByHand):
        asked = form.amount or decided
    if asked is None or _was_decided(decided, asked, form):
        return
    refuse_above_ceiling(case, actor, asked, spent(process, case))
    if is_overridden(actor, form) and not isinstance(form, Retry):
        _refuse_goodwill(process, case, actor, form)


def _refuse_goodwill(process: ProcessHistory, case: Case, actor: Actor, form: Form) -> None:
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
    price, given = price_of(case, after, form), total_of(standing(process, case))
    covered = price.amount if price and price.currency == refund.currency else Decimal()
    beyond = given + refund.amount - covered
    if beyond > 0:
        excess = refund.model_copy(update={"amount": min(beyond, refund.amount + given)})
        refuse_above_ceiling(case, actor, excess, (), ceilings=GRANTS)


def _at_stake(case: Case, units: Units, form: Form | None) -> Money | None:
    """Return what is to be paid back, and what the goods are worth that are to go out, in sum."""
    amounts = (sum_of(to_pay(units)), worth_of(case, to_exchange(units), form))
    return sum_in_one([money for money in amounts if money is not None])


def spent(process: ProcessHistory, case: Case) -> list[Payment]:
    """Return what the case paid back, and what goods that it sent anew are worth, oldest first.

    What people say that they got back counts, too.
    """
    paid = [*refunds(process, case, gross=True), *replacements(process, case, gross=True)]
    return sorted(paid, key=lambda each: each[0])


def standing(process: ProcessHistory, case: Case) -> list[Money]:
    """Return what the customer got for the price: money, and new goods beside the old ones."""
    given = (*refunds(process, case), *replacements(process, case, kept=True))
    return [money for _, money in given]


def replacements(
    process: ProcessHistory, case: Case, *, gross: bool = False, kept: bool = False
) -> Iterator[Payment]:
    """Yield the entry and the worth of all new goods that went out, as far as it is known.

    With `gross` those count of which people say that they got them back, with `kept` only those
    for which the customer need not send the old ones.
    """
    for effect in outstanding_effects(process, case, only_ports_reverse=gross):
        if effect.port not in ("replacement", BY_HAND):
            continue
        before = process.as_of(case, effect.entry - 1)
        units = tuple(pending(units_of(before), Settlement.REPLACEMENT_PENDING))
        if kept:
            units = tuple(u for u in units if u.whereabouts is Whereabouts.NOT_REQUIRED)
        worth = None if _pays(case, effect.entry) else worth_of(before, units, None)
        if worth is not None:
            yield effect.entry, worth


def _pays(case: Case, seq: int) -> bool:
    """Return whether people paid money by the entry; then no new goods went out."""
    entry = case.entries[seq - 1]
    is_by_hand = entry.step == "settle_by_hand"
    return is_by_hand and SettledByHand.lenient(entry.form).amount is not None


def refunds(process: ProcessHistory, case: Case, *, gross: bool = False) -> Iterator[Payment]:
    """Yield the entry and the amount of each refund that stands, over reopenings and rewinds.

    With `gross` one of which people say that they got it back counts, too.
    """
    yield from brought_along(case)
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
    return SettledByHand.lenient(entry.form).amount or sum_of(unpaid(before))


def _was_decided(earlier: Money | None, refund: Money, form: Form) -> bool:
    """Return whether no more is paid than what was decided on before, by whoever might."""
    if isinstance(form, Review) or earlier is None:
        return False
    return earlier.currency == refund.currency and refund.amount <= earlier.amount


def _refuse_another_price(actor: Actor, review: Review, price: Money | None) -> None:
    """Refuse to say that the goods cost more than the order says, or than was said before.

    Raises:
        RefundTooHigh
    """
    if review.paid is None or price is None or is_overridden(actor, review):
        return
    if review.paid.currency != price.currency or review.paid.amount > price.amount:
        raise _too_high(review.paid, Decimal(), price, "restated")


def _refuse_unknown_amount(form: Form, after: Units) -> None:
    """Refuse to decide on a refund of which neither the order nor a person says how much it is.

    Raises:
        PriceMissing
    """
    if not isinstance(form, Review | Inspection):
        return
    due = {Settlement.REFUND_PENDING}
    if isinstance(form, Review):
        due.add(Settlement.NONE)
    refunded = [u for u in after if u.ruling is Ruling.REFUND and u.settlement in due]
    if any(unit.approved is None and unit.decision in TAKEN for unit in refunded):
        raise PriceMissing(
            "No order says what was paid for the goods, so say in 'amount' how much is paid back.",
            takes=[*MANAGERS],
            why="amount",
        )


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
    paid = total_of(standing)
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

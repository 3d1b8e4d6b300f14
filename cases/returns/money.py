"""What a return pays back for its units, and how much that may be: in sum, by whom, in all."""

from collections.abc import Sequence
from decimal import Decimal

from pydantic import JsonValue

from cases.common.authority import (
    Approval,
    refuse_approval,
    refuse_own_approval,
)
from cases.common.front import refuse_unexplained_withdrawal
from cases.common.policy import ZONE
from cases.common.roles import MANAGERS
from domain.engine.case import Case
from domain.engine.rewind.compensation import ProcessHistory
from domain.language.forms import Form
from domain.language.goods import Settlement
from domain.language.roles import Actor
from domain.language.values import Money

from .authority import DECIDES_MONEY, at_stake, refuse_above_authority
from .errors import (
    DeductionUnexplained,
    FreightUnexplained,
    NoRefund,
    NothingLeft,
    PriceMissing,
    RefundTooHigh,
    StorageGoesOn,
    UnknownUnits,
    WrongSerial,
)
from .figures import STORAGE
from .forms import (
    FREIGHT,
    GoodsReceipt,
    Inspection,
    LineInspection,
    LineRuling,
    RefundOrder,
    Retry,
    Review,
    Ruling,
    Scrapping,
    SettledByHand,
    Unclaimed,
)
from .given import spent, standing
from .money_v2 import refuse_endless_retries
from .prices import (
    is_overridden,
    price_of,
    to_pay,
    total_of,
    unpaid,
)
from .rules import At
from .unit_changes import after_form, ruled_units, units_of, unknown_units, wrong_serials
from .units import TAKEN, Units, sum_of

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
        AboveCeiling, StorageGoesOn
    """
    refuse_unexplained_withdrawal(actor, form)
    refuse_unknown_units(case, form)
    refuse_idle_amount(case, form)
    if isinstance(form, Review):
        refuse_unexplained_freight(form)
    if isinstance(form, Scrapping):
        refuse_early_scrapping(case, form)
    if isinstance(form, Retry | RefundOrder):
        refuse_endless_retries(case, actor, form)
    if isinstance(form, Approval):
        refuse_own_approval(case, actor, form, leads_to)
        refuse_approval(case, actor, form, spent(process, case))
    if isinstance(form, DECIDES_MONEY):
        refuse_wrong_payment(process, case, actor, form)
        refuse_unexplained_deduction(process, case, form)
    if isinstance(form, (*DECIDES_MONEY, Retry)) and leads_to != At.EXCEPTION:
        refuse_above_authority(process, case, actor, form)


def refuse_early_scrapping(case: Case, form: Scrapping) -> None:
    """Refuse to scrap goods as unclaimed before their storage is over.

    It counts from when the goods came, or could not be sent back.

    Raises:
        StorageGoesOn
    """
    stored = [e.at for e in case.effective_entries() if e.step in ("receive", "shipment_refused")]
    until = max(stored, default=case.entries[0].at) + STORAGE.of(case)
    if form.unclaimed is Unclaimed.STORAGE_OVER and case.now is not None and case.now < until:
        day = until.astimezone(ZONE).date().isoformat()
        raise StorageGoesOn(
            f"The goods are kept for the customer until {day}. If the customer wants none of them "
            "back, say so in 'unclaimed'.",
            until=day,
        )


def refuse_unexplained_freight(review: Review) -> None:
    """Refuse freight on another than the ground says, without a reason.

    Raises:
        FreightUnexplained
    """
    rulings: tuple[Review | LineRuling, ...] = (review, *review.lines)
    for each in rulings:
        payer = FREIGHT.get(each.ground)
        differs = None not in (payer, each.freight) and each.freight is not payer
        if (
            differs
            and each.ruling is not Ruling.REFUSED
            and not (each.reason + review.reason).strip()
        ):
            raise FreightUnexplained(
                f"By its ground the freight is the {payer}'s: say in 'reason' why it is not.",
                payer=str(payer),
            )


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
        _refuse_less(form.amount, at_stake(case, owed, None), "paying")


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

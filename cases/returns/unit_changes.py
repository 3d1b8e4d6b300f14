"""What forms do to the units of a return: reviewed, on their way, here, looked at, settled.

Forms speak of lines and quantities; which unit of a line is meant does not matter until its serial
number is known.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from cases.common.forms import Arranged, Lapse, Withdrawal
from cases.common.parcels import SentByHand
from domain.engine.case import Case
from domain.language.entries import Entry
from domain.language.forms import Form
from domain.language.goods import Decision, Settlement, UnitView, Whereabouts
from domain.language.spellings import plain_code
from domain.language.values import Money, decimals_of

from .forms import (
    Arrived,
    GoodsReceipt,
    Grade,
    Inspection,
    Keeping,
    LineInspection,
    LineReceipt,
    LineRuling,
    RefundOrder,
    Rest,
    Retry,
    Review,
    Ruling,
    Scrapping,
    SettledByHand,
    Shipment,
)
from .units import COMING, GONE, TAKEN, Unit, Units, goods_of

EXCEPTION = "exception"
"""The state that waits for a manager's word on a review."""

REVIEWS = frozenset({"review", "decide"})
"""The steps that hand in a `Review`."""


def units_of(case: Case) -> Units:
    """Return the units of a case as its entries left them."""
    units = _opened(case)
    for entry in case.effective_entries()[1:]:
        units = after_entry(units, entry)
    return units


def unit_views(case: Case) -> list[UnitView]:
    """Return the units as pages and callers are shown them."""
    return [unit.view() for unit in units_of(case)]


def after_entry(units: Units, entry: Entry) -> Units:
    """Return the units after an entry of the case."""
    if entry.step in REVIEWS:
        review, decided = Review.lenient(entry.form), entry.led_to != EXCEPTION
        return after_review(units, review, decided=decided, goodwill=entry.step == "decide")
    if entry.step is None or entry.step not in _AFTER:
        return units
    form_type, after = _AFTER[entry.step]
    return after(units, form_type.lenient(entry.form))


def after_form(units: Units, form: Form) -> Units:
    """Return the units as a form that is handed in would leave them, if it is of any weight."""
    if isinstance(form, Review):
        return after_review(units, form)
    for form_type, after in _AFTER.values():
        if type(form) is form_type:
            return after(units, form)
    return units


def after_review(
    units: Units, review: Review, *, decided: bool = True, goodwill: bool = False
) -> Units:
    """Return the units after a review; one that needs a manager's word decides nothing.

    What a manager accepts is goodwill: the rules did not cover it.
    """
    if not decided:
        return _changed(units, _is_open, decision=Decision.NEEDS_A_PERSON)
    ruled: list[Unit] = []
    for ruling, chosen in ruled_units(units, review):
        shares = _shares(ruling, chosen)
        ruled += [_ruled(unit, ruling, share) for unit, share in zip(chosen, shares, strict=True)]
    if goodwill:
        ruled = [replace(u, decision=_GOODWILL.get(u.decision, u.decision)) for u in ruled]
    return _replaced(units, ruled)


def ruled_units(units: Units, review: Review) -> list[tuple[Review | LineRuling, Units]]:
    """Return each ruling of a review with the units that it is for.

    Units that no line of it names are ruled by the review itself. What was paid back comes up again
    only when all was, for more money, never for goods.
    """
    left = [unit for unit in units if unit.is_open]
    bring = {review.ruling, *(each.ruling for each in review.lines)}
    if not left and bring == {Ruling.REFUND}:
        left = [*units]
    rulings: list[tuple[Review | LineRuling, Units]] = []
    for each in review.lines:
        chosen = _chosen(left, each.line, each.quantity)
        left = [unit for unit in left if unit not in chosen]
        rulings.append((each, chosen))
    return [*rulings, *([(review, tuple(left))] if left else [])]


def after_receipt(units: Units, receipt: GoodsReceipt) -> Units:
    """Return the units after goods came in: those that are named, or else all that are awaited."""
    expected = [unit for unit in units if unit.whereabouts in COMING]
    # Goods that nobody waited for (after a lapse, or a refusal) are taken in all the same.
    expected = expected or [unit for unit in units if unit.is_open and not unit.is_with_us]
    whole = LineReceipt(serial=receipt.serial)
    came: list[Unit] = []
    for each in receipt.lines or (whole,):
        chosen = _chosen(expected, each.line, each.quantity, each.serial)
        expected = [unit for unit in expected if unit not in chosen]
        where = Whereabouts.RECEIVED
        if each.arrived is Arrived.WRONG_ITEM:
            where = Whereabouts.WRONG_ITEM
        came += [_received(unit, where, each.serial, len(chosen)) for unit in chosen]
    rest = _REST[receipt.rest]
    missing = [replace(unit, whereabouts=rest) for unit in expected] if rest else []
    return _replaced(units, [*came, *missing])


def after_inspection(units: Units, inspection: Inspection) -> Units:
    """Return the units after an inspection of those that are here."""
    left = [unit for unit in units if unit.is_here_uninspected]
    whole = LineInspection(
        grade=inspection.grade,
        passed=inspection.passed,
        finding=inspection.finding,
        amount=inspection.amount,
    )
    looked: list[Unit] = []
    for each in (*inspection.lines, whole):
        chosen = _chosen(left, each.line, each.quantity, each.serial)
        left = [unit for unit in left if unit not in chosen]
        shares = _parts(each.amount, len(chosen))
        looked += [_inspected(u, each, share) for u, share in zip(chosen, shares, strict=True)]
    if inspection.not_wanted_back:
        looked = [replace(u, settlement=_UNWANTED.get(u.settlement, u.settlement)) for u in looked]
    return _replaced(units, looked)


def unknown_units(units: Units, form: Form) -> str | None:
    """Return the first line that a form names and that has not so many units; None if all have."""
    named: dict[str, int] = {}
    for each in getattr(form, "lines", ()):
        if each.line is not None:
            named[each.line] = named.get(each.line, 0) + (each.quantity or 1)
    there = [unit.line for unit in units]
    return next((line for line, count in named.items() if count > there.count(line)), None)


def wrong_serials(units: Units, receipt: GoodsReceipt) -> list[str]:
    """Return the serial numbers of a receipt that none of the expected units has.

    Where the order does not know the serials of all units of a line, one may be of those: then the
    receipt names the line.
    """
    wrong = []
    for each in receipt.lines or (LineReceipt(serial=receipt.serial),):
        if each.serial is None or each.arrived is Arrived.WRONG_ITEM:
            continue
        of_line = [unit for unit in units if each.line in (None, unit.line)]
        sold = [plain_code(serial) for unit in of_line for serial in unit.goods.serials]
        are_known = [len(unit.goods.serials) >= unit.goods.quantity for unit in of_line]
        is_told = all(are_known) or (each.line is None and any(are_known))
        if is_told and plain_code(each.serial) not in sold:
            wrong.append(each.serial)
    return wrong


def _opened(case: Case) -> Units:
    units = tuple(
        Unit(goods, place, goods.serials[place - 1] if place <= len(goods.serials) else None)
        for goods in goods_of(case)
        for place in range(1, goods.quantity + 1)
    )
    if (known := case.opening.handed_over) is None:
        return units
    where = Whereabouts.RECEIVED if known.received else Whereabouts.WITH_CUSTOMER
    serial = known.serial if len(units) == 1 else None
    return tuple(replace(each, whereabouts=where, serial=each.serial or serial) for each in units)


def _is_open(unit: Unit) -> bool:
    return unit.is_open


def _changed(units: Units, matches: Callable[[Unit], bool], **values: Any) -> Units:
    return tuple(replace(unit, **values) if matches(unit) else unit for unit in units)


def _replaced(units: Units, newer: Iterable[Unit]) -> Units:
    by_place = {(unit.line, unit.place): unit for unit in newer}
    return tuple(by_place.get((unit.line, unit.place), unit) for unit in units)


def _chosen(
    units: Sequence[Unit], line: str | None, quantity: int | None, serial: str | None = None
) -> Units:
    """Return the units that are meant: of a line or of all, so many or all, by serial if known."""
    fitting = [unit for unit in units if line in (None, unit.line)]
    if serial is not None:
        plain = plain_code(serial)
        named = [unit for unit in fitting if unit.serial and plain_code(unit.serial) == plain]
        fitting = named or fitting[:1]
    return tuple(fitting if quantity is None else fitting[:quantity])


def _ruled(unit: Unit, ruling: Review | LineRuling, share: Money | None) -> Unit:
    if ruling.ruling is Ruling.REFUSED:
        back = Settlement.RETURN_PENDING if unit.is_with_us else unit.settlement
        refused = replace(unit, decision=Decision.REFUSED, ruling=None, approved=None, freight=None)
        return replace(refused, settlement=back)
    # What was paid back, or scrapped, is not sent to us once more.
    is_done = unit.settlement in (Settlement.REFUNDED, Settlement.SCRAPPED)
    here = unit.is_with_us or is_done
    where = unit.whereabouts if here else Whereabouts.AWAITED
    if ruling.keeps_goods and not here:
        where = Whereabouts.NOT_REQUIRED
    ruled = replace(
        unit,
        decision=Decision.ACCEPTED,
        ruling=ruling.ruling,
        approved=share,
        freight=ruling.payer,
        whereabouts=where,
        grade=unit.grade if here else None,
        settlement=Settlement.NONE,
    )
    is_due = is_done or where is Whereabouts.NOT_REQUIRED or ruled.grade is not None
    return replace(ruled, settlement=_due(ruled)) if is_due else ruled


def _due(unit: Unit) -> Settlement:
    exchange = unit.ruling is Ruling.EXCHANGE
    return Settlement.REPLACEMENT_PENDING if exchange else Settlement.REFUND_PENDING


def _received(unit: Unit, where: Whereabouts, serial: str | None, of: int) -> Unit:
    own = serial if of == 1 and serial else unit.serial
    unasked = unit.decision not in TAKEN or unit.settlement in GONE
    settlement = Settlement.RETURN_PENDING if unasked else unit.settlement
    return replace(unit, whereabouts=where, serial=own, grade=None, settlement=settlement)


def _inspected(unit: Unit, each: LineInspection, share: Money | None) -> Unit:
    looked = replace(unit, grade=each.grade)
    if unit.decision not in TAKEN or not each.passed:
        return replace(looked, settlement=Settlement.RETURN_PENDING)
    if share is not None:
        looked = replace(looked, approved=share)
    return replace(looked, settlement=_due(looked))


def _shares(ruling: Review | LineRuling, units: Units) -> list[Money | None]:
    """Return what each unit brings: its part of the amount, or else what was paid for it."""
    if ruling.ruling is not Ruling.REFUND:
        return [None] * len(units)
    if ruling.amount is None:
        return [unit.goods.unit_price for unit in units]
    return _parts(ruling.amount, len(units))


def _parts(money: Money | None, parts: int) -> list[Money | None]:
    """Return an amount in equal parts; what does not divide goes to the first, step by step."""
    if money is None or parts == 1:
        return [money] * parts
    step = Decimal(1).scaleb(-(decimals_of(money.currency) or 0))
    base, rest = divmod(money.amount, parts * step) if parts else (Decimal(), Decimal())
    shares = (base * step + max(Decimal(), min(step, rest - n * step)) for n in range(parts))
    return [money.model_copy(update={"amount": share}) for share in shares]


# What each step does to the units.


def _moved(field: str, before: Collection[StrEnum], after: StrEnum) -> Callable[..., Units]:
    """Return what takes units on whose `field` is one of these, to `after`."""

    def move(units: Units, _form: Form | None = None) -> Units:
        return _changed(units, lambda unit: getattr(unit, field) in before, **{field: after})

    return move


def _settled_by_hand(units: Units, form: SettledByHand) -> Units:
    """Return the units after people paid an amount, or else did what the world refused."""
    paid = _instead(units, form) if form.amount else units
    return REPLACED(REFUNDED(paid))


def _instead(units: Units, form: RefundOrder | SettledByHand) -> Units:
    """Return the units after money is paid for what could not be paid or exchanged."""
    unpaid = [unit for unit in units if unit.settlement in _UNPAID]
    shares = _parts(form.amount, len(unpaid))
    due = Settlement.REFUND_PENDING
    return _replaced(
        units,
        [
            replace(unit, ruling=Ruling.REFUND, approved=share, settlement=due)
            for unit, share in zip(unpaid, shares, strict=True)
        ],
    )


def _exchanged_instead(units: Units, _form: Form) -> Units:
    """Return the units after another attempt to exchange; goods may take the place of money."""
    if any(unit.settlement is Settlement.REPLACEMENT_PENDING for unit in units):
        return units
    return _changed(
        units,
        lambda unit: unit.settlement is Settlement.REFUND_PENDING,
        ruling=Ruling.EXCHANGE,
        approved=None,
        settlement=Settlement.REPLACEMENT_PENDING,
    )


def _withdrawn(units: Units, _form: Form) -> Units:
    back = Settlement.RETURN_PENDING
    return _changed(units, lambda u: u.is_with_us and u.is_open, settlement=back)


def _scrapped(units: Units, _form: Form) -> Units:
    """Return the units after those are scrapped that nobody wants back, or else all that we have.

    Whatever is scrapped cannot be sold, whether or not somebody looked at it.
    """

    def is_meant(unit: Unit) -> bool:
        is_awaited = unit.settlement is Settlement.SCRAP_PENDING
        return is_awaited if are_awaited else unit.is_with_us and unit.is_open

    are_awaited = any(unit.settlement is Settlement.SCRAP_PENDING for unit in units)
    return tuple(
        replace(unit, settlement=Settlement.SCRAPPED, grade=unit.grade or Grade.UNSALEABLE)
        if is_meant(unit)
        else unit
        for unit in units
    )


_UNWANTED = {Settlement.RETURN_PENDING: Settlement.SCRAP_PENDING}
_GOODWILL = {Decision.ACCEPTED: Decision.GOODWILL}
_UNPAID = frozenset({Settlement.REFUND_PENDING, Settlement.REPLACEMENT_PENDING})
_REST = {Rest.AWAITED: None, Rest.SHORT: Whereabouts.SHORT, Rest.LOST: Whereabouts.LOST}
REFUNDED = _moved("settlement", {Settlement.REFUND_PENDING}, Settlement.REFUNDED)
REPLACED = _moved("settlement", {Settlement.REPLACEMENT_PENDING}, Settlement.REPLACED)
LAPSED = _moved("whereabouts", COMING, Whereabouts.LAPSED)
LOST = _moved("whereabouts", COMING, Whereabouts.LOST)
_GIVEN_BACK = _moved("settlement", {Settlement.RETURN_PENDING}, Settlement.RETURNED)
_KEPT = _moved("settlement", {Settlement.SCRAP_PENDING}, Settlement.RETURN_PENDING)
_AFTER: Mapping[str, tuple[type[Form], Callable[[Units, Any], Units]]] = {
    "ship": (Shipment, _moved("whereabouts", {Whereabouts.AWAITED}, Whereabouts.IN_TRANSIT)),
    "receive": (GoodsReceipt, after_receipt),
    "inspect": (Inspection, after_inspection),
    "goods_lapsed": (Lapse, LAPSED),
    "goods_missing": (Lapse, LOST),
    "refunded": (Arranged, REFUNDED),
    "replaced": (Arranged, REPLACED),
    "settle_by_hand": (SettledByHand, _settled_by_hand),
    "refund": (RefundOrder, _instead),
    "replace": (Retry, _exchanged_instead),
    "sent": (Arranged, _GIVEN_BACK),
    "send_by_hand": (SentByHand, _GIVEN_BACK),
    "scrap": (Scrapping, _scrapped),
    "keep_for_customer": (Keeping, _KEPT),
    "withdraw": (Withdrawal, _withdrawn),
}

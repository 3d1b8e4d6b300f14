"""The rules of a return: who handles it, the grounds, where reviews and inspections lead."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum, auto

from pydantic import JsonValue

from cases.common.classification import Severity, candidate_rules_of, facts_of
from cases.common.clocks import REFUND, target_of
from cases.common.forms import NotArranged
from cases.common.policy import ZONE, policy_of
from cases.common.proposals import classified_by
from cases.common.tail import last_of
from domain.engine.case import Case
from domain.engine.definition import Facts
from domain.engine.task_actions import CandidateRules
from domain.language.calendars import ALWAYS
from domain.language.clocks import Clock, Target
from domain.language.forms import Form
from domain.language.goods import Decision, Goods, Settlement
from domain.language.sorting import Reason

from . import forms_v2
from .categories import CATEGORIES
from .figures import LAW, Windows, windows_of
from .forms import (
    Choice,
    Classification,
    Ground,
    Inspection,
    LineRuling,
    Review,
    Ruling,
    Scrapping,
    SettledByHand,
    Wish,
)
from .unit_changes import (
    REFUNDED,
    REPLACED,
    after_form,
    after_review,
    ruled_units,
    units_of,
)
from .units import COMING, TAKEN, Unit, Units, delivered_on


class At(StrEnum):
    """Where a return is worked on, and how it may end."""

    REVIEWING = auto()
    EXCEPTION = auto()
    REFUSING = auto()
    AWAITING_GOODS = auto()
    ON_THE_WAY = auto()
    INSPECTING = auto()
    REFUNDING = auto()
    REPLACING = auto()
    MENDING = auto()
    REFUSED = auto()
    NOT_RETURNED = auto()
    RECALLED = auto()
    GOODS_HERE = auto()
    REMINDED = auto()
    AWAITING_REST = auto()
    CHOOSING = auto()
    SCRAPPING = auto()


class Verdict(StrEnum):
    """What the rule of a ground says; where it cannot say, a person decides."""

    ELIGIBLE = auto()
    NOT_ELIGIBLE = auto()
    NEEDS_A_PERSON = auto()


def propose(_form: Form, reasons: Sequence[Reason]) -> dict[str, JsonValue]:
    """Return the classification that the words suggest."""
    return classified_by(Classification, reasons)


def candidate_rules(case: Case) -> CandidateRules:
    """Return who handles it, by hardness; what the rules do not cover is for the managers."""
    is_managers = case.state in (At.EXCEPTION, At.SCRAPPING)
    at_least = Severity.MODERATE if is_managers else None
    return candidate_rules_of(case.latest(Classification), at_least, case.escalation_tier)


def facts(case: Case) -> Facts:
    """Return what lists show of it, with the ground as reviewed, or else as classified."""
    if (classification := case.latest(Classification)) is None:
        return Facts()
    review = case.latest(Review) or case.latest(forms_v2.Review)
    category = classification.category
    if review is not None and CATEGORIES.own(case, category) != review.ground:
        category = review.ground
    return facts_of(case, classification, category)


class Ruled(StrEnum):
    """Where a review leads."""

    EXCEPTION = auto()
    REFUSED = auto()
    AWAITED = auto()
    HERE = auto()
    REFUND = auto()
    EXCHANGE = auto()
    GIVEN_BACK = auto()
    UNWANTED = auto()


class Inspected(StrEnum):
    """Where an inspection leads."""

    REFUND = auto()
    EXCHANGE = auto()
    AWAITED = auto()
    GIVEN_BACK = auto()
    UNWANTED = auto()


class Settled(StrEnum):
    """Where it goes on when money was paid back."""

    EXCHANGE = auto()
    AWAITED = auto()
    GIVEN_BACK = auto()
    UNWANTED = auto()
    DONE = auto()


class Lapsed(StrEnum):
    """Where it goes on when goods never came."""

    GIVEN_BACK = auto()
    UNWANTED = auto()
    DONE = auto()


class Scrapped(StrEnum):
    """Where it goes on when goods were scrapped."""

    UNDECIDED = auto()
    AWAITED = auto()
    GIVEN_BACK = auto()
    DONE = auto()


class Replaced(StrEnum):
    """Where it goes on when new goods went out."""

    REFUND = auto()
    AWAITED = auto()
    GIVEN_BACK = auto()
    UNWANTED = auto()
    DONE = auto()


class ByHand(StrEnum):
    """Where it goes on when people settled what the world refused."""

    AWAITED = auto()
    GIVEN_BACK = auto()
    UNWANTED = auto()
    DONE = auto()


def review_outcome(case: Case, review: Review) -> Ruled:
    """Return where a review leads; what the rules do not cover is for a manager to decide.

    So is every exchange of what was exchanged before.
    """
    exchanged = last_of(case, At.REPLACING) is not None
    for ruling, units in ruled_units(units_of(case), review):
        again = exchanged and ruling.ruling is Ruling.EXCHANGE
        if ruling.ruling is not Ruling.REFUSED and (again or not _covered(case, ruling, units)):
            return Ruled.EXCEPTION
    return decision_outcome(case, review)


def decision_outcome(case: Case, review: Review) -> Ruled:
    """Return where a manager's word leads; no rule stands above that."""
    units = after_review(units_of(case), review)
    if any(unit.is_here_uninspected and unit.decision in TAKEN for unit in units):
        return Ruled.HERE
    return Ruled(_next(units, otherwise=Ruled.REFUSED))


def inspection_outcome(case: Case, inspection: Inspection) -> Inspected:
    """Return what comes after an inspection: paying first, then new goods, then giving back."""
    return Inspected(_next(after_form(units_of(case), inspection), Inspected.GIVEN_BACK))


def after_refund(case: Case, _form: Form) -> Settled:
    """Return how it goes on when the money was paid."""
    return Settled(_next(REFUNDED(units_of(case)), Settled.DONE))


def after_replacement(case: Case, _form: Form) -> Replaced:
    """Return how it goes on when the new goods went out."""
    return Replaced(_next(REPLACED(units_of(case)), Replaced.DONE))


def after_settlement(case: Case, form: SettledByHand) -> ByHand:
    """Return how it goes on when people settled what the world refused."""
    return ByHand(_next(after_form(units_of(case), form), ByHand.DONE))


def after_lapse(case: Case, _form: Form) -> Lapsed:
    """Return whether something has to be given back, or scrapped, before the customer is told."""
    return Lapsed(_left_with_us(units_of(case), Lapsed.DONE))


def after_scrapping(case: Case, form: Scrapping) -> Scrapped:
    """Return how it goes on when goods were scrapped: with those on which nobody decided."""
    units = after_form(units_of(case), form)
    undecided = (Decision.UNDECIDED, Decision.NEEDS_A_PERSON)
    if any(u.decision in undecided and u.settlement is Settlement.NONE for u in units):
        return Scrapped.UNDECIDED
    return Scrapped(_next(units, Scrapped.DONE))


def has_goods(case: Case, _form: Form) -> bool:
    """Return whether we have units that are neither paid back nor exchanged."""
    return any(unit.is_with_us and unit.is_open for unit in units_of(case))


def is_out_of_stock(_case: Case, refusal: NotArranged) -> bool:
    """Return whether there is nothing to exchange with."""
    return refusal.reason == OUT_OF_STOCK


def chosen(_case: Case, choice: Choice) -> Wish:
    """Return what the customer takes."""
    return choice.instead


def ending(case: Case) -> StrEnum | None:
    """Return whether it was refused or the goods never came; None if the customer got it."""
    units = units_of(case)
    if any(unit.settlement in (Settlement.REFUNDED, Settlement.REPLACED) for unit in units):
        return None
    looked = [unit for unit in units if unit.decision in TAKEN and unit.grade is not None]
    refused = [unit for unit in units if unit.decision is Decision.REFUSED]
    return At.REFUSED if looked or refused else At.NOT_RETURNED


def target(case: Case, clock: Clock) -> Target | None:
    """Return what the policy promises, and what the law does once goods are here (law: 7 days)."""
    if clock != REFUND:
        return target_of(case, clock, facts)
    due = (Settlement.REFUND_PENDING, Settlement.REFUNDED)
    is_due = any(
        unit.settlement in due
        or (unit.is_here_uninspected and unit.decision in TAKEN and unit.ruling is Ruling.REFUND)
        for unit in units_of(case)
    )
    return (
        Target(REFUND_LIMIT, ALWAYS, policy_of(case).milestones["resolution"]) if is_due else None
    )


def _next(units: Units, otherwise: StrEnum) -> str:
    """Return what comes next for the units as they are; `otherwise` if nothing does."""
    due = [
        (Settlement.REFUND_PENDING, "refund"),
        (Settlement.REPLACEMENT_PENDING, "exchange"),
    ]
    for settlement, name in due:
        if any(unit.settlement is settlement for unit in units):
            return name
    if any(unit.whereabouts in COMING for unit in units):
        return "awaited"
    return _left_with_us(units, otherwise)


def _left_with_us(units: Units, otherwise: StrEnum) -> str:
    """Return what becomes of goods that are neither paid back nor exchanged."""
    settlements = {unit.settlement for unit in units}
    if Settlement.SCRAP_PENDING in settlements:
        return "unwanted"
    return "given_back" if Settlement.RETURN_PENDING in settlements else otherwise.value


def _covered(case: Case, ruling: Review | LineRuling, units: Iterable[Unit]) -> bool:
    """Return whether the rule of the ground covers all these units."""
    at = case.opening.received_at
    goods, windows = (_so_far(case, unit.goods) for unit in units), windows_of(case)
    return all(verdict(ruling, at, each, windows) is Verdict.ELIGIBLE for each in goods)


def _so_far(case: Case, goods: Goods) -> Goods:
    """Return goods as they are now: what its order says will be delivered is not delivered."""
    day = goods.delivered_on
    if day is None or case.now is None or day <= case.now.astimezone(ZONE).date():
        return goods
    return goods.model_copy(update={"delivered_on": None})


def replacement_params(case: Case) -> dict[str, JsonValue]:
    """Return what is sent anew, as the case refers to it."""
    return {"order": case.opening.order, "product": case.opening.product}


# The grounds (manual A 4.1.2; the law's seven days), one rule each.

NOT_WITHOUT_REASON = frozenset({"custom_made", "perishable", "digital", "periodical"})
"""Product lines that go back only with a reason (law, the exceptions of the seven days)."""

AT_THE_COUNTER = frozenset({"store"})
"""Channels of sale whose buyer saw the goods: the seven days are for distance sales (law)."""

OUT_OF_STOCK = "out_of_stock"
"""The reason for which a replacement is refused when there is none left."""

REFUND_LIMIT = timedelta(days=7)
"""In which a refund is paid once the goods are back (law)."""

UNKNOWN = Goods(line="-", product="-")
"""Goods of which no order says anything."""


def verdict(
    ruling: Review | LineRuling | forms_v2.Review,
    applied_at: datetime,
    goods: Goods = UNKNOWN,
    windows: Windows = LAW,
) -> Verdict:
    """Return what the rule of the ground says of an application made at this moment."""
    delivered = delivered_on(ruling, goods)
    match ruling.ground:
        case Ground.QUALITY:
            days = windows.for_a_fault(ruling.ruling, known=goods.delivered_on is not None)
            return quality(ruling.faulty, delivered, applied_at, days)
        case Ground.NOT_AS_DESCRIBED:
            return not_as_described(ruling.differs, ruling.impaired)
        case Ground.TRANSPORT_DAMAGE:
            return transport_damage(ruling.damaged)
        case Ground.PERSONAL:
            return personal(delivered, applied_at, goods, windows.without_reason)
        case Ground.OTHER:
            return Verdict.NEEDS_A_PERSON


def quality(
    faulty: bool | None,
    delivered: date | None,
    applied_at: datetime,
    days: int = LAW.without_reason,
) -> Verdict:
    """A fault is enough for some days; later a person decides."""
    if faulty is False:
        return Verdict.NOT_ELIGIBLE
    early = delivered is not None and in_time(delivered, applied_at, days)
    return Verdict.ELIGIBLE if faulty and early else Verdict.NEEDS_A_PERSON


def not_as_described(differs: bool | None, impaired: bool | None) -> Verdict:
    """The goods must clearly differ from the description, and normal use must be impaired."""
    return _all(differs, impaired)


def transport_damage(damaged: bool | None) -> Verdict:
    """Packaging or goods must have been damaged on the way."""
    return _all(damaged)


def personal(
    delivered: date | None,
    applied_at: datetime,
    goods: Goods = UNKNOWN,
    days: int = LAW.without_reason,
) -> Verdict:
    """No reason is needed, only that it is in time; what was bought at a counter needs one."""
    if goods.product_line in NOT_WITHOUT_REASON:
        return Verdict.NOT_ELIGIBLE
    if goods.channel in AT_THE_COUNTER:
        return Verdict.NEEDS_A_PERSON
    return _all(None if delivered is None else in_time(delivered, applied_at, days))


def in_time(delivered: date, applied_at: datetime, days: int) -> bool:
    """Return whether it is within so many calendar days from the day after delivery."""
    return applied_at.astimezone(ZONE).date() <= delivered + timedelta(days=days)


def _all(*conditions: bool | None) -> Verdict:
    if False in conditions:
        return Verdict.NOT_ELIGIBLE
    return Verdict.NEEDS_A_PERSON if None in conditions else Verdict.ELIGIBLE

"""The rules of a return: the grounds, where reviews and inspections lead, and the refund limit."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum, auto

from pydantic import JsonValue

from cases.common.classification import Severity, candidate_rules_of, facts_of
from cases.common.parcels import Parcel
from cases.common.policy import RETURN_DAYS, ZONE
from cases.common.roles import MANAGERS
from cases.common.rules import best_match
from cases.common.tail import last_of
from domain.engine.case import Case
from domain.engine.definition import Facts
from domain.engine.rewind.compensation import BY_HAND, ProcessHistory, outstanding_effects
from domain.engine.task_actions import CandidateRules
from domain.language.entries import Entry
from domain.language.forms import Form, Money
from domain.language.roles import Actor

from .errors import RefundTooHigh
from .forms import (
    Application,
    Classification,
    Ground,
    Inspection,
    RefundOrder,
    Review,
    Ruling,
    SettledByHand,
)

CLUES = {
    Ground.TRANSPORT_DAMAGE: "运输|快递|压坏|破损|摔坏|包装|damaged on the way",
    Ground.NOT_AS_DESCRIBED: "不符|描述|色差|图片|不一样|发错|not as described",
    Ground.QUALITY: "质量|坏|故障|裂|不能用|失灵|开线|掉色|不工作|broken|defect",
    Ground.PERSONAL: "不喜欢|不想要|尺寸|大小|太大|太小|不合适|七天无理由|too small|too big",
}
REVIEWS = frozenset({"review", "decide"})
"""The steps that hand in a `Review`."""

OVERRIDE_STORED = "beyond"
"""The name under which entries keep `override_reason`."""


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


class Verdict(StrEnum):
    """What the rule of a ground says; where it cannot say, a person decides."""

    ELIGIBLE = auto()
    NOT_ELIGIBLE = auto()
    NEEDS_A_PERSON = auto()


class ReviewOutcome(StrEnum):
    """Where a review leads."""

    APPROVED = auto()
    EXCEPTION = auto()
    REFUSED = auto()


class InspectionOutcome(StrEnum):
    """Where an inspection leads."""

    REFUND = auto()
    EXCHANGE = auto()
    FAILED = auto()


def propose(form: Form) -> dict[str, JsonValue]:
    """Return the classification that the words suggest."""
    words = form.words if isinstance(form, Application) else ""
    return Classification(category=best_match(words, CLUES, Ground.OTHER)).canonical()


def candidate_rules(case: Case) -> CandidateRules:
    """Return who handles it, by hardness; what the rules do not cover is for the managers."""
    at_least = Severity.MODERATE if case.state == At.EXCEPTION else None
    return candidate_rules_of(case.latest(Classification), at_least, case.escalation_tier)


def facts(case: Case) -> Facts:
    """Return what lists show of it, with the ground as reviewed, or else as classified."""
    if (classification := case.latest(Classification)) is None:
        return Facts()
    review = case.latest(Review)
    return facts_of(classification, review.ground if review else classification.category)


def review_outcome(case: Case, review: Review) -> ReviewOutcome:
    """A refusal stands; an approval that the rules do not cover is for a manager to decide."""
    if review.ruling is Ruling.REFUSED:
        return ReviewOutcome.REFUSED
    eligible = verdict(review, case.opening.received_at) is Verdict.ELIGIBLE
    return ReviewOutcome.APPROVED if eligible else ReviewOutcome.EXCEPTION


def manager_approves(_case: Case, review: Review) -> bool:
    """Return whether a manager approves; no rule stands above that."""
    return review.ruling is not Ruling.REFUSED


def inspection_outcome(case: Case, inspection: Inspection) -> InspectionOutcome:
    """Return what was approved, if the goods are taken back."""
    review = case.latest(Review)
    if not inspection.passed:
        return InspectionOutcome.FAILED
    refund = review is not None and review.ruling is Ruling.REFUND
    return InspectionOutcome.REFUND if refund else InspectionOutcome.EXCHANGE


def ending(case: Case) -> StrEnum | None:
    """Return whether it was refused or the goods never came; None if the customer got it."""
    last = last_of(
        case, At.REFUSING, At.AWAITING_GOODS, At.REFUNDING, At.REPLACING, Parcel.SENDING_BACK
    )
    inspection = case.latest(Inspection)
    failed = inspection is not None and not inspection.passed
    if last == At.REFUSING or (last == Parcel.SENDING_BACK and failed):
        return At.REFUSED
    return At.NOT_RETURNED if last in (At.AWAITING_GOODS, Parcel.SENDING_BACK) else None


# The grounds (manual A 4.1.2; the law's seven days), one rule each.


def verdict(review: Review, applied_at: datetime) -> Verdict:
    """Return what the rule of the review's ground says of an application made at this moment."""
    match review.ground:
        case Ground.QUALITY:
            return quality(review.faulty, review.delivered_on, applied_at)
        case Ground.NOT_AS_DESCRIBED:
            return not_as_described(review.differs, review.impaired)
        case Ground.TRANSPORT_DAMAGE:
            return transport_damage(review.damaged)
        case Ground.PERSONAL:
            return personal(review.delivered_on, applied_at)
        case Ground.OTHER:
            return Verdict.NEEDS_A_PERSON


def quality(faulty: bool | None, delivered: date | None, applied_at: datetime) -> Verdict:
    """A fault is enough for as long as a return needs no reason; later a person decides."""
    if faulty is False:
        return Verdict.NOT_ELIGIBLE
    early = delivered is not None and in_time(delivered, applied_at)
    return Verdict.ELIGIBLE if faulty and early else Verdict.NEEDS_A_PERSON


def not_as_described(differs: bool | None, impaired: bool | None) -> Verdict:
    """The goods must clearly differ from the description, and normal use must be impaired."""
    return _all(differs, impaired)


def transport_damage(damaged: bool | None) -> Verdict:
    """Packaging or goods must have been damaged on the way."""
    return _all(damaged)


def personal(delivered: date | None, applied_at: datetime) -> Verdict:
    """No reason is needed, only that it is in time."""
    return _all(None if delivered is None else in_time(delivered, applied_at))


def in_time(delivered: date, applied_at: datetime) -> bool:
    """Return whether it is within seven calendar days from the day after delivery."""
    return applied_at.astimezone(ZONE).date() <= delivered + timedelta(days=RETURN_DAYS)


def _all(*conditions: bool | None) -> Verdict:
    if False in conditions:
        return Verdict.NOT_ELIGIBLE
    return Verdict.NEEDS_A_PERSON if None in conditions else Verdict.ELIGIBLE


# What is paid back, and how much that may be in sum.


def refund_params(case: Case) -> dict[str, JsonValue]:
    """Return the newest amount that anybody decided on."""
    amounts = (entry.form.get("amount") for entry in reversed(case.effective_entries()))
    return next(dict(amount) for amount in amounts if isinstance(amount, dict))


def replacement_params(case: Case) -> dict[str, JsonValue]:
    """Return what is sent anew, as the case refers to it."""
    return {"order": case.opening.order, "product": case.opening.product}


def refuse_overpaying(
    process: ProcessHistory, case: Case, actor: Actor, form: Form, leads_to: str | None
) -> None:
    """Refuse to approve, or to pay, more than was paid for the goods.

    The price of the goods is what a review says in `paid`. Where none does, a refund stays within
    what the newest review approved, and all refunds together within the most that any approved.

    Raises:
        RefundTooHigh
    """
    refund = _requested_refund(case, form, leads_to)
    if refund is None:
        return
    earlier = list(refunds(process, case))
    price = _price(case, form)
    limit = price or _approved_limit(case, form, [money for _, money in earlier])
    if limit is None:
        return
    paid = sum((money.amount for _, money in earlier), Decimal())
    currencies = {money.currency for _, money in earlier} | {refund.currency, limit.currency}
    within = len(currencies) == 1 and paid + refund.amount <= limit.amount
    if within or _is_overridden(case, actor, form, earlier):
        return
    why = "paid" if price else "approved"
    raise RefundTooHigh(
        f"{_text(refund)} cannot be paid back: {paid} were paid back already, of {_text(limit)} "
        f"{why} for the goods. Say in a review's 'paid' what was paid for them, or let {MANAGERS} "
        "say in 'override_reason' why.",
        amount=_text(refund),
        paid=str(paid),
        worth=_text(limit),
        takes=[*MANAGERS],
        why=why,
    )


def refunds(process: ProcessHistory, case: Case) -> Iterator[tuple[int, Money]]:
    """Yield the entry and the amount of each refund that stands, over reopenings and rewinds."""
    for effect in outstanding_effects(process, case):
        entry = case.entries[effect.entry - 1]
        if effect.port == "refund":
            yield effect.entry, Money.model_validate(effect.params)
        elif effect.port == BY_HAND and (money := _paid_by_hand(process, case, entry)):
            yield effect.entry, money


def _paid_by_hand(process: ProcessHistory, case: Case, entry: Entry) -> Money | None:
    """Return what the form says was paid, or else all that the world refused to pay."""
    if entry.step != "settle_by_hand":
        return None
    form = SettledByHand.lenient(entry.form)
    failures = [e.step for e in case.entries[: entry.seq] if e.led_to == At.MENDING]
    unpaid = bool(failures) and failures[-1] == "refund_refused"
    before = process.as_of(case, entry.seq - 1)
    return form.amount or (Money.model_validate(refund_params(before)) if unpaid else None)


def _requested_refund(case: Case, form: Form, leads_to: str | None) -> Money | None:
    """Return how much the review approves, or is to be paid now."""
    if isinstance(form, Review):
        return form.amount if form.ruling is Ruling.REFUND else None
    if leads_to != At.REFUNDING:
        return None
    amount = form.amount if isinstance(form, Inspection | RefundOrder) else None
    return amount or Money.model_validate(refund_params(case))


def _price(case: Case, form: Form) -> Money | None:
    """Return what the customer paid for the goods, as the newest review that knows it says."""
    if isinstance(form, Review) and form.paid:
        return form.paid
    prices = (e.form.get("paid") for e in reversed(case.effective_entries()) if e.step in REVIEWS)
    return next((Money.model_validate(price) for price in prices if price), None)


def _approved_limit(case: Case, form: Form, paid: list[Money]) -> Money | None:
    """Return what may be paid in sum by what reviews approved; None as long as none did.

    Once something was paid, reviews that a rewind took back still tell what it was part of.
    """
    approved = _approved_refunds(case.effective_entries())
    if paid:
        approved = approved or _approved_refunds(case.entries) or paid
    elif isinstance(form, Review):
        return None
    if not approved:
        return None
    highest = max(approved, key=lambda money: money.amount)
    if isinstance(form, Review):
        return highest
    newest = sum((money.amount for money in paid), approved[-1].amount)
    return highest.model_copy(update={"amount": min(highest.amount, newest)})


def _approved_refunds(entries: Iterable[Entry]) -> list[Money]:
    """Return what reviews approved, oldest first, without those that await a manager's word."""
    approved = (e.form for e in entries if e.step in REVIEWS and e.led_to == At.AWAITING_GOODS)
    refunds = (form for form in approved if form.get("ruling") == Ruling.REFUND)
    return [Money.model_validate(form["amount"]) for form in refunds]


def _is_overridden(case: Case, actor: Actor, form: Form, earlier: list[tuple[int, Money]]) -> bool:
    """Return whether a manager says why more is paid, here or in the newest decision on the amount.

    A refund that was paid since then has used that up.
    """
    if str(getattr(form, "override_reason", "")).strip():
        return bool(actor.stands_for & MANAGERS)
    if getattr(form, "amount", None) is not None:
        return False
    decisions = (
        e for e in reversed(case.effective_entries()) if isinstance(e.form.get("amount"), dict)
    )
    newest = next(decisions, None)
    if newest is None or any(seq >= newest.seq for seq, _ in earlier):
        return False
    return bool(str(newest.form.get(OVERRIDE_STORED) or "").strip())


def _text(money: Money) -> str:
    return f"{money.amount} {money.currency}"

"""The rules of a return: who handles it, the grounds, where reviews and inspections lead."""

from datetime import date, datetime, timedelta
from enum import StrEnum, auto

from pydantic import JsonValue

from cases.common.classification import Severity, candidate_rules_of, facts_of
from cases.common.parcels import Parcel
from cases.common.policy import RETURN_DAYS, ZONE
from cases.common.rules import best_match
from cases.common.tail import last_of
from domain.engine.case import Case
from domain.engine.definition import Facts
from domain.engine.task_actions import CandidateRules
from domain.language.forms import Form

from .forms import Application, Classification, Ground, Inspection, Review, Ruling

CLUES = {
    Ground.TRANSPORT_DAMAGE: "运输|快递|压坏|破损|摔坏|包装|damaged on the way",
    Ground.NOT_AS_DESCRIBED: "不符|描述|色差|图片|不一样|发错|not as described",
    Ground.QUALITY: "质量|坏|故障|裂|不能用|失灵|开线|掉色|不工作|broken|defect",
    Ground.PERSONAL: "不喜欢|不想要|尺寸|大小|太大|太小|不合适|七天无理由|too small|too big",
}


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


class DecisionOutcome(StrEnum):
    """Where a manager's decision leads; goods may have come before it."""

    APPROVED = auto()
    APPROVED_HERE = auto()
    REFUSED = auto()
    REFUSED_HERE = auto()


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
    """A refusal stands; what the rules do not cover, and every further exchange, is a manager's."""
    outcome = review_outcome_v1(case, review)
    again = review.ruling is Ruling.EXCHANGE and last_of(case, At.REPLACING) is not None
    return ReviewOutcome.EXCEPTION if again else outcome


def review_outcome_v1(case: Case, review: Review) -> ReviewOutcome:
    """A refusal stands; an approval that the rules do not cover is for a manager to decide."""
    if review.ruling is Ruling.REFUSED:
        return ReviewOutcome.REFUSED
    eligible = verdict(review, case.opening.received_at) is Verdict.ELIGIBLE
    return ReviewOutcome.APPROVED if eligible else ReviewOutcome.EXCEPTION


def manager_approves(_case: Case, review: Review) -> bool:
    """Return whether a manager approves; no rule stands above that."""
    return review.ruling is not Ruling.REFUSED


def decision_outcome(case: Case, review: Review) -> DecisionOutcome:
    """Return what a manager decides: where the goods are here already, they are not waited for."""
    here = last_of(case, At.REVIEWING, At.GOODS_HERE) == At.GOODS_HERE
    if manager_approves(case, review):
        return DecisionOutcome.APPROVED_HERE if here else DecisionOutcome.APPROVED
    return DecisionOutcome.REFUSED_HERE if here else DecisionOutcome.REFUSED


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
        case,
        *(At.REFUSING, At.AWAITING_GOODS, At.RECALLED),
        *(At.REFUNDING, At.REPLACING, Parcel.SENDING_BACK),
    )
    inspection, review = case.latest(Inspection), case.latest(Review)
    failed = inspection is not None and not inspection.passed
    refused = failed or (review is not None and review.ruling is Ruling.REFUSED)
    if last == At.REFUSING or (last == Parcel.SENDING_BACK and refused):
        return At.REFUSED
    kept = (At.AWAITING_GOODS, At.RECALLED, Parcel.SENDING_BACK)
    return At.NOT_RETURNED if last in kept else None


def replacement_params(case: Case) -> dict[str, JsonValue]:
    """Return what is sent anew, as the case refers to it."""
    return {"order": case.opening.order, "product": case.opening.product}


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

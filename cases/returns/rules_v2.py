"""What tables of versions 1 and 2 decide: a return is one thing; it goes when their cases end."""

from enum import StrEnum, auto

from cases.common.parcels import Parcel
from cases.common.tail import last_of
from domain.engine.case import Case

from .forms import Ruling
from .forms_v2 import Inspection, Review
from .rules import At, Verdict, verdict


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

"""What is decided while a return is handled: who, where it goes on, how much, how it ends."""

from enum import StrEnum, auto

from pydantic import JsonValue

from cases.common.classification import Severity, candidate_rules_of, priority_of
from cases.common.parcels import Parcel
from cases.common.tail import newest
from domain.engine.case import Case
from domain.engine.definition import Facts
from domain.engine.task_actions import CandidateRules

from .eligibility import Verdict, verdict
from .forms import Classification, Inspection, Review, Ruling


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


class Way(StrEnum):
    """Where a review leads."""

    APPROVED = auto()
    EXCEPTION = auto()
    REFUSED = auto()


class Found(StrEnum):
    """Where an inspection leads."""

    REFUND = auto()
    EXCHANGE = auto()
    FAILED = auto()


def candidate_rules(case: Case) -> CandidateRules:
    """By hardness; what the rules do not cover is for the managers."""
    asks = Severity.MODERATE if case.state == At.EXCEPTION else None
    return candidate_rules_of(case.latest(Classification), asks, case.raised)


def facts(case: Case) -> Facts:
    """What lists show: the ground as reviewed, or else as classified."""
    if (sorted_as := case.latest(Classification)) is None:
        return Facts()
    review = case.latest(Review)
    return Facts(
        category=review.ground if review else sorted_as.category,
        priority=priority_of(sorted_as),
        hardness=sorted_as.hardness,
    )


def ruled(case: Case, review: Review) -> Way:
    """A refusal stands; an approval that the rules do not cover is for a manager to decide."""
    if review.ruling is Ruling.REFUSED:
        return Way.REFUSED
    covered = verdict(review, case.opening.received_at) is Verdict.ELIGIBLE
    return Way.APPROVED if covered else Way.EXCEPTION


def decided(_case: Case, review: Review) -> bool:
    """Whether a manager approves; no rule stands above that."""
    return review.ruling is not Ruling.REFUSED


def inspected(case: Case, inspection: Inspection) -> Found:
    """As it was approved, if the goods are taken back."""
    review = case.latest(Review)
    if not inspection.passed:
        return Found.FAILED
    refund = review is not None and review.ruling is Ruling.REFUND
    return Found.REFUND if refund else Found.EXCHANGE


def refund_of(case: Case) -> dict[str, JsonValue]:
    """The newest amount that anybody decided on."""
    amounts = (entry.form.get("amount") for entry in reversed(case.standing()))
    return next(dict(amount) for amount in amounts if isinstance(amount, dict))


def replacement_of(case: Case) -> dict[str, JsonValue]:
    """What is sent anew, as the case refers to it."""
    return {"order": case.opening.order, "product": case.opening.product}


def ends(case: Case) -> StrEnum | None:
    """Refused at the review or after it, or never returned; None if the customer got it."""
    last = newest(
        case, At.REFUSING, At.AWAITING_GOODS, At.REFUNDING, At.REPLACING, Parcel.SENDING_BACK
    )
    inspection = case.latest(Inspection)
    failed = inspection is not None and not inspection.passed
    if last == At.REFUSING or (last == Parcel.SENDING_BACK and failed):
        return At.REFUSED
    return At.NOT_RETURNED if last in (At.AWAITING_GOODS, Parcel.SENDING_BACK) else None

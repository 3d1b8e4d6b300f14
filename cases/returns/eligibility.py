"""What the four grounds ask for (manual A 4.1.2; the law's seven days), as one rule each."""

from datetime import date, datetime, timedelta
from enum import StrEnum, auto

from cases.common.policy import RETURN_DAYS, ZONE

from .forms import Ground, Review


class Verdict(StrEnum):
    """What a rule says; where it cannot say, a person decides."""

    ELIGIBLE = auto()
    NOT_ELIGIBLE = auto()
    NEEDS_A_PERSON = auto()


def verdict(review: Review, asked: datetime) -> Verdict:
    """What the rule of the review's own ground says of an application made then."""
    match review.ground:
        case Ground.QUALITY:
            return quality(review.faulty, review.delivered_on, asked)
        case Ground.NOT_AS_DESCRIBED:
            return not_as_described(review.differs, review.impaired)
        case Ground.TRANSPORT_DAMAGE:
            return transport_damage(review.damaged)
        case Ground.PERSONAL:
            return personal(review.delivered_on, asked)
        case Ground.OTHER:
            return Verdict.NEEDS_A_PERSON


def quality(faulty: bool | None, delivered: date | None, asked: datetime) -> Verdict:
    """A fault is enough for as long as a return needs no reason; later a person decides."""
    if faulty is False:
        return Verdict.NOT_ELIGIBLE
    early = delivered is not None and in_time(delivered, asked)
    return Verdict.ELIGIBLE if faulty and early else Verdict.NEEDS_A_PERSON


def not_as_described(differs: bool | None, impaired: bool | None) -> Verdict:
    """Both: clearly different from the description, and normal use impaired."""
    return _all(differs, impaired)


def transport_damage(damaged: bool | None) -> Verdict:
    """Packaging or goods were damaged on the way."""
    return _all(damaged)


def personal(delivered: date | None, asked: datetime) -> Verdict:
    """No reason is needed, only that it is in time."""
    return _all(None if delivered is None else in_time(delivered, asked))


def in_time(delivered: date, asked: datetime) -> bool:
    """Within seven calendar days from the day after delivery, to the end of the last day."""
    return asked.astimezone(ZONE).date() <= delivered + timedelta(days=RETURN_DAYS)


def _all(*tests: bool | None) -> Verdict:
    if False in tests:
        return Verdict.NOT_ELIGIBLE
    return Verdict.NEEDS_A_PERSON if None in tests else Verdict.ELIGIBLE

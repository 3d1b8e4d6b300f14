"""What the stories of complaints share: classifications, offers, answers, payments."""

from datetime import date, datetime
from decimal import Decimal

from cases.common.authority import Approval
from cases.common.classification import Severity, Urgency
from cases.common.front import Front
from cases.common.offers import Answer
from cases.common.stories import arranged, march
from cases.common.tail import Tail
from domain.engine.action_forms import Limiting
from domain.language.values import Money
from domain.stories import Act

from .categories import PLAYBOOK, Category
from .forms import (
    CauseOf,
    Checked,
    ChosenWay,
    Classification,
    Completion,
    DisputeResult,
    DisputeWay,
    Finding,
    Remedy,
    Solution,
    WayResult,
)
from .rules import At

FRONT = (Front.RECEIVED, Front.ACCEPTED, Front.CLASSIFIED)
OFFERED = (*FRONT, At.INVESTIGATING, At.PROPOSING, At.PROPOSED)
WORKED = (*OFFERED, At.CARRYING_OUT, Tail.TELLING, Tail.FOLLOWING_UP)
PAID = (*OFFERED, At.CARRYING_OUT, At.PAYING, Tail.TELLING, Tail.FOLLOWING_UP)
YES = ("accept_solution", Answer())


def yes(offer: int) -> tuple[str, Answer]:
    return "accept_solution", Answer(offer=offer)


def no(offer: int | None = None) -> tuple[str, Answer]:
    return "reject_solution", Answer(offer=offer)


def approval(yuan: int) -> tuple[str, Approval]:
    return "approve_amount", Approval(amount=Money(amount=Decimal(yuan)), reason="In warranty.")


RUDE = Classification(
    category=Category.SERVICE_ATTITUDE, severity=Severity.MINOR, urgency=Urgency.LOW
)
BROKEN = Classification(category=Category.PRODUCT_QUALITY, severity=Severity.MODERATE)
SLOW = Classification(category=Category.AFTER_SALES, severity=Severity.MINOR)
DESCRIBED = Classification(category=Category.DESCRIPTION, severity=Severity.MODERATE)
PRICED = Classification(category=Category.PRICE, severity=Severity.MINOR)
FAULTY = Classification(category=Category.PRODUCT_QUALITY, severity=Severity.MINOR)
LATE = Classification(category=Category.LOGISTICS, severity=Severity.MINOR)


def investigated(cause: CauseOf, finding: str) -> tuple[str, Finding]:
    return "investigate", Finding(cause=cause, reasonable=True, finding=finding)


def checked(cause: CauseOf, finding: str) -> tuple[str, Finding]:
    """All that the playbook asks for was looked at."""
    checks = tuple(Checked(check=check) for check in PLAYBOOK[Category.PRODUCT_QUALITY])
    return "investigate", Finding(cause=cause, reasonable=True, finding=finding, checked=checks)


def offer(solution: str, yuan: int) -> tuple[str, Solution]:
    return granted(solution, yuan, Remedy.OTHER)


def granted(solution: str, yuan: int, remedy: Remedy) -> tuple[str, Solution]:
    cost = Money(amount=Decimal(yuan))
    return "propose", Solution(solution=solution, cost=cost, remedy=remedy)


def paid_out(at: datetime) -> Act:
    return arranged(at, "refund", "paid_out")


def way(way: DisputeWay, word: str) -> tuple[str, ChosenWay]:
    return "choose_way", ChosenWay(way=way, customers_word=word)


def result(
    outcome: DisputeResult, dated: date, agreed: str, paper: str | None = None, yuan: int = 0
) -> tuple[str, WayResult]:
    amount = Money(amount=Decimal(yuan)) if yuan else None
    form = WayResult(outcome=outcome, dated=dated, agreed=agreed, paper=paper, amount=amount)
    return "record_result", form


def carried_out(what: str) -> tuple[str, Completion]:
    return "carry_out", Completion(done=what)


CONFIRMED = investigated(CauseOf.SERVICE, "The clerk confirms it.")
MORE_TIME = ("limit", Limiting(limit=march(4, 9), reason="更多时间"))

"""What happens in many a complaint's story: the usual paths, classifications and commands."""

from decimal import Decimal

from cases.common.classification import Severity, Urgency
from cases.common.front import Front
from cases.common.tail import Tail
from domain.language.forms import Money

from .forms import Answer, Category, CauseOf, Classification, Completion, Finding, Solution
from .process import At

FRONT = (Front.RECEIVED, Front.ACCEPTED, Front.CLASSIFIED)
OFFERED = (*FRONT, At.INVESTIGATING, At.PROPOSING, At.PROPOSED)
WORKED = (*OFFERED, At.CARRYING_OUT, Tail.TELLING, Tail.FOLLOWING_UP)
YES = ("accept_solution", Answer())
RUDE = Classification(
    category=Category.SERVICE_ATTITUDE, severity=Severity.MINOR, urgency=Urgency.LOW
)
BROKEN = Classification(category=Category.PRODUCT_QUALITY, severity=Severity.MODERATE)
SLOW = Classification(category=Category.AFTER_SALES, severity=Severity.MINOR)
DESCRIBED = Classification(category=Category.DESCRIPTION, severity=Severity.MODERATE)
LATE = Classification(category=Category.LOGISTICS, severity=Severity.MINOR)


def found(cause: CauseOf, finding: str) -> tuple[str, Finding]:
    return "investigate", Finding(cause=cause, reasonable=True, finding=finding)


def offer(solution: str, yuan: int) -> tuple[str, Solution]:
    return "propose", Solution(solution=solution, cost=Money(amount=Decimal(yuan)))


def done(what: str) -> tuple[str, Completion]:
    return "carry_out", Completion(done=what)

"""What the stories of repairs share: the usual commands and the states of every repair."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from cases.common.authority import APPROVE, Approval
from cases.common.classification import Impact, Urgency
from cases.common.forms import Confirmation, FollowUp, Satisfaction
from cases.common.front import Front
from cases.common.stories import ACCEPT, DISPATCHER, hand_to, march
from cases.common.tail import Tail
from domain.language.forms import Form
from domain.language.roles import Actor
from domain.language.values import Money
from domain.stories import Act, act

from .categories import Fault
from .forms import (
    Appointment,
    Arrival,
    Charge,
    Classification,
    Cost,
    Diagnosis,
    Missed,
    PartsOrder,
    Quote,
    QuoteLine,
    Side,
    TakenJob,
    Trial,
    Warranty,
    Work,
)
from .rules import At

FRONT = (Front.RECEIVED, Front.ACCEPTED, Front.CLASSIFIED, At.DISPATCHED)
MENDED = (At.REPAIRING, At.TESTING, At.RETURNING)
TOLD = (Tail.TELLING, Tail.FOLLOWING_UP)
SOLVED = (*TOLD, Tail.CLOSED)
TAKE = ("take_job", TakenJob())
VISIT = ("visit", Arrival())
HAND_OVER = ("hand_over", Charge())
RECEIPT = "The receipt: bought last year."
WORKS = ("test", Trial(passed=True))
HAPPY = ("confirm", Confirmation(solved=True, satisfaction=Satisfaction.SATISFIED))
SO_SO = FollowUp(reached=True, solved=True, satisfaction=Satisfaction.NEUTRAL, nps=5)


def yuan(amount: int) -> Money:
    return Money(amount=Decimal(amount))


def classified(
    fault: Fault, urgency: Urgency = Urgency.NORMAL, impact: Impact = Impact.ONE
) -> tuple[str, Form]:
    return "classify", Classification(category=fault, urgency=urgency, impact=impact)


def dispatched(day: int, hour: int, fault: Fault, whom: Actor, seconds: int = 5) -> Act:
    """Return what the automatic dispatch does, a moment after the case was opened."""
    at = march(day, hour) + timedelta(seconds=seconds)
    return act(at, DISPATCHER, ACCEPT, classified(fault), hand_to(whom))


def appointed(day: int, start: int, end: int, moved_by: Side | None = None) -> tuple[str, Form]:
    window = Appointment(starts_at=march(day, start), ends_at=march(day, end), moved_by=moved_by)
    return "appoint", window


def missed(by: Side, note: str) -> tuple[str, Form]:
    return "miss", Missed(outcome=by, note=note)


def received(serial: str | None = None, accessories: str = "", note: str = "") -> tuple[str, Form]:
    return "receive", Arrival(serial=serial, accessories=accessories, note=note)


def diagnosed(outcome: Warranty, finding: str, evidence: str = "") -> tuple[str, Form]:
    return "diagnose", Diagnosis(outcome=outcome, finding=finding, evidence=evidence)


def goodwill(share: int, finding: str, estimate: int | None = None) -> tuple[str, Form]:
    """Bear some of the price, or all of it: then an estimate says what that will be."""
    costs = None if estimate is None else yuan(estimate)
    form = Diagnosis(outcome=Warranty.GOODWILL, finding=finding, share=share, estimate=costs)
    return "diagnose", form


def approved(amount: int, reason: str) -> tuple[str, Form]:
    return APPROVE, Approval(amount=yuan(amount), reason=reason)


def repaired(work: str) -> tuple[str, Form]:
    return "repair", Work(work=work)


def lines_of(costs: Sequence[tuple[Cost, int]]) -> tuple[QuoteLine, ...]:
    return tuple(QuoteLine(cost=cost, work="维修", price=yuan(each)) for cost, each in costs)


def quoted(
    *costs: tuple[Cost, int], price: int | None = None, until: datetime | None = None
) -> tuple[str, Form]:
    """Quote these lines; the customer pays their sum, or the price that our share leaves."""
    total = sum(each for _, each in costs) if price is None else price
    form = Quote(lines=lines_of(costs), price=yuan(total), work="维修", valid_until=until)
    return "quote", form


def awaiting(parts: str, day: int, *, again: bool = False) -> tuple[str, Form]:
    order = PartsOrder(parts=parts, expected_on=date(2026, 3, day))
    return "move_parts" if again else "await_parts", order

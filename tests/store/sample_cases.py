"""Sample cases, made by the real process, as the updates that a workflow records."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from cases import CURRENT
from domain.engine.case import Case
from domain.engine.messages import PendingCall, Request
from domain.read_models.projection import CaseView, ProjectionUpdate, TaskView, projection_update
from store.customers.records import Contact, CustomerInput
from store.intake.records import Reservation
from tests.support.cases import CHEN, LIU, SHOP, SORTED, WHOLE_COMPLAINT, new_number, opening
from tests.support.cases import request as asking

DAWN = datetime(2026, 3, 2, 8, 0, 0, 123456, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
COMPLAINT = CURRENT["complaint"]


def opened(tenant: str, received: datetime = DAWN, number: str = "", **more: Any) -> Case:
    """A complaint that has just come in through the shop."""
    given = opening(number or new_number(), actor=SHOP, tenant=tenant, received_at=received, **more)
    return COMPLAINT.open(given, received + MINUTE)


def act(case: Case, asked: Request) -> Case:
    """The case after a request, a minute later."""
    ours = asked.model_copy(update={"tenant": case.opening.tenant})
    COMPLAINT.apply_request(case, ours, case.last.at + MINUTE)
    return case


def news(case: Case, after: int = 0) -> ProjectionUpdate:
    """What is new after this entry."""
    return projection_update(COMPLAINT, case, after)


def sorted_out(case: Case) -> Case:
    """The case accepted and classified."""
    return act(case, asking("r1", ("accept", {}), ("classify", SORTED), actor=CHEN))


def claimed(case: Case) -> Case:
    """The case held by Liu."""
    return act(case, asking("r2", ("claim", {}), actor=LIU))


def batches(case: Case) -> Iterator[ProjectionUpdate]:
    """A complaint's life until the customer is to be told, one batch for each request."""
    yield news(case)
    for index, steps in enumerate(WHOLE_COMPLAINT[:-1]):
        known = case.last.seq
        who = SHOP if steps[0][0] == "accept_solution" else LIU
        act(case, asking(f"q{index}", *steps, actor=who))
        yield news(case, known)


def bare(case: CaseView, **more: Any) -> ProjectionUpdate:
    """A case's row with other values, and nothing else."""
    changed = case.model_copy(update=more)
    return ProjectionUpdate(entries=(), case=changed, tasks=(), notices=())


def with_task(case: CaseView, task: TaskView, **more: Any) -> ProjectionUpdate:
    """A case's row with one task of other values."""
    changed = task.model_copy(update={"tenant": case.tenant, "number": case.number, **more})
    return ProjectionUpdate(entries=(), case=case, tasks=(changed,), notices=())


def start(key: str | tuple[str, str] | None = "k", **more: Any) -> Reservation:
    """A start with this key of the shop's, or of another client's."""
    given: dict[str, Any] = {
        "prefix": "TS",
        "day": date(2026, 3, 2),
        "digest": "d1",
        "now": DAWN,
        "source": "shop",
        "key": ("shop", key) if isinstance(key, str) else key,
    }
    return Reservation(**{**given, **more})


def caller(phone: str = "138 0000 0000", name: str | None = "王小明") -> CustomerInput:
    """A customer with a phone."""
    return CustomerInput(name=name, contacts=(Contact("phone", phone),))


def pending_call(
    tenant: str, customer: str | None, number: str, source: str = "shop"
) -> PendingCall:
    """A call that tells the customer the outcome."""
    return PendingCall(
        tenant=tenant,
        number=number,
        seq=12,
        n=1,
        port="tell",
        template="outcome",
        done="told",
        refused="tell_failed",
        customer=customer,
        source=source,
        params={"amount": "20.00"},
    )

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
    """Return a complaint that has just come in through the shop."""
    case_input = opening(
        number or new_number(), actor=SHOP, tenant=tenant, received_at=received, **more
    )
    return COMPLAINT.open(case_input, received + MINUTE)


def applied(case: Case, request: Request) -> Case:
    """Return the case after a request, a minute later."""
    own = request.model_copy(update={"tenant": case.opening.tenant})
    COMPLAINT.apply_request(case, own, case.last.at + MINUTE)
    return case


def update_after(case: Case, after: int = 0) -> ProjectionUpdate:
    """Return what is new of the case after the entry `after`."""
    return projection_update(COMPLAINT, case, after)


def classified(case: Case) -> Case:
    """Return the case accepted and classified."""
    return applied(case, asking("r1", ("accept", {}), ("classify", SORTED), actor=CHEN))


def claimed(case: Case) -> Case:
    """Return the case claimed by Liu."""
    return applied(case, asking("r2", ("claim", {}), actor=LIU))


def updates(case: Case) -> Iterator[ProjectionUpdate]:
    """Yield a complaint's updates until the customer is to be told, one for each request."""
    yield update_after(case)
    for index, steps in enumerate(WHOLE_COMPLAINT[:-1]):
        last_seq = case.last.seq
        actor = SHOP if steps[0][0] == "accept_solution" else LIU
        applied(case, asking(f"q{index}", *steps, actor=actor))
        yield update_after(case, last_seq)


def only_case(case: CaseView, **more: Any) -> ProjectionUpdate:
    """Return an update of the case's row alone, with other values."""
    changed = case.model_copy(update=more)
    return ProjectionUpdate(entries=(), case=changed, tasks=(), notices=())


def with_task(case: CaseView, task: TaskView, **more: Any) -> ProjectionUpdate:
    """Return an update of the case's row and one task, with other values."""
    changed = task.model_copy(update={"tenant": case.tenant, "number": case.number, **more})
    return ProjectionUpdate(entries=(), case=case, tasks=(changed,), notices=())


def reservation(key: str | tuple[str, str] | None = "k", **more: Any) -> Reservation:
    """Return the reservation of a start with this key of the shop or of another client."""
    defaults: dict[str, Any] = {
        "prefix": "TS",
        "day": date(2026, 3, 2),
        "digest": "d1",
        "now": DAWN,
        "source": "shop",
        "key": ("shop", key) if isinstance(key, str) else key,
    }
    return Reservation(**{**defaults, **more})


def customer_input(phone: str = "138 0000 0000", name: str | None = "王小明") -> CustomerInput:
    """Return a customer with a phone."""
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

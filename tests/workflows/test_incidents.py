"""What fails for a technical reason is seen by operators, and can be tried again at once."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.client import Client
from temporalio.common import SearchAttributePair, TypedSearchAttributes
from temporalio.service import RPCError
from temporalio.worker import Worker

from activities.orders import OrderActivities
from activities.ports.http_ports import HttpPort
from domain.engine.messages import Outcome, PendingCall
from ops.incidents.incidents import TOLERATED, Incident, IncidentFilter, count_cases, find_incidents
from ops.incidents.retry import RetryReport, retry
from temporal.names import KIND
from tests.support.cases import new_number
from tests.support.receiver import Receiver, Reply, receiving
from tests.support.temporal import DevServer
from tests.support.waiting import until
from tests.workflows.calling_workflow import QUEUE, CallingWorkflow

pytestmark = pytest.mark.xdist_group("incidents")
# The engine marks a case at its second failure in a row; unless told so, at its fifth.
SOON = "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute=1"


@pytest.fixture(scope="module")
async def client(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Client]:
    server = DevServer(tmp_path_factory.mktemp("incidents"), "--dynamic-config-value", SOON)
    server.start()
    try:
        yield await server.client()
    finally:
        server.kill()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as listening:
        yield listening


@pytest.fixture
async def worker(client: Client, receiver: Receiver) -> AsyncIterator[None]:
    port = HttpPort(receiver.url)
    refund = OrderActivities(port, port).refund
    async with Worker(
        client,
        task_queue=QUEUE,
        workflows=[CallingWorkflow],
        activities=[refund],
        build_id="incidents",
    ):
        yield


def pending_call(number: str) -> PendingCall:
    return PendingCall(
        tenant="default",
        number=number,
        seq=3,
        n=0,
        port="refund",
        template="refund",
        done="refunded",
        refused="refund_failed",
        customer=None,
    )


async def list_incidents(
    client: Client, *numbers: str, tolerated: int = TOLERATED
) -> list[Incident]:
    return [each async for each in find_incidents(client, numbers, tolerated)]


@pytest.mark.usefixtures("worker")
async def test_a_port_that_fails_is_an_incident_until_it_works(
    client: Client, receiver: Receiver
) -> None:
    number = new_number("TH")
    receiver.answers(Reply(500))
    # Three attempts come quickly; the fourth would be minutes later.
    case = await client.start_workflow(
        CallingWorkflow.run, pending_call(number), id=number, task_queue=QUEUE
    )

    async def fails() -> bool:
        return bool(await list_incidents(client, number))

    await until(fails)
    (incident,) = await list_incidents(client)
    assert (incident.number, incident.port, incident.failure) == (number, "refund", "PortFailed")
    assert incident.attempts > 3
    started = (await case.describe()).start_time
    assert started <= incident.since <= datetime.now(UTC), (
        "since it was asked for, not its next try"
    )
    assert await list_incidents(client, new_number()) == []
    receiver.answers(Reply(200, '{"reference": "pay_1"}'))
    assert await retry(client, number) == RetryReport(1, code=False)
    outcome: Outcome = await case.result()
    assert outcome == Outcome(step="refunded", form={"reference": "pay_1"})
    assert await list_incidents(client) == []
    assert {received.headers["idempotency-key"] for received in receiver.requests} == {
        f"{number}-3-0"
    }


async def test_a_case_that_nobody_has_cannot_be_retried(client: Client) -> None:
    with pytest.raises(RPCError):
        await retry(client, new_number())


@pytest.mark.usefixtures("worker")
async def test_code_that_fails_is_an_incident(client: Client) -> None:
    number = new_number("TH")
    wrong = pending_call(number).model_copy(update={"port": "broken"})
    case = await client.start_workflow(CallingWorkflow.run, wrong, id=number, task_queue=QUEUE)

    async def fails() -> bool:
        return bool(await list_incidents(client, number, tolerated=1))

    try:
        await until(fails)
        (incident,) = await list_incidents(client, number, tolerated=1)
        assert (incident.port, incident.failure, incident.detail) == (
            "workflow",
            "RuntimeError",
            "",
        )
    finally:
        await case.terminate()


@pytest.mark.usefixtures("worker")
async def test_the_index_leaves_out_what_was_not_asked_for(client: Client) -> None:
    number = new_number("TH")
    case = await client.start_workflow(
        CallingWorkflow.run,
        pending_call(number).model_copy(update={"port": "broken"}),
        id=number,
        task_queue=QUEUE,
        search_attributes=TypedSearchAttributes([SearchAttributePair(KIND, "returns")]),
    )
    soon, long_ago = (datetime.now(UTC) + timedelta(minutes=n) for n in (1, -60))

    async def listed() -> bool:
        return await count_cases(client, IncidentFilter(kind="returns", broken=True)) == 1

    try:
        await until(listed)
        for which, n in (
            (IncidentFilter(kind="returns", started_before=soon), 1),
            (IncidentFilter(kind="returns", started_before=long_ago), 0),
            (IncidentFilter(kind="repair"), 0),
            (IncidentFilter(kind="returns", broken=True), 1),
            (IncidentFilter(kind="repair", broken=True), 0),
        ):
            looked_at: list[int] = []
            shown = [i async for i in find_incidents(client, (), 0, which, looked_at.append)]
            assert (await count_cases(client, which), looked_at[-1:]) == (n, [n] * n), which
            assert {each.number for each in shown} <= {number}
    finally:
        await case.terminate()
    with pytest.raises(ValueError, match="no name of a kind"):
        IncidentFilter(kind="x' OR 1=1").query()

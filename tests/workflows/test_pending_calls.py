"""A call to payments is done once, refused as a step, or tried again for ever."""

from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from sqlite3 import connect

import pytest
from temporalio.common import RetryPolicy

from cases import CURRENT
from cases.returns.stories import DRESS_TOO_SMALL
from domain.language.entries import Entry
from domain.stories import CUSTOMER_REF, opening_for, requests
from ops.oracle.oracle import Oracle
from temporal.case_client import CaseClient
from tests.support.cases import LIU, new_number, request
from tests.support.engine import Engine, running
from tests.support.receiver import Receiver, Reply, receiving
from tests.support.waiting import until

pytestmark = pytest.mark.xdist_group("pending_calls")
RETURNS = CURRENT["returns"]
SHORT = timedelta(milliseconds=50)
AGAIN = {"amount": {"amount": "299.00", "currency": "CNY"}}


@pytest.fixture(scope="module")
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as listening:
        yield listening


@pytest.fixture(scope="module")
async def built_in(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Engine]:
    async with running(tmp_path_factory.mktemp("built-in")) as up:
        yield up


@pytest.fixture(scope="module")
async def connected(
    tmp_path_factory: pytest.TempPathFactory, receiver: Receiver
) -> AsyncIterator[Engine]:
    """Payments behind an address; a call that failed is repeated at once."""
    folder = tmp_path_factory.mktemp("connected")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("workflows.case.RETRIES", RetryPolicy(initial_interval=SHORT))
        async with running(folder, payments_url=receiver.url) as up:
            yield up


async def inspected(engine: Engine) -> str:
    """A dress that was sent back and is fine: the money is due now."""
    case_client, number = CaseClient(engine.client), new_number("TH")
    story = DRESS_TOO_SMALL.moved(datetime.now(UTC) - timedelta(minutes=1))
    await case_client.start(opening_for(RETURNS, story, number, CUSTOMER_REF))
    for act, step in requests(story):
        if act.is_by_world:
            break
        await case_client.submit(number, step.model_copy(update={"id": f"{number}-{step.id}"}))
    return number


async def reached(engine: Engine, number: str, state: str) -> list[Entry]:
    """The entries as soon as the case has been in this state."""
    entries: list[Entry] = []

    async def arrived() -> bool:
        entries[:] = await engine.store.entries.of("default", number)
        return state in {entry.led_to for entry in entries}

    await until(arrived)
    return entries


async def findings(
    engine: Engine, number: str, catch_up: timedelta = timedelta(seconds=2)
) -> set[str]:
    oracle = Oracle(engine.client, engine.store, catch_up=catch_up)
    return {finding.code for finding in await oracle.case(number)}


async def test_local_orders_hold_it_once(built_in: Engine) -> None:
    number = await inspected(built_in)
    (refunded,) = (e for e in await reached(built_in, number, "telling") if e.step == "refunded")
    (row,) = await built_in.store.local_orders.of("default", number)
    assert refunded.form == {"reference": row.reference}
    assert (row.port, row.params["currency"]) == ("refund", "CNY")
    assert Decimal(str(row.params["amount"])) == Decimal(299)
    assert await findings(built_in, number) == set()


@pytest.mark.parametrize(
    ("statement", "codes"),
    [
        ("UPDATE ledger SET port = 'shipment' WHERE number = ?", {"effect_unknown"}),
        ("UPDATE ledger SET seq = seq + 1 WHERE number = ?", {"effect_unknown"}),
        ("DELETE FROM ledger WHERE number = ?", {"effect_lost"}),
    ],
)
async def test_the_oracle_reads_the_local_orders(
    built_in: Engine, statement: str, codes: set[str]
) -> None:
    number = await inspected(built_in)
    await reached(built_in, number, "telling")
    assert await findings(built_in, number) == set()
    with closing(connect(Path(built_in.url.partition(":///")[2]))) as file, file:
        assert file.execute(statement, [number]).rowcount == 1
    assert await findings(built_in, number, SHORT) == codes


async def test_a_refusal_is_a_step_and_a_failure_is_not(
    connected: Engine, receiver: Receiver
) -> None:
    receiver.answers(Reply(500), Reply(502), Reply(409, '{"reason": "account_closed"}'))
    number = await inspected(connected)
    entries = await reached(connected, number, "mending")
    (refused,) = (entry for entry in entries if entry.step == "refund_refused")
    assert refused.form == {"reason": "account_closed"}
    first = [received.headers["idempotency-key"] for received in receiver.requests]
    assert len(first) == 3
    assert len(set(first)) == 1
    receiver.answers(Reply(200, '{"reference": "pay_1"}'))
    case_client = CaseClient(connected.client)
    await case_client.submit(number, request(f"{number}-claim", ("claim", {}), actor=LIU))
    await case_client.submit(number, request(f"{number}-again", ("refund", AGAIN), actor=LIU))
    entries = await reached(connected, number, "telling")
    (refunded,) = (entry for entry in entries if entry.step == "refunded")
    assert refunded.form == {"reference": "pay_1"}
    (second,) = receiver.requests
    assert second.headers["idempotency-key"] not in first
    assert await connected.store.local_orders.of("default", number) == []
    assert await findings(connected, number) == set()

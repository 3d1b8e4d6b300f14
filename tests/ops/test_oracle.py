"""The oracle finds what is planted: every sort of loss, doubling and bending, one by one."""

import json
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from ops.oracle.oracle import Oracle
from store.intake.records import Reservation
from temporal.case_client import CaseClient
from tests.support.cases import WHOLE_COMPLAINT, new_number, opening, request
from tests.support.engine import Engine, running
from tests.support.waiting import until

pytestmark = pytest.mark.xdist_group("oracle")
Plant = Callable[[sqlite3.Connection, str], object]


@dataclass(frozen=True)
class Bench:
    """An engine and an oracle that looks once."""

    engine: Engine
    oracle: Oracle
    file: Path

    async def case(self, upto: int = 4) -> str:
        """A complaint taken through its first requests, recorded and clean."""
        case_client, number = CaseClient(self.engine.client), new_number()
        await case_client.start(opening(number))
        for index, commands in enumerate(WHOLE_COMPLAINT[:upto]):
            await case_client.submit(number, request(f"{number}-{index}", *commands))

        async def clean() -> bool:
            return await self.oracle.case(number) == []

        await until(clean)
        return number

    def plant(self, spoil: Plant, number: str) -> None:
        """Spoil the database behind everybody's back."""
        with closing(sqlite3.connect(self.file)) as connection, connection:
            connection.execute("PRAGMA foreign_keys = OFF")
            assert spoil(connection, number)

    async def codes(self, number: str) -> set[str]:
        return {finding.code for finding in await self.oracle.case(number)}


@pytest.fixture(scope="module")
async def bench(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bench]:
    folder = tmp_path_factory.mktemp("oracle")
    async with running(folder) as engine:
        oracle = Oracle(engine.client, engine.store, catch_up=timedelta())
        yield Bench(engine, oracle, folder / "banjie.db")


def sql(text: str) -> Plant:
    """A statement about one case; it must hit a row."""
    return lambda connection, number: connection.execute(text, {"n": number}).rowcount


def twice(connection: sqlite3.Connection, number: str) -> object:
    """The last entry once more, as if its request had been taken a second time."""
    copied = connection.execute(
        "INSERT INTO entries SELECT tenant, number, seq + 1, schema_version, type, step, actor, at,"
        " due_at, detected_at, cause, form, led_to, prev FROM entries WHERE number = :n"
        " AND seq = (SELECT max(seq) FROM entries WHERE number = :n)",
        {"n": number},
    )
    return copied.rowcount


def other_offer(connection: sqlite3.Connection, number: str) -> object:
    """What the newest entry says, changed: no entry follows that would tell."""
    read = "SELECT seq, form FROM entries WHERE number = ? ORDER BY seq DESC"
    seq, form = connection.execute(read, (number,)).fetchone()
    other = json.dumps({**json.loads(form), "solution": "No."})
    write = "UPDATE entries SET form = ? WHERE number = ? AND seq = ?"
    return connection.execute(write, (other, number, seq)).rowcount


def other_words(connection: sqlite3.Connection, number: str) -> object:
    """The customer's words, changed."""
    read = "SELECT form FROM entries WHERE number = ? AND seq = 1"
    form = json.loads(connection.execute(read, (number,)).fetchone()[0])
    form["form"]["words"] = "Nothing was wrong."
    write = "UPDATE entries SET form = ? WHERE number = ? AND seq = 1"
    return connection.execute(write, (json.dumps(form), number)).rowcount


PLANTED: dict[str, tuple[Plant, str]] = {
    "a row is gone": (sql("DELETE FROM cases WHERE number = :n"), "no_row"),
    "an entry is gone": (sql("DELETE FROM entries WHERE number = :n AND seq = 3"), "gap"),
    "the last entry is gone": (
        sql("DELETE FROM entries WHERE number = :n AND seq = 6"), "row_differs"),
    "a command was done twice": (twice, "taken_twice"),
    "a step leads elsewhere": (
        sql("UPDATE entries SET led_to = 'closed' WHERE number = :n AND seq = 3"), "not_a_walk"),
    "a row is no JSON any more": (
        sql("UPDATE entries SET form = 'zz{' WHERE number = :n AND seq = 3"), "unreadable"),
    "time runs back": (
        sql("UPDATE entries SET at = '2020-01-01 00:00:00' WHERE number = :n AND seq = 5"),
        "time_back"),
    "words were changed": (other_words, "chain_broken"),
    "the newest entry was changed": (other_offer, "entries_differ"),
    "the row was set back": (
        sql("UPDATE cases SET assignee = 'nobody' WHERE number = :n"), "row_differs"),
    "a notice is gone": (sql("DELETE FROM outbox WHERE number = :n AND seq = 1"), "effect_lost"),
    "a notice nobody sent": (
        sql("UPDATE outbox SET seq = 99 WHERE number = :n AND seq = 1"), "effect_unknown"),
    "a done task is open again": (
        sql("UPDATE tasks SET done_at = NULL WHERE number = :n AND seq = 1"), "task_wrong"),
    "a table nobody knows": (
        sql("UPDATE cases SET process_version = 99 WHERE number = :n"), "unknown_process"),
}  # fmt: skip


@pytest.mark.parametrize("planted", PLANTED)
async def test_what_is_planted_is_found(bench: Bench, planted: str) -> None:
    spoil, code = PLANTED[planted]
    number = await bench.case()
    bench.plant(spoil, number)
    assert code in await bench.codes(number)


async def test_a_closed_case_that_was_reopened_behind_the_store_is_found(bench: Bench) -> None:
    case_client, number = CaseClient(bench.engine.client), await bench.case(6)

    async def told() -> bool:
        return (await case_client.snapshot(number)).state == "telling_by_hand"

    await until(told)
    await case_client.submit(number, request("told", ("told_by_hand", {"how": "by phone"})))
    await case_client.submit(number, request("end", *WHOLE_COMPLAINT[6]))
    before = await bench.engine.store.cases.get("default", number)
    assert before is not None
    assert before.closed_at is not None
    await case_client.submit(number, request("again", ("reopen", {"reason": "It broke again."})))
    bench.plant(sql("DELETE FROM entries WHERE number = :n AND step = 'reopen'"), number)
    back = "UPDATE cases SET state = 'closed', closed_at = since WHERE number = :n"
    bench.plant(sql(back), number)
    assert await bench.codes(number)


async def test_a_workflow_that_is_gone_is_found(bench: Bench) -> None:
    number = await bench.case()
    await bench.engine.client.get_workflow_handle(number).terminate("planted")
    codes = {f.code async for f in bench.oracle.verify() if f.number == number}
    assert "workflow_lost" in codes


async def test_an_acknowledged_case_that_is_nowhere_is_found(bench: Bench) -> None:
    started = opening(new_number())
    reserved = await bench.engine.store.intake.reserve(
        "default",
        Reservation(
            prefix="TS",
            day=started.received_at.date(),
            digest="-",
            now=started.received_at,
            key=("oracle", "1"),
            source="shop",
        ),
    )
    await bench.engine.store.intake.record_response("default", reserved.number, 201, {})
    codes = {(f.code, f.number) async for f in bench.oracle.verify()}
    assert ("no_row", reserved.number) in codes


async def test_all_that_are_behind_are_waited_for_together(bench: Bench) -> None:
    spoil, code = PLANTED[next(iter(PLANTED))]
    numbers = [await bench.case() for _ in range(3)]
    for number in numbers:
        bench.plant(spoil, number)
    told: list[tuple[int, int]] = []
    oracle = replace(bench.oracle, catch_up=timedelta(seconds=0.3))
    found = [f async for f in oracle.verify(waiting=lambda *behind: told.append(behind))]
    assert {f.number for f in found if f.code == code} >= set(numbers)
    assert len({total for _, total in told}) == 1
    assert told[0][1] >= 3, "each of them was waited for by itself"

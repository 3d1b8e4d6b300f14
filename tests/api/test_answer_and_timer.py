"""The customer's answer in the same moment as the timer: one wins, and the record says which.

On a real server each case is taken to just before its offer lapses. Then its answers come, some
before that moment, some after it, and most of them in it: whichever wins, the others are refused
and nothing is done twice.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta

import httpx
import pytest
from temporalio.testing import TimeSkipper

from cases.complaint.figures import OFFER_LAPSES
from domain.language.entries import Entry
from domain.language.roles import ActorKind
from tests.api.callers import Callers, add_people, build_api, open_clients
from tests.support.engine import running
from tests.support.fast_forward import FORWARDING, fast_forward
from tests.support.waiting import until

pytestmark = pytest.mark.xdist_group("answer-and-timer")

LEAD = timedelta(seconds=5)
"""How long before its offer lapses a case is left to real time."""
CLEARLY = 2000
OFFSETS = (-CLEARLY, *range(-320, 81, 40), CLEARLY)
"""When answers are sent, in milliseconds after the timer is due; they are a while on their way."""
YES, NO, LAPSED = "accept_solution", "reject_solution", "offer_lapsed"
SORT = {"category": "service_attitude", "severity": "minor"}
FINDING = {"cause": "service", "reasonable": True, "finding": "粗鲁"}
OFFER = {"solution": "道歉", "cost": {"amount": "20.00"}}
ENDS = {YES: "carrying_out", NO: "proposing", LAPSED: "telling_by_hand"}
"""Where each leads; of a customer without an address somebody tells them in person."""


@pytest.fixture
async def callers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Callers]:
    async with running(tmp_path_factory.mktemp("race"), *FORWARDING) as engine:
        keys = await add_people(engine.store)
        async with open_clients(build_api(engine), engine, keys) as callers:
            yield callers


async def offered(callers: Callers) -> str:
    number = await callers.complaint()
    await callers.step(number, "accept", by="chen.min")
    await callers.step(number, "classify", SORT, by="chen.min")
    await callers.step(number, "claim")
    await callers.step(number, "investigate", FINDING)
    await callers.step(number, "propose", OFFER)
    return number


async def reaches(callers: Callers, number: str) -> datetime:
    """Take the case to just before its offer lapses; return when it does, by our clock."""
    client = callers.engine.client
    entries = await callers.store.entries.of("default", number)
    due = next(e.at for e in entries if e.step == "propose") + OFFER_LAPSES.usual
    await fast_forward(client, number, due - datetime.now(due.tzinfo) - LEAD)
    now = await TimeSkipper(client).get_current_time(client.get_workflow_handle(number))
    return datetime.now(now.tzinfo) + (due - now)


async def answer(callers: Callers, number: str, step: str, key: str) -> httpx.Response:
    path, headers = f"/v1/cases/{number}/steps/{step}", {"Idempotency-Key": key}
    return await callers["shop"].post(path, json={}, headers=headers)


async def answers(callers: Callers, number: str, offset: int) -> Sequence[httpx.Response]:
    """Send yes, the same yes once more, and a no, all in one moment of the case's last seconds."""
    due = await reaches(callers, number)
    left = due - datetime.now(due.tzinfo) + timedelta(milliseconds=offset)
    assert left > timedelta(), "the machine is too slow: the moment is over"
    await asyncio.sleep(left.total_seconds())  # the moment itself is what is tried
    return await asyncio.gather(
        answer(callers, number, YES, f"{number}-yes"),
        answer(callers, number, YES, f"{number}-yes"),
        answer(callers, number, NO, f"{number}-no"),
    )


async def history(callers: Callers, number: str) -> tuple[str, list[Entry]]:
    """Return what ended the wait, and the entries, once the case is where that leads."""

    async def settled() -> bool:
        row = await callers.store.cases.get("default", number)
        return row is not None and row.state in ENDS.values()

    await until(settled)
    entries = await callers.store.entries.of("default", number)
    ended = [entry for entry in entries if entry.step in ENDS]
    assert len(ended) == 1, "one wins, and nothing is done twice"
    assert (ended[0].actor.kind is ActorKind.TIMER) is (ended[0].step == LAPSED)
    assert entries[-1].led_to == ENDS[str(ended[0].step)]
    return str(ended[0].step), entries


def check_answers(won: str, given: Sequence[httpx.Response]) -> None:
    """Whoever won is told so, each time that they ask; the others are told that it is over."""
    yes, again, no = given
    assert yes.is_success is again.is_success is (won == YES)
    assert no.is_success is (won == NO)
    for refused in (each for each in given if not each.is_success):
        problem = refused.json()
        assert (refused.status_code, problem["code"]) == (409, "step_not_offered"), problem


async def test_of_the_answer_and_the_timer_one_wins(callers: Callers) -> None:
    numbers = [await offered(callers) for _ in OFFSETS]
    given = await asyncio.gather(*map(answers, [callers] * len(OFFSETS), numbers, OFFSETS))
    won: dict[int, str] = {}
    for offset, number, responses in zip(OFFSETS, numbers, given, strict=True):
        won[offset], entries = await history(callers, number)
        check_answers(won[offset], responses)
        told = Counter(entry.step for entry in entries)
        assert told["tell_failed"] == (won[offset] == LAPSED)
    assert won[-CLEARLY] in {YES, NO}
    assert won[CLEARLY] == LAPSED

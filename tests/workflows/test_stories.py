"""The kinds' stories under skipped time: the same data as on the pure engine, the same way."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from cases import CURRENT, stories_of
from domain.engine.messages import Opening
from domain.engine.process import Process
from domain.language.entries import Entry
from domain.stories import (
    CUSTOMER_REF,
    Story,
    clock_use,
    escalation_times,
    opening_for,
    play,
    requests,
)
from store.customers.records import Contact, CustomerInput
from store.intake.records import Reservation
from temporal.case_client import CaseClient
from temporal.results import Refused
from tests.support.time_skipping import Skipping, skipping
from tests.support.waiting import until

pytestmark = pytest.mark.xdist_group("stories")
STORIES = [
    (CURRENT[kind], story) for kind in CURRENT for story in stories_of(kind) if not story.staged
]
LATE = timedelta(seconds=5)
"""What a story's acts may be late by in all; its shortest time is a minute."""
PHONE = CustomerInput(name="王丽", contacts=(Contact("phone", "13800000000"),))


@pytest.fixture(scope="module")
async def engine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Skipping]:
    async with skipping(tmp_path_factory.mktemp("stories")) as running:
        yield running


@pytest.mark.parametrize(
    ("process", "story"), STORIES, ids=[f"{kind.kind}-{story.name}" for kind, story in STORIES]
)
async def test_a_story_goes_as_it_is_told(engine: Skipping, process: Process, story: Story) -> None:
    """What the world does is left out: the real activity does it."""
    expected = play(process, story, "TS1")
    opening, moved = await opened(engine, process, story)
    case_client, number = CaseClient(engine.client), opening.number
    worlds_turn = [*(act.is_by_world for act in moved.acts[1:]), False]
    for (act, request), state, is_followed in zip(
        requests(moved), expected.states, worlds_turn, strict=True
    ):
        await engine.skip(max(act.at - await engine.now(), timedelta()))
        if act.refused:
            with pytest.raises(Refused) as refused:
                await case_client.submit(number, request)
            assert refused.value.code == act.refused
        elif not act.is_by_world:
            await case_client.submit(number, request)
        # Where the world answers next, it may have answered before anybody looks.
        if not is_followed:
            await recorded(engine, number, state)
    entries = await engine.store.entries.of("default", number)
    case = process.fold(opening, entries)
    assert [entry.led_to for entry in case.arrivals()] == expected.path
    assert [happened(each) for each in entries] == [happened(each) for each in expected.entries]
    row = await engine.store.cases.get("default", number)
    assert row == await case_client.snapshot(number)
    assert {name: str(getattr(row, name)) for name in story.shows} == story.shows
    for name, (state, time) in story.clocks.items():
        clock = clock_use(case, name)
        assert clock is not None
        assert (clock[0], close(clock[1], time)) == (state, True)
    for name, due in moved.escalations.items():
        actual = escalation_times(case, name)
        assert len(actual) == len(due)
        assert all(
            at and close(at - when, timedelta()) for at, when in zip(actual, due, strict=True)
        )


def close(actual: timedelta, expected: timedelta) -> bool:
    """Alike to the second, as far as people's commands come at the second: each is late."""
    return abs(actual - expected) < LATE


def happened(entry: Entry) -> tuple[str, str | None, str]:
    """An entry without its moment: what it was."""
    return entry.type.value, entry.step, str(entry.form.get("rungs"))


async def opened(engine: Skipping, process: Process, story: Story) -> tuple[Opening, Story]:
    """The case entered now, its customer known to the store, and the story told from now on."""
    now = await engine.now()
    moved = story.moved(now - ((story.entered or story.received) - story.received))
    reserved = await engine.store.intake.reserve(
        "default",
        Reservation(
            prefix=process.prefix,
            day=now.date(),
            digest=story.name,
            now=now,
            key=("stories", f"{process.kind}-{story.name}"),
            source=opening_for(process, moved, "TS1").source,
            customer=PHONE if story.customer else CustomerInput(),
        ),
    )
    opening = opening_for(process, moved, reserved.number, reserved.customer or CUSTOMER_REF)
    await CaseClient(engine.client).start(opening)
    return opening, moved


async def recorded(engine: Skipping, number: str, state: str) -> None:
    """Wait until the store, which comes last, has the case there."""

    async def arrived() -> bool:
        row = await engine.store.cases.get("default", number)
        return row is not None and row.state == state

    await until(arrived)

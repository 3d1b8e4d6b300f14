"""The kinds' stories under skipped time: the same data as on the pure engine, the same way."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from cases import CURRENT, stories_of
from cases.common.forms import Arranged, NotArranged
from domain.engine.messages import Opening
from domain.engine.process import Process
from domain.language.entries import Entry
from domain.language.forms import Form
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
from tests.support.receiver import Receiver, Reply, receiving
from tests.support.time_skipping import Skipping, skipping
from tests.support.waiting import until

pytestmark = pytest.mark.xdist_group("stories")
EVERY_STORY = [(CURRENT[kind], story) for kind in CURRENT for story in stories_of(kind)]
STORIES = [each for each in EVERY_STORY if not each[1].staged]
STAGED = [each for each in EVERY_STORY if each[1].staged]
LATE = timedelta(seconds=5)
"""What a story's acts may be late by in all; its shortest time is a minute."""
CODES: dict[type[Form], int] = {Arranged: 200, NotArranged: 409}
PHONE = CustomerInput(name="王丽", contacts=(Contact("phone", "13800000000"),))


@pytest.fixture(scope="module")
async def engine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Skipping]:
    async with skipping(tmp_path_factory.mktemp("stories")) as running:
        yield running


@pytest.fixture(scope="module")
async def world() -> AsyncIterator[Receiver]:
    """Payments and the courier, which answer as a story tells."""
    async with receiving() as outside:
        yield outside


@pytest.fixture(scope="module")
async def staged(
    world: Receiver, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Skipping]:
    async with skipping(tmp_path_factory.mktemp("staged"), ports=world.url) as running:
        yield running


def named(stories: list[tuple[Process, Story]]) -> pytest.MarkDecorator:
    ids = [f"{kind.kind}-{story.name}" for kind, story in stories]
    return pytest.mark.parametrize(("process", "story"), stories, ids=ids)


def answers(story: Story) -> list[Reply]:
    """What payments and the courier answer in a story, in turn."""
    said = [act.commands[0][1] for act in story.acts if act.is_by_world]
    orders = [form for form in said if isinstance(form, Arranged | NotArranged)]
    return [Reply(CODES[type(form)], form.model_dump_json()) for form in orders]


@named(STAGED)
async def test_a_story_in_which_the_world_refuses_goes_as_it_is_told(
    world: Receiver, staged: Skipping, process: Process, story: Story
) -> None:
    """Each answer is given once: an order too many would find none, and the story not end."""
    replies = answers(story)
    world.answers(*replies, Reply(500))
    await goes_as_told(staged, process, story)
    assert len(world.requests) == len(replies)


@named(STORIES)
async def test_a_story_goes_as_it_is_told(engine: Skipping, process: Process, story: Story) -> None:
    """What the world does is left out: the real activity does it."""
    await goes_as_told(engine, process, story)


async def goes_as_told(engine: Skipping, process: Process, story: Story) -> None:
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

"""Every kind's stories, played by the pure engine."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain

import pytest

from cases import CURRENT, stories_of
from cases.returns.given import refunds
from domain.engine.messages import opening_of
from domain.engine.process import Process
from domain.stories import Story, opening_for, pass_time, play, requests
from tests.domain.case_driver import DAY, MINUTE

STORIES = [(CURRENT[kind], story) for kind in CURRENT for story in stories_of(kind)]
EVERY_STORY = pytest.mark.parametrize(
    ("process", "story"),
    STORIES,
    ids=[f"{process.kind}-{story.name}" for process, story in STORIES],
)
COMPLAINT = CURRENT["complaint"]
C1 = stories_of("complaint")[0]


@EVERY_STORY
def test_a_story_goes_as_it_is_told(process: Process, story: Story) -> None:
    played = play(process, story, "TS1")
    assert played.case.state == story.ends
    assert len(played.states) == len(story.acts)


@EVERY_STORY
def test_a_story_goes_alike_at_any_time(process: Process, story: Story) -> None:
    moved = story.moved(datetime(2031, 12, 31, 23, 59, tzinfo=UTC))
    assert moved.received.year == 2031
    there, here = play(process, moved, "TS1"), play(process, story, "TS1")
    assert there.states == here.states
    steps = zip(there.case.entries, here.case.entries, strict=True)
    assert {there.at - here.at for there, here in steps} == {moved.received - story.received}


@EVERY_STORY
def test_a_story_is_told_in_order_of_time(process: Process, story: Story) -> None:
    moments = [story.received, story.entered or story.received, *(act.at for act in story.acts)]
    assert moments == sorted(moments)
    assert story.channel
    assert opening_for(process, story, "TS1").source


@EVERY_STORY
def test_a_story_is_read_back_from_its_history(process: Process, story: Story) -> None:
    case = play(process, story, "TS1").case
    assert opening_of(case.entries[0]) == case.opening
    assert process.fold(opening_of(case.entries[0]), case.entries) == case


@pytest.mark.parametrize("process", CURRENT.values(), ids=CURRENT)
def test_the_stories_go_everywhere(process: Process) -> None:
    """A state that no story tells of is one that nobody has thought through."""
    reached = set(chain.from_iterable(story.path for story in stories_of(process.kind)))
    by_hand = {s.name for s in process.states if any(step.by_hand for step in s.steps)}
    unreached = {state.name for state in process.states} - reached - by_hand
    assert unreached <= {"withdrawn", "unconfirmed"}


def test_every_kinds_names_are_its_own() -> None:
    for kind in CURRENT:
        names = [story.name for story in stories_of(kind)]
        assert len(names) == len(set(names))


def test_a_story_that_goes_another_way_is_found_out() -> None:
    for wrong in (
        replace(C1, path=C1.path[:-1]),
        replace(C1, shows={"priority": "P1"}),
        replace(C1, clocks={"response": ("met", 7 * MINUTE)}),
        replace(C1, clocks={"solution": ("met", DAY)}),
        replace(C1, acts=C1.acts[:-2]),
        replace(C1, acts=[replace(C1.acts[0], refused="task_taken"), *C1.acts[1:]]),
        replace(C1, acts=[*C1.acts[:3], *C1.acts[4:5], *C1.acts[4:]]),
    ):
        with pytest.raises(AssertionError, match="expected"):
            play(COMPLAINT, wrong, "TS1")


def test_c1_as_of_noon_is_in_the_hands_of_liu_yang() -> None:
    case = play(COMPLAINT, C1, "TS1").case
    noon = C1.received.replace(hour=12)
    then = COMPLAINT.as_of(case, max(entry.seq for entry in case.entries if entry.at <= noon))
    assert (then.state, then.holder and then.holder.id) == ("investigating", "liu.yang")


def test_c1_can_only_be_reopened_or_learnt_from_and_only_for_seven_days() -> None:
    case = play(COMPLAINT, C1, "TS1").case
    over = COMPLAINT.steps_end_at(case)
    assert over == C1.acts[-2].at + 7 * DAY
    learning = ["record_measure", "keep_lesson"]
    assert [s.name for s in COMPLAINT.steps(case, over - MINUTE)] == ["reopen", *learning]
    assert not list(COMPLAINT.steps(case, over))


def test_what_the_world_does_is_marked() -> None:
    worlds = [act.commands[0][0] for act in C1.acts if act.is_by_world]
    assert worlds == ["paid_out", "told"]


def test_r3_and_its_complaint_are_one_story() -> None:
    """Told side by side in the order of time: two cases, linked, decided by two people."""
    by_name = {story.name: (process, story) for process, story in STORIES}
    (returns, r3), (complaint, c8) = by_name["R3"], by_name["C8"]
    assert c8.of == r3.name
    cases = {
        r3.name: returns.open(opening_for(returns, r3, "TH1"), r3.received),
        c8.name: complaint.open(opening_for(complaint, c8, "TS1", parent="TH1"), c8.received),
    }
    acts = [
        (act.at, story, process, act, request)
        for process, story in ((returns, r3), (complaint, c8))
        for act, request in requests(story)
    ]
    states: dict[str, tuple[str, str]] = {}
    for at, story, process, act, request in sorted(acts, key=lambda each: each[0]):
        case = cases[story.name]
        pass_time(process, case, at)
        if not act.refused:
            process.apply_request(case, request, at, strict=True)
        states[f"{story.name} {act.commands[-1][0]}"] = (cases["R3"].state, cases["C8"].state)
    assert states["C8 accept_solution"] == ("refused", "carrying_out")
    assert states["R3 decide"] == ("awaiting_goods", "carrying_out")
    assert states["C8 follow_up"] == ("closed", "closed")
    assert cases["C8"].opening.parent == cases["R3"].opening.number
    decided = {e.step: e.actor.id for e in cases["R3"].entries if e.step in {"review", "decide"}}
    refusal = next(e for e in cases["R3"].entries if e.led_to == "refusing")
    assert (refusal.actor.id, decided["decide"]) == ("zhang.qian", "zhao.fang")
    holder = cases["C8"].holder
    assert holder is not None
    assert holder.id != refusal.actor.id
    assert [str(money.amount) for _, money in refunds(returns, cases["R3"])] == ["129"]

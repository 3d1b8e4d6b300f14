"""A merged case never moves, whatever anybody asks of it, and undoing it brings it back."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from cases import CURRENT, KINDS
from domain.engine.clock_events import MILESTONE_TYPES
from domain.engine.merged import MERGE, MERGE_REFUSED, UNMERGE, UNMERGE_WINDOW, Merging
from domain.engine.messages import Outcome
from domain.engine.process import Process
from domain.errors import Refusal
from domain.language.roles import Actor
from domain.read_models.projection import pending_call
from tests.cases.random_walks import EVERYTHING, Walk, walks, wild
from tests.support.cases import request
from tests.support.sampling import by_day

EVERY_KIND = pytest.mark.parametrize(
    "process",
    by_day(KINDS.values(), lambda _, process: process is CURRENT[process.kind]),
    ids=[f"{kind}-{version}" for kind, version in KINDS],
)
OFTEN = settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    print_blob=True,
)
INTO = {"into": "TS202603024829107", "reason": "the same"}
UNDO = (UNMERGE, {"reason": "not the same"})


def answer(walk: Walk, step: str | None = None) -> None:
    call = pending_call(walk.process, walk.case)
    assert call is not None
    outcome = Outcome(step=step or call.done, form={})
    walk.process.apply_outcome(walk.case, call, outcome, walk.now)


def merge(walk: Walk, by: Actor = EVERYTHING) -> bool:
    """Ask the other case, if this one may be merged as it stands; say whether it was asked."""
    walk.settle()
    done = len(walk.done)
    walk.attempt(request("merge", (MERGE, INTO), actor=by))
    return len(walk.done) > done


def what_stays(walk: Walk) -> object:
    case = walk.case
    return case.state, case.entries, case.clocks, case.holder, case.merge, case.etag


@EVERY_KIND
@OFTEN
@given(data=st.data())
def test_a_merged_case_never_moves(process: Process, data: st.DataObject) -> None:
    walk = data.draw(walks(process, longest=3))
    assume(merge(walk))
    answer(walk)
    before = what_stays(walk)
    for index in range(data.draw(st.integers(1, 6))):
        walk.now += data.draw(st.sampled_from([timedelta(), timedelta(hours=5), timedelta(days=9)]))
        walk.settle()
        tried = data.draw(wild(walk))
        if any(command.step == UNMERGE for command in tried.commands):
            continue
        walk.attempt(tried.model_copy(update={"id": f"m{index}"}))
        for step in process.steps(walk.case, walk.now):
            raise AssertionError(f"{step.name} is offered")
        assert what_stays(walk) == before


@EVERY_KIND
@OFTEN
@given(data=st.data())
def test_nothing_moves_it_while_the_other_case_is_asked(
    process: Process, data: st.DataObject
) -> None:
    walk = data.draw(walks(process, longest=3))
    assume(merge(walk))
    before = what_stays(walk)
    for index in range(data.draw(st.integers(1, 6))):
        walk.now += data.draw(st.sampled_from([timedelta(), timedelta(days=9)]))
        walk.settle()
        walk.attempt(data.draw(wild(walk)).model_copy(update={"id": f"m{index}"}))
        assert what_stays(walk) == before


@EVERY_KIND
@OFTEN
@given(data=st.data())
def test_it_is_again_where_it_was(process: Process, data: st.DataObject) -> None:
    """Whether the other case refused, or the merge was undone."""
    walk = data.draw(walks(process, longest=3))
    assume(merge(walk))
    before = process.as_of(walk.case, walk.case.last.seq - 1)
    if data.draw(st.booleans()):
        answer(walk, MERGE_REFUSED)
        assert walk.case.clocks == before.clocks
    else:
        answer(walk)
        walk.now += data.draw(st.sampled_from([timedelta(), UNMERGE_WINDOW - timedelta(hours=1)]))
        walk.attempt(request("undo", UNDO, actor=EVERYTHING))
        answer(walk)
    after = walk.case
    assert (after.state, after.team, after.merge) == (before.state, before.team, None)
    assert (after.holder and after.holder.id) == (before.holder and before.holder.id)
    forms = {form: each for form, each in after.latest_forms.items() if form is not Merging}
    assert forms == {k: v for k, v in before.latest_forms.items() if k is not Merging}
    open_before = {name for name, each in before.clocks.items() if each.open}
    assert {name for name, each in after.clocks.items() if each.open} == open_before
    # What is promised again whenever the customer hears from us: they heard that it was undone.
    promised = [name for name in open_before if not before.clocks[name].clock.repeats]
    for name in promised:
        assert after.clocks[name].due == before.clocks[name].due
    assert process.fold(after.opening, after.entries) == after
    walk.settle()
    milestones = [entry for entry in after.entries if entry.type in MILESTONE_TYPES]
    assert all(entry.at <= walk.now for entry in milestones)
    assert walk.case.merged_into is None


@EVERY_KIND
@given(data=st.data())
@settings(max_examples=5, deadline=None)
def test_every_kind_can_be_merged_from_its_start(process: Process, data: st.DataObject) -> None:
    """So that the properties above are about something."""
    walk = data.draw(walks(process, longest=1))
    started = Walk(process, process.fold(walk.case.opening, walk.case.entries[:1]), walk.now)
    started.now = walk.case.entries[0].at
    try:
        assert merge(started)
    except Refusal as refusal:
        raise AssertionError(refusal) from refusal
    answer(started)
    assert started.case.state == "merged"

"""A promise that the facts demand runs from receipt, in whatever order the facts became known."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import CURRENT, KINDS
from cases.common.clocks import SOLUTION
from domain.engine.case import Case
from domain.engine.process import Process
from domain.language.clocks import ClockInstance, ClockState
from domain.language.entries import EntryType
from domain.stories import person
from tests.cases.form_strategies import shapes
from tests.domain.case_driver import DAY, HOUR, CaseDriver
from tests.domain.return_case import rewind_to
from tests.support.cases import FINDING, LIU, OFFER, SHOP, ZHAO

Classification = dict[str, Any]
ALL = person("zhou.hang", "management", "repairer")
RANDOM = settings(max_examples=40, deadline=None, derandomize=True, database=None)


def classifications(process: Process) -> st.SearchStrategy[Classification]:
    """Every category and severity; hardness stays, so that the same person may go on."""
    form = process.forms["classify"]
    names = set(form.model_fields) & {"category", "severity", "impact", "urgency"}
    shown = {name: [*dict.fromkeys(getattr(each, name) for each in shapes(form))] for name in names}
    fields = {name: st.sampled_from([str(each) for each in shown[name] if each]) for name in shown}
    return st.fixed_dictionaries(fields)


def work(run: CaseDriver, sorted_as: Sequence[Classification], gaps: Sequence[int]) -> Case:
    """Classify, correct and go on, each an hour or more after the one before."""
    run.do(ALL, ("accept", {}), ("classify", sorted_as[0]))
    run.do(ALL, ("claim", {}))
    for form, gap in zip(sorted_as[1:], gaps, strict=False):
        run.pass_time(gap * HOUR)
        if "reclassify" in {step.name for step in run.process.steps(run.case, run.now)}:
            run.do(ALL, ("reclassify", form))
    run.pass_time(HOUR)
    run.process.settle(run.case, run.now)
    return run.case


def promises(case: Case) -> dict[str, tuple[Any, ...]]:
    """What each clock promises, and whether that was kept, without who was warned when."""
    return {name: _promise(instance) for name, instance in case.clocks.items() if _counts(instance)}


def _counts(instance: ClockInstance) -> bool:
    return not instance.clock.repeats and not instance.cancelled


def _promise(instance: ClockInstance) -> tuple[Any, ...]:
    return instance.started_at, instance.state, instance.due, instance.ended_at


@pytest.mark.parametrize("kind", CURRENT)
def test_a_case_promises_what_it_would_had_it_been_sorted_so_at_once(kind: str) -> None:
    process = CURRENT[kind]
    forms = classifications(process)

    @RANDOM
    @given(
        sorted_as=st.lists(forms, min_size=1, max_size=6),
        gaps=st.lists(st.integers(0, 40), min_size=6, max_size=6),
    )
    def any_order(sorted_as: list[Classification], gaps: list[int]) -> None:
        there = work(CaseDriver(kind, actor=SHOP), sorted_as, gaps)
        at_once = [sorted_as[-1]] * len(sorted_as)
        here = work(CaseDriver(kind, actor=SHOP), at_once, gaps)
        kept = {name: made for name, made in promises(there).items() if name in promises(here)}
        assert kept == promises(here)
        left_over = promises(there).keys() - kept.keys()
        assert {there.clocks[name].state for name in left_over} <= {ClockState.BREACHED}
        assert process.fold(there.opening, there.entries) == there

    any_order()


QUALITY = {"category": "product_quality", "severity": "minor"}
PRICE = {"category": "price", "severity": "minor"}


def complaint(first: Classification) -> CaseDriver:
    run = CaseDriver("complaint", actor=SHOP)
    run.do(LIU, ("accept", {}), ("classify", first), ("claim", {}))
    return run


@pytest.mark.parametrize("before", [[QUALITY, PRICE], [PRICE], [PRICE, QUALITY, PRICE]])
def test_the_offer_is_due_from_receipt(before: list[Classification]) -> None:
    run = complaint(before[0])
    for form in (*before[1:], QUALITY):
        run.pass_time(HOUR)
        run.do(LIU, ("reclassify", form))
    solution = run.case.clocks[SOLUTION.name]
    assert (solution.state, solution.due) == (
        ClockState.RUNNING,
        run.case.opening.received_at + 2 * DAY,
    )
    run.pass_time(2 * DAY)
    run.process.settle(run.case, run.now)
    breach = [e for e in run.case.entries if e.type is EntryType.BREACHED]
    assert SOLUTION.name in {e.form["clock"] for e in breach}


@pytest.mark.parametrize("sorted_as", [[QUALITY], [PRICE, QUALITY], [QUALITY, PRICE, QUALITY]])
def test_the_offer_is_due_from_receipt_before_anybody_holds_the_case(
    sorted_as: list[Classification],
) -> None:
    run = CaseDriver("complaint", actor=SHOP)
    received = run.case.opening.received_at
    run.do(LIU, ("accept", {}), ("classify", sorted_as[0]))
    for form in sorted_as[1:]:
        run.do(LIU, ("reclassify", form))
    assert run.case.clocks[SOLUTION.name].due == received + 2 * DAY
    run.pass_time(49 * HOUR)
    run.process.settle(run.case, run.now)
    assert (run.case.state, run.holder) == ("classified", None)
    breaches = [e for e in run.case.entries if e.form.get("clock") == SOLUTION.name and e.due_at]
    assert received + 2 * DAY in {e.due_at for e in breaches if e.type is EntryType.BREACHED}
    run.do(ZHAO, ("claim", {}))
    assert run.case.clocks[SOLUTION.name].number == 1


@pytest.mark.parametrize("entered", [[QUALITY], [PRICE, QUALITY]])
def test_a_complaint_that_is_entered_late_has_broken_its_promise(
    entered: list[Classification],
) -> None:
    late = CaseDriver("complaint", actor=SHOP).now - 49 * HOUR
    run = CaseDriver("complaint", actor=SHOP, received_at=late)
    run.do(LIU, ("accept", {}), ("classify", entered[0]))
    for form in entered[1:]:
        run.do(LIU, ("reclassify", form))
    run.process.settle(run.case, run.now)
    assert run.case.clocks[SOLUTION.name].state is ClockState.BREACHED


def test_a_complaint_of_another_sort_promises_no_offer() -> None:
    run = CaseDriver("complaint", actor=SHOP)
    run.do(LIU, ("accept", {}), ("classify", PRICE))
    assert SOLUTION.name not in run.case.clocks
    run.do(LIU, ("reclassify", QUALITY))
    run.do(LIU, ("reclassify", PRICE))
    assert run.case.clocks[SOLUTION.name].state is ClockState.CANCELLED


@pytest.mark.parametrize("state", ["proposing", "carrying_out"])
@pytest.mark.parametrize("late", [False, True])
def test_facts_that_come_later_still_find_their_promise(state: str, late: bool) -> None:
    """In later states than that in which the clock starts, and after the offer was made."""
    run = complaint(PRICE)
    run.do(LIU, ("investigate", FINDING))
    run.pass_time(3 * DAY if late else HOUR)
    made = state == "carrying_out"
    if made:
        run.do(LIU, ("propose", OFFER), ("accept_solution", {}))
    offered_at = run.now
    run.pass_time(HOUR)
    run.do(LIU, ("reclassify", QUALITY))
    run.process.settle(run.case, run.now + timedelta(seconds=1))
    solution = run.case.clocks[SOLUTION.name]
    if made:
        assert solution.ended_at == offered_at
        assert solution.state is (ClockState.MET_LATE if late else ClockState.MET)
    else:
        assert solution.state is (ClockState.BREACHED if late else ClockState.RUNNING)
    assert run.process.fold(run.case.opening, run.case.entries) == run.case


def test_facts_that_a_rewind_brings_back_demand_their_promise() -> None:
    run = complaint(QUALITY)
    quality = run.case.last.seq
    run.do(LIU, ("reclassify", PRICE))
    assert run.case.clocks[SOLUTION.name].state is ClockState.CANCELLED
    run.do(ZHAO, rewind_to(run, quality))
    assert run.case.clocks[SOLUTION.name].state is ClockState.RUNNING
    assert run.process.fold(run.case.opening, run.case.entries) == run.case


@pytest.mark.parametrize("clocks", ["go_on", "as_then", "restart"])
def test_a_case_is_taken_back_to_a_promise_that_another_took_the_place_of(clocks: str) -> None:
    """It was revived, given up with a correction, and revived again since."""
    run = complaint(PRICE)
    run.do(LIU, ("reclassify", QUALITY))
    run.do(ALL, rewind_to(run, 2))
    run.do(ALL, ("classify", QUALITY))
    sorted_so = run.case.last.seq
    for form in ({**QUALITY, "category": "service_attitude"}, QUALITY):
        run.do(ALL, ("reclassify", form))
    before = [(each.clock.name, each.number) for each in run.case.clock_instances()]
    assert len(before) == len(set(before)), "each instance has a number of its own"
    run.do(ALL, ("rewind", {"to": sorted_so, "reason": "a mistake", "clocks": clocks}))
    after = [(each.clock.name, each.number) for each in run.case.clock_instances()]
    assert len(after) == len(set(after))
    assert set(before) <= set(after), "no instance is lost"
    assert run.case.clocks[SOLUTION.name].state is ClockState.RUNNING
    assert run.process.fold(run.case.opening, run.case.entries) == run.case


def test_tables_of_before_decide_as_they_did() -> None:
    assert not KINDS["complaint", 1].revives_promises
    assert all(process.revives_promises for process in CURRENT.values())

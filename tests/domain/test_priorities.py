"""A priority that a person gives: who may, how long it holds, and that nothing else follows."""

import pytest

from domain.errors import NoTask, StepJustDone, TaskTaken, WrongForm
from domain.language.entries import EntryType
from domain.read_models.projection import case_view, projection_update
from tests.domain.case_driver import ACCEPTED_AND_CLASSIFIED, HOUR, CaseDriver
from tests.support.cases import CHEN, LIU, SHOP, SORTED, WANG, ZHANG, ZHOU

WHY = "Forty shops have it."


def prioritise(priority: str, reason: str = WHY) -> tuple[str, dict[str, str]]:
    return "prioritise", {"priority": priority, "reason": reason}


def assigning() -> CaseDriver:
    """Accepted and classified as P3; it waits to be assigned."""
    run = CaseDriver(actor=SHOP)
    run.do(CHEN, *ACCEPTED_AND_CLASSIFIED)
    assert shown(run) == "P3"
    return run


def shown(run: CaseDriver) -> str | None:
    assert run.process.fold(run.case.opening, run.case.entries) == run.case
    return case_view(run.process, run.case).priority


def test_lists_show_it_and_no_clock_moves() -> None:
    run = assigning()
    clocks = dict(run.case.clocks)
    run.do(WANG, prioritise("P1"))
    entry = run.case.last
    assert (entry.type, entry.led_to) == (EntryType.PRIORITISED, "classified")
    assert (entry.form, run.case.etag) == ({"priority": "P1", "reason": WHY}, entry.seq)
    update = projection_update(run.process, run.case, entry.seq - 1)
    assert (update.case.priority, update.tasks[0].priority, update.clocks) == ("P1", "P1", ())
    assert run.case.clocks == clocks
    run.do(LIU, ("claim", {}))
    assert shown(run) == "P1", "moving on does not end it"


def test_a_new_classification_ends_it_and_the_same_one_does_not() -> None:
    run = assigning()
    run.do(WANG, prioritise("P2"))
    run.do(CHEN, ("reclassify", SORTED))
    assert shown(run) == "P2"
    run.do(CHEN, ("reclassify", {**SORTED, "impact": "many", "urgency": "high"}))
    assert shown(run) == "P1"
    run.do(CHEN, ("reclassify", SORTED))
    assert shown(run) == "P3", "what has ended does not come again"


def test_before_a_case_is_classified_it_holds_until_then() -> None:
    run = CaseDriver(actor=SHOP)
    run.do(WANG, prioritise("P1"))
    assert shown(run) == "P1"
    run.do(CHEN, *ACCEPTED_AND_CLASSIFIED)
    assert shown(run) == "P3"


def test_a_rewind_brings_back_the_priority_of_then() -> None:
    run = assigning()
    before = run.case.last.seq
    run.do(WANG, prioritise("P1"))
    after = run.case.last.seq
    run.do(WANG, prioritise("P4", "It was one shop."))
    run.do(ZHOU, ("rewind", {"to": after, "reason": "Both were right.", "clocks": "go_on"}))
    assert shown(run) == "P1"
    run.do(ZHOU, ("rewind", {"to": before, "reason": "None was.", "clocks": "go_on"}))
    assert shown(run) == "P3"


def test_it_is_for_who_holds_the_task_or_leads() -> None:
    run = assigning()
    run.do(LIU, ("claim", {}))
    run.refuse(TaskTaken, ZHANG, prioritise("P1"))
    run.do(LIU, prioritise("P4"))
    run.do(WANG, prioritise("P2"))
    assert shown(run) == "P2"


@pytest.mark.parametrize("form", [{"priority": "P5", "reason": WHY}, {"priority": "P1"}])
def test_the_form_is_strict(form: dict[str, str]) -> None:
    assigning().refuse(WrongForm, WANG, ("prioritise", form))


def test_it_is_not_said_twice_in_a_minute_nor_where_nobody_works() -> None:
    run = assigning()
    run.do(WANG, prioritise("P1"))
    run.pass_time(-HOUR / 120)
    run.refuse(StepJustDone, WANG, prioritise("P1"))
    run.do(CHEN, ("withdraw", {"reason": "The customer called."}))
    run.refuse(NoTask, WANG, prioritise("P2"))

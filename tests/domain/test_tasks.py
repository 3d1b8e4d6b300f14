"""Tasks: who may claim, release, hand on and step in, and who is told who was first."""

from datetime import timedelta

import pytest

from domain.engine.case import Holder
from domain.errors import (
    NotACandidate,
    NoTask,
    StepNotAllowed,
    TaskNotClaimed,
    TaskTaken,
    WrongForm,
)
from domain.language.entries import EntryType
from domain.language.roles import Actor
from domain.stories import person
from tests.domain.case_driver import ACCEPTED_AND_CLASSIFIED, CaseDriver, StepForm
from tests.support.cases import (
    CHEN,
    FINDING,
    LIU,
    OFFER,
    SHOP,
    SOLVED,
    SORTED,
    WANG,
    ZHANG,
    ZHAO,
    ZHOU,
)

CLAIM: StepForm = ("claim", {})
RELEASE: StepForm = ("release", {})
STORE = person("sun.li", "store_manager")
NOBODY = person("no.body")
QIAN = person("qian.jun", "account_manager")


def handed(whom: Actor, **more: str) -> StepForm:
    return "assign", {"assignee": whom.id, "roles": list(whom.roles), **more}


def investigating(*, holder: Actor | None = LIU, **classified: str) -> CaseDriver:
    """A complaint in hand, held by this person or by nobody."""
    run = CaseDriver()
    first = holder or (ZHOU if classified else LIU)
    run.do(CHEN, ACCEPTED_AND_CLASSIFIED[0], ("classify", {**SORTED, **classified}), handed(first))
    if holder is None:
        run.do(first, RELEASE)
    return run


def test_claiming_and_releasing() -> None:
    run = CaseDriver()
    run.do(LIU, CLAIM)
    assert run.case.holder == Holder("liu.yang", ("agent",), run.now)
    run.do(LIU, RELEASE)
    assert run.holder is None
    assert [e.type for e in run.case.entries[1:]] == [EntryType.CLAIMED, EntryType.RELEASED]
    assert run.case.state == "received"


def test_the_loser_of_a_claim_is_told_who_won() -> None:
    run = CaseDriver()
    run.do(LIU, CLAIM)
    taken = run.refuse(TaskTaken, ZHANG, CLAIM)
    assert taken.params == {"by": "liu.yang", "at": run.case.last.at.isoformat()}
    run.refuse(TaskTaken, LIU, CLAIM)


@pytest.mark.parametrize("holder", [LIU, None], ids=["held", "free"])
@pytest.mark.parametrize("actor", [STORE, NOBODY], ids=["store manager", "nobody"])
def test_whom_a_task_is_not_for_does_not_hear_whether_anybody_holds_it(
    actor: Actor, holder: Actor | None
) -> None:
    run = investigating(holder=holder)
    hold = ("hold", {"until": (run.now + timedelta(hours=3)).isoformat(), "reason": "x"})
    for act in (CLAIM, RELEASE, handed(ZHANG), hold, ("notify", {"text": "x"})):
        refused = run.refuse(NotACandidate, actor, act)
        assert refused.params["who"] == actor.id
        assert LIU.id not in str(refused)


def test_a_held_task_is_for_its_holder_and_for_leads() -> None:
    run = investigating()
    assert run.refuse(TaskTaken, ZHANG, ("investigate", FINDING)).params["by"] == "liu.yang"
    run.refuse(TaskTaken, ZHANG, RELEASE)
    run.refuse(TaskTaken, ZHANG, handed(ZHANG))
    run.do(WANG, ("investigate", FINDING))
    run.do(LIU, ("propose", OFFER))
    assert run.holder == "liu.yang"


def test_an_unheld_task_is_for_any_candidate() -> None:
    run = investigating(holder=None)
    run.do(ZHANG, ("investigate", FINDING))
    assert run.holder is None


def test_nothing_is_released_that_nobody_holds() -> None:
    CaseDriver().refuse(TaskNotClaimed, LIU, RELEASE)


@pytest.mark.parametrize("actor", [STORE, NOBODY], ids=["store manager", "nobody"])
def test_other_roles_are_no_candidates(actor: Actor) -> None:
    run = CaseDriver()
    refused = run.refuse(NotACandidate, actor, CLAIM)
    takes = refused.params["takes"]
    assert isinstance(takes, list)
    assert "agent" in takes
    run.refuse(StepNotAllowed, actor, ("accept", {}))


def test_a_task_is_for_staff() -> None:
    run = CaseDriver(actor=SHOP)
    for act in (CLAIM, RELEASE, handed(LIU)):
        run.refuse(StepNotAllowed, SHOP, act)


def test_a_claim_while_the_case_waits_to_be_assigned_assigns_oneself() -> None:
    run = CaseDriver()
    run.do(LIU, *ACCEPTED_AND_CLASSIFIED, CLAIM)
    assigned = run.case.last
    assert (assigned.type, assigned.step) == (EntryType.STEPPED, "assign")
    assert assigned.form["assignee"] == "liu.yang"
    assert run.case.state == "investigating"


def test_waiting_to_be_assigned_takes_the_case_from_its_holder() -> None:
    run = CaseDriver()
    run.do(CHEN, CLAIM, *ACCEPTED_AND_CLASSIFIED)
    assert run.holder is None
    run.refuse(TaskNotClaimed, CHEN, RELEASE)


def test_the_holder_or_a_lead_hands_on_and_the_team_may_change() -> None:
    run = investigating()
    run.do(LIU, handed(ZHANG, reason="my leave"))
    assert run.case.team == "complaints"
    run.do(WANG, handed(CHEN, team="east"))
    assert (run.holder, run.case.team) == ("chen.min", "east")
    run.refuse(TaskTaken, ZHANG, handed(ZHANG))
    run.do(CHEN, RELEASE)
    run.do(ZHANG, handed(LIU))
    assert run.case.last.type is EntryType.ASSIGNED
    assert run.case.team == "east"


def test_a_task_is_handed_only_to_who_fits_it() -> None:
    run = investigating()
    refused = run.refuse(NotACandidate, LIU, handed(STORE))
    assert refused.params["who"] == "sun.li"
    run.refuse(WrongForm, LIU, ("assign", {"assignee": "zhang.qian", "roles": []}))


def test_where_nothing_is_to_be_done_nothing_is_claimed() -> None:
    run = investigating()
    run.do(LIU, ("investigate", FINDING), ("propose", OFFER))
    for act in (CLAIM, RELEASE, handed(ZHANG)):
        run.refuse(NoTask, LIU, act)


def test_anybody_at_the_desk_writes_down_what_the_customer_says() -> None:
    run = investigating()
    run.do(LIU, ("investigate", FINDING), ("propose", OFFER))
    run.do(CHEN, ("accept_solution", {}))
    assert run.holder == "liu.yang"


@pytest.mark.parametrize(
    ("classified", "may", "may_not"),
    [
        ({}, [CHEN, LIU, WANG, ZHAO, ZHOU], [QIAN, STORE]),
        ({"hardness": "complex"}, [ZHAO, QIAN, ZHOU], [CHEN, LIU, WANG, STORE]),
        ({"severity": "moderate"}, [ZHAO, QIAN, ZHOU], [CHEN, LIU, WANG, STORE]),
        ({"hardness": "major"}, [ZHOU], [CHEN, LIU, WANG, ZHAO, QIAN, STORE]),
        ({"severity": "serious"}, [ZHOU], [CHEN, LIU, WANG, ZHAO, QIAN, STORE]),
        ({"severity": "minor", "hardness": "major"}, [ZHOU], [LIU, ZHAO]),
        ({"severity": "serious", "hardness": "ordinary"}, [ZHOU], [LIU, ZHAO]),
    ],
    ids=str,
)
def test_how_hard_it_is_decides_who_may_take_it(
    classified: dict[str, str], may: list[Actor], may_not: list[Actor]
) -> None:
    for actor in may_not:
        run = investigating(holder=None, **classified)
        run.refuse(NotACandidate, actor, CLAIM)
        run.refuse(NotACandidate if actor is not STORE else StepNotAllowed, actor, *DEED)
    for actor in may:
        run = investigating(holder=None, **classified)
        run.do(actor, CLAIM)
        run.do(actor, *DEED)


DEED: tuple[StepForm, ...] = (("investigate", FINDING),)


def test_an_agent_may_hand_a_hard_case_up_but_not_take_it() -> None:
    run = CaseDriver()
    run.do(LIU, ACCEPTED_AND_CLASSIFIED[0], ("classify", {**SORTED, "hardness": "major"}))
    run.refuse(NotACandidate, LIU, CLAIM)
    run.refuse(NotACandidate, LIU, handed(ZHANG))
    run.do(LIU, handed(ZHOU))
    run.refuse(NotACandidate, ZHAO, ("investigate", FINDING))


def test_a_case_that_became_too_hard_is_claimed_from_its_holder() -> None:
    run = investigating()
    run.do(LIU, ("reclassify", {**SORTED, "severity": "moderate"}))
    run.refuse(NotACandidate, ZHANG, CLAIM)
    run.do(LIU, ("investigate", FINDING))
    run.do(ZHAO, CLAIM)
    run.refuse(NotACandidate, LIU, ("propose", OFFER))
    run.refuse(TaskTaken, QIAN, CLAIM)


def test_a_closed_case_is_reopened_by_any_handler_and_goes_back_to_who_knew_it() -> None:
    run = investigating()
    run.do(LIU, ("investigate", FINDING), ("propose", OFFER), ("accept_solution", {}))
    run.do(LIU, ("carry_out", {"done": "it"}))
    run.tell_customer()
    run.do(LIU, ("follow_up", SOLVED))
    run.refuse(NoTask, LIU, CLAIM)
    run.refuse(StepNotAllowed, STORE, ("reopen", {"reason": "x"}))
    run.do(CHEN, ("reopen", {"reason": "again"}))
    assert (run.case.state, run.holder) == ("proposing", "liu.yang")

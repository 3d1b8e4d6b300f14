"""What the store is told: rows, tasks and notices that do not depend on when they are written."""

from pydantic import BaseModel

from domain.read_models.projection import (
    ProjectionUpdate,
    case_view,
    pending_call,
    projection_update,
    task_id,
    task_views,
)
from tests.domain.case_driver import ACCEPTED_AND_CLASSIFIED, NINE, CaseDriver
from tests.support.cases import CHEN, FINDING, LIU, OFFER, SORTED, WANG, ZHOU


def says(model: BaseModel, **expected: object) -> None:
    """Assert what these fields of a row say."""
    assert {name: getattr(model, name) for name in expected} == expected


def test_the_row_of_a_new_case() -> None:
    run = CaseDriver(external_ref="A-1", order="O-1")
    row = case_view(run.process, run.case)
    says(row, number=run.case.opening.number, kind="complaint", external_ref="A-1", order="O-1")
    says(row, state="received", stage="accept", waits_on="staff", outcome=None, closed_at=None)
    says(row, team="complaints", assignee=None, category=None, priority=None, severity=None)
    says(row, received_at=NINE, opened_at=NINE, since=NINE, etag=1, last_seq=1)


def test_the_row_shows_what_a_person_decided_not_what_was_proposed() -> None:
    run = CaseDriver(proposal={"category": "price"})
    says(case_view(run.process, run.case), category=None)
    run.do(CHEN, *ACCEPTED_AND_CLASSIFIED)
    row = case_view(run.process, run.case)
    says(row, category="service_attitude", severity="minor", hardness="ordinary", priority="P3")


def test_the_team_a_case_is_opened_with_has_the_first_task() -> None:
    run = CaseDriver(team="east")
    assert [task.team for task in task_views(run.process, run.case, 0)] == ["east"]


def test_a_withdrawn_case_is_closed_when_it_was_withdrawn() -> None:
    run = CaseDriver()
    run.do(CHEN, ("withdraw", {"reason": "He rang."}))
    row = case_view(run.process, run.case)
    says(row, closed_at=run.now, outcome="withdrawn", stage="close", waits_on="nobody")


def test_every_state_for_staff_has_one_task() -> None:
    run = CaseDriver()
    run.do(
        CHEN, *ACCEPTED_AND_CLASSIFIED, ("claim", {}), ("investigate", FINDING), ("propose", OFFER)
    )
    tasks = task_views(run.process, run.case, 0)
    assert [task.state for task in tasks] == [
        "received",
        "accepted",
        "classified",
        "investigating",
        "proposing",
    ]
    assert all(task.done_at == run.now and task.done_by == "chen.min" for task in tasks)
    assert [task.id for task in tasks] == [task_id(task.number, task.seq) for task in tasks]


def test_an_open_task_says_who_may_take_it() -> None:
    run = CaseDriver()
    run.do(CHEN, ACCEPTED_AND_CLASSIFIED[0], ("classify", {**SORTED, "hardness": "major"}))
    (*_, task) = task_views(run.process, run.case, 0)
    assert (task.candidates, task.leads, task.assignee) == (("management",), ("management",), None)
    assert task.steps == ("assign", "reclassify", "withdraw")
    run.do(ZHOU, ("claim", {}))
    (*_, task) = task_views(run.process, run.case, 0)
    assert (task.state, task.assignee, task.done_at) == ("investigating", "zhou.hang", None)


def test_a_claim_changes_the_open_task_only() -> None:
    run = CaseDriver()
    run.do(CHEN, ("accept", {}))
    run.do(LIU, ("claim", {}))
    (task,) = task_views(run.process, run.case, 2)
    assert (task.seq, task.version, task.assignee) == (2, 3, "liu.yang")


def test_a_done_task_keeps_what_it_was() -> None:
    """Else it would depend on when it is written, and a rebuilt store would differ."""
    run = CaseDriver()
    run.do(CHEN, ("accept", {}))
    (first, _) = task_views(run.process, run.case, 0)
    run.do(CHEN, ACCEPTED_AND_CLASSIFIED[1], ("claim", {}))
    run.do(WANG, ("assign", {"assignee": "liu.yang", "roles": ["agent"], "team": "east"}))
    assert task_views(run.process, run.case, 0)[0] == first
    assert (first.team, first.priority, first.done_by) == ("complaints", None, "chen.min")


def test_notices_are_rows_and_calls_are_errands() -> None:
    run = CaseDriver()
    first = projection_update(run.process, run.case, 0)
    assert [(n.template, n.to, n.seq, n.n) for n in first.notices] == [
        ("received", "customer", 1, 0)
    ]
    run.do(
        LIU, *ACCEPTED_AND_CLASSIFIED, ("claim", {}), ("investigate", FINDING), ("propose", OFFER)
    )
    news = projection_update(run.process, run.case, 1)
    assert [(n.template, n.seq) for n in news.notices] == [("offer", run.case.last.seq)]
    assert pending_call(run.process, run.case) is None
    run.do(LIU, ("accept_solution", {}))
    run.do(LIU, ("carry_out", {"done": "it"}))
    assert projection_update(run.process, run.case, run.case.last.seq - 1).notices == ()
    call = pending_call(run.process, run.case)
    assert call is not None
    assert (call.port, call.template, call.seq, call.n) == (
        "tell",
        "outcome",
        run.case.last.seq,
        0,
    )
    assert (call.done, call.refused, call.customer) == ("told", "tell_failed", None)


def test_reclassifying_in_place_tells_nobody_anything() -> None:
    run = CaseDriver()
    run.do(LIU, *ACCEPTED_AND_CLASSIFIED, ("claim", {}), ("investigate", FINDING))
    run.do(LIU, ("reclassify", SORTED))
    assert projection_update(run.process, run.case, run.case.last.seq - 1).notices == ()


def test_a_batch_is_json_and_back() -> None:
    run = CaseDriver()
    run.do(
        LIU, *ACCEPTED_AND_CLASSIFIED, ("claim", {}), ("investigate", FINDING), ("propose", OFFER)
    )
    news = projection_update(run.process, run.case, 0)
    assert ProjectionUpdate.model_validate_json(news.model_dump_json()) == news
    assert [entry.seq for entry in news.entries] == list(range(1, run.case.last.seq + 1))

"""A case whose own code fails is an incident with its cause, and with the right code goes on."""

import dataclasses
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic

import pytest
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.api.history.v1 import HistoryEvent

from cases import CURRENT, KINDS
from domain.engine.case import Case
from domain.engine.process import Process
from domain.errors import WrongTable
from domain.read_models.snapshot import Snapshot
from ops.archive.sweep import Sweeper
from ops.incidents.incidents import Incident, find_incidents
from ops.incidents.retry import retry
from ops.incidents.task_failures import TaskFailure, task_failure
from ops.oracle.oracle import Oracle
from store.archive import Archive
from temporal.case_client import CaseClient
from temporal.names import SNAPSHOT
from tests.support.cases import new_number, opening
from tests.support.engine import Engine, running
from tests.support.waiting import until

SOON = 8.0
"""Seconds; of itself Temporal would try again after ten at the earliest."""
WRONG = "complaint: a table that contradicts itself"
VERSIONS = "workflows.case.KINDS"


class Broken(Process):
    """A process with a fault that shows while cases run."""

    def next_timer(self, case: Case) -> tuple[datetime, str] | None:  # noqa: ARG002
        raise WrongTable(WRONG)


async def incident_of(engine: Engine, number: str) -> Incident | None:
    incidents = [each async for each in find_incidents(engine.client, [number], tolerated=1)]
    return incidents[0] if incidents else None


async def nothing_is_lost(engine: Engine, folder: Path) -> None:
    """Neither the oracle nor the sweep takes the run that was given up for a lost case."""

    async def old_run_is_listed() -> bool:
        return (await engine.client.count_workflows("ExecutionStatus = 'Terminated'")).count == 1

    await until(old_run_is_listed)
    oracle = Oracle(engine.client, engine.store, catch_up=timedelta(seconds=30))
    assert [finding async for finding in oracle.verify()] == []
    archive = Archive((folder / "archive").as_uri())
    swept = await Sweeper(engine.client, archive, engine.store, "test").sweep()
    assert (swept.lost, swept.failed) == ([], {})


async def test_a_wrong_table_is_named_and_the_case_goes_on_when_it_is_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, right = new_number(), CURRENT["complaint"]
    parts = {each.name: getattr(right, each.name) for each in dataclasses.fields(right)}
    monkeypatch.setattr(VERSIONS, {**KINDS, ("complaint", right.version): Broken(**parts)})
    async with running(tmp_path) as engine:
        await CaseClient(engine.client).start(opening(number))

        async def failing() -> bool:
            return await incident_of(engine, number) is not None

        await until(failing)
        incident = await incident_of(engine, number)
        assert incident is not None
        assert (incident.port, incident.failure, incident.detail) == (
            "workflow",
            "WrongTable",
            WRONG,
        )
        assert incident.place.startswith("workflows/case.py:")
        assert incident.place.endswith(" _next_timer")

        monkeypatch.setattr(VERSIONS, KINDS)
        began = monotonic()
        assert (await retry(engine.client, number)).code

        async def mended() -> bool:
            return await incident_of(engine, number) is None

        await until(mended)
        snapshot: Snapshot = await engine.client.get_workflow_handle(number).query(
            SNAPSHOT, result_type=Snapshot
        )
        assert snapshot.case.state == "received"
        assert monotonic() - began < SOON
        await nothing_is_lost(engine, tmp_path)
        assert not (await retry(engine.client, number)).code, "nothing is broken any more"


@pytest.mark.parametrize(
    ("failure", "message", "detail"),
    [
        ("KeyError", "('complaint', 99)", "this code has no process complaint 99"),
        ("KeyError", "'13800000001'", ""),
        ("ValueError", "the customer said: no", ""),
        ("Stuck", "entries 3-4 cannot be recorded", "entries 3-4 cannot be recorded"),
    ],
)
def test_what_a_customer_may_have_said_is_not_told(failure: str, message: str, detail: str) -> None:
    event = HistoryEvent(event_id=7, event_type=EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED)
    of = event.workflow_task_failed_event_attributes
    unhandled = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE
    of.cause = unhandled
    of.failure.message = message
    of.failure.application_failure_info.type = failure
    of.failure.stack_trace = 'File "/srv/x/workflows/case.py", line 51, in __init__\n  f\n'
    assert task_failure(event) == TaskFailure(failure, detail, "workflows/case.py:51 __init__", 7)


def test_another_cause_has_its_own_name() -> None:
    event = HistoryEvent(event_id=9, event_type=EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED)
    of = event.workflow_task_failed_event_attributes
    of.cause = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR
    of.failure.message = "[TMPRL1100] of what was said"
    assert task_failure(event) == TaskFailure("non_deterministic_error", "", "", 9)

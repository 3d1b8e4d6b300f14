"""The runs of cases that have ended: which there are, and what is archived of each."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Final

from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus, WorkflowHistory
from temporalio.converter import DataConverter
from temporalio.service import RPCError, RPCStatusCode

from cases import KINDS
from domain.read_models.projection import case_view
from runtime.message import Message
from store.archive import Bundle
from temporal.histories import case_input_of, entries_of, pack, unpack
from temporal.names import CASES_QUERY

ENDED_QUERY: Final = f"{CASES_QUERY} AND ExecutionStatus != 'Running'"
NOT_COMPLETED: Final = frozenset(
    {
        WorkflowExecutionStatus.FAILED,
        WorkflowExecutionStatus.TERMINATED,
        WorkflowExecutionStatus.TIMED_OUT,
        WorkflowExecutionStatus.CANCELED,
    }
)
"""A case never ends in one of these ways by itself."""


class Unarchivable(ValueError):
    """The history cannot be understood; the message says why, without quoting it."""


def ended_runs(client: Client) -> AsyncIterator[WorkflowExecution]:
    """Yield all ended runs that Temporal still has."""
    return client.list_workflows(ENDED_QUERY)


async def is_lost(client: Client, run: WorkflowExecution) -> bool:
    """Return whether a run was ended from outside, and its case does not go on in another run."""
    if run.status not in NOT_COMPLETED:
        return False
    newest = await client.get_workflow_handle(run.id).describe()
    return newest.run_id == run.run_id


async def is_known(client: Client, number: str, run: str) -> bool:
    """Return whether Temporal still has the run, ended or not."""
    try:
        await client.get_workflow_handle(number, run_id=run).describe()
    except RPCError as error:
        # Temporal refuses an id that cannot be one of its own as an invalid argument.
        if error.status in {RPCStatusCode.NOT_FOUND, RPCStatusCode.INVALID_ARGUMENT}:
            return False
        raise
    return True


async def bundle_of(
    converter: DataConverter, run: str, history: WorkflowHistory, code: str, at: datetime
) -> Bundle:
    """Return the bundle of a run that has ended, with its last events.

    Args:
        converter: decodes the payloads.
        run: the run's id at Temporal.
        history: the whole history of the run.
        code: the build id of the code that archives it.
        at: when it is archived.

    Raises:
        Unarchivable: the run is no case's, or this code does not know its process.
    """
    number, events = history.workflow_id, history.events
    try:
        case_input = await case_input_of(converter, events)
        entries = await entries_of(converter, events)
    except (ValueError, TypeError, RuntimeError) as error:
        # The error's text may hold what a customer wrote.
        why = Message("Its history cannot be read (%(error)s).", error=type(error).__name__)
        raise Unarchivable(why) from None
    if case_input is None:
        raise Unarchivable(Message("It was started as no case is."))
    opening = case_input.opening
    process = KINDS.get((opening.kind, opening.process_version))
    if process is None:
        missing = f"{opening.kind} v{opening.process_version}"
        raise Unarchivable(
            Message("This code does not know the process %(missing)s.", missing=missing)
        )
    began = events[0].event_time.ToDatetime(UTC)
    # A run that was terminated before its first task has no entries: show the case as just opened.
    case = process.fold(opening, entries) if entries else process.open(opening, began)
    return Bundle(
        tenant=opening.tenant,
        number=number,
        kind=opening.kind,
        process_version=opening.process_version,
        policy_version=case.policy.version,
        run=run,
        began=began,
        code=code,
        archived_at=at,
        complete=True,
        case=case_view(process, case),
        entries=tuple(entries),
        events=len(events),
        history=pack(history),
    )


def same_run(one: Bundle, other: Bundle) -> bool:
    """Return whether two bundles say the same of a run, whoever archived it, and when."""
    ignored = {"code": "", "archived_at": other.archived_at, "history": b""}
    if one.model_copy(update=ignored) != other.model_copy(update=ignored):
        return False
    try:
        return unpack(one.history) == unpack(other.history)
    except ValueError:
        return False

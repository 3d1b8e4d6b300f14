"""Makes of an ended run what the archive keeps, from nothing but its history."""

from datetime import UTC, datetime

from temporalio.client import WorkflowHistory
from temporalio.converter import DataConverter

from cases import KINDS
from domain.views import view
from ops.audit.histories import entries_of, life_of
from ops.packing import packed, unpacked
from store.archive import Bundle


class Unarchivable(ValueError):
    """The history cannot be understood; the message says why, without what is in it."""


async def bundle_of(
    converter: DataConverter, run: str, history: WorkflowHistory, code: str, at: datetime
) -> Bundle:
    """The run with its last events.

    Args:
        converter: reads the payloads.
        run: its id at Temporal.
        history: all of it; the run has ended.
        code: the build that archives it.
        at: when that is.

    Raises:
        Unarchivable: it is none of a case, or its process is unknown to this code.
    """
    number, events = history.workflow_id, history.events
    try:
        life = await life_of(converter, events)
        entries = await entries_of(converter, events)
    except (ValueError, TypeError, RuntimeError) as error:
        # Its text may hold what a customer said.
        why = f"Its history cannot be read ({type(error).__name__})."
        raise Unarchivable(why) from None
    if life is None:
        raise Unarchivable("It was started as no case is.")
    opening = life.opening
    process = KINDS.get((opening.kind, opening.process_version))
    if process is None:
        known = f"{opening.kind} v{opening.process_version}"
        raise Unarchivable(f"This code does not know the process {known}.")
    began = events[0].event_time.ToDatetime(UTC)
    # A run that was ended before it did anything has no entries; the case is as it would have been.
    case = process.fold(opening, entries) if entries else process.open(opening, began)
    return Bundle(
        tenant=opening.tenant,
        number=number,
        kind=opening.kind,
        process_version=opening.process_version,
        policy_version=opening.policy_version,
        run=run,
        began=began,
        code=code,
        archived_at=at,
        complete=True,
        case=view(process, case),
        entries=tuple(entries),
        events=len(events),
        history=packed(history),
    )


def alike(one: Bundle, other: Bundle) -> bool:
    """Whether they tell the same of a run, whoever archived it, and when."""
    own = {"code": "", "archived_at": other.archived_at, "history": b""}
    if one.model_copy(update=own) != other.model_copy(update=own):
        return False
    try:
        return unpacked(one.history) == unpacked(other.history)
    except ValueError:
        return False

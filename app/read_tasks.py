"""Read tasks: what waits for whom, and one task with its case."""

from enum import StrEnum, auto
from typing import Any

from app.authentication import Principal
from app.authorization import candidates_of, check_staff, reach_of
from app.errors import NotFound
from app.outside import shown_row, shown_task
from app.read_cases import LoadedCase, load_case, task_list_item, unread_messages
from app.results import Listed, Offer, TaskDetails, TaskListItem
from app.services import Services
from app.side_tasks import offers_of, shown_actions
from domain.read_models.projection import TaskView, task_views
from store.cases.records import TaskFilter, TaskWhere
from store.db.pages import Cursor
from store.errors import CorruptRow


class TaskScope(StrEnum):
    """Whose tasks: mine, my teams', nobody's that I may do, or all."""

    MINE = auto()
    TEAMS = auto()
    UNASSIGNED = auto()
    ALL = auto()


async def list_tasks(
    services: Services,
    caller: Principal,
    scope: TaskScope,
    where: TaskWhere,
    after: Cursor | None,
    limit: int,
) -> Listed[TaskListItem]:
    """List open tasks, what is due soonest first, less its head start.

    What is on hold is left out, unless it is asked for, or for what is overdue or due: that runs
    on; or the customer wrote and nobody read it.

    Raises:
        Forbidden: only staff may.
        StoreDown
    """
    check_staff(caller)
    task_filter = _filter(caller, scope, where)
    reach = reach_of(caller)
    page = await services.store.tasks.page(caller.tenant, task_filter, after, limit, reach)
    numbers = [task.number for task in page.items]
    words = await services.store.entries.opening_words(caller.tenant, numbers)
    requests = [(task.number, task.seq) for task in page.items if task.request]
    asked = await services.store.entries.forms(caller.tenant, requests)
    unread = await unread_messages(services, caller, numbers)
    items = tuple(
        task_list_item(
            task,
            words.get(task.number),
            unread.get(task.number, 0),
            asked.get((task.number, task.seq)),
        )
        for task in page.items
    )
    return Listed(items, page.next, services.corrupt_rows.note("tasks", page.corrupt))


async def read_task(
    services: Services, caller: Principal, number: str, seq: int, locale: str
) -> TaskDetails:
    """Return the task with its case; a task that is done offers nothing.

    Raises:
        Forbidden: only staff may.
        NotFound, NumberMisread
        StoreDown, CorruptRow
    """
    check_staff(caller)
    loaded = await load_case(services, caller, number, locale)
    task = await _find_task(services, caller.tenant, loaded, seq)
    if task is None:
        raise NotFound
    unread = await unread_messages(services, caller, [number])
    request = next((each for each in loaded.requests() if each.seq == seq), None)
    shown = task_list_item(task, loaded.words, unread.get(number, 0))
    offers, actions = list[Offer](), list[str]()
    if request is not None:
        shown = shown.model_copy(update={"asks": request.words})
        offers, actions = offers_of(loaded.process.kind, request, locale), request.actions
    elif task.done_at is None:
        offers, actions = loaded.offers(), shown_actions(caller, loaded.task_actions())
    return TaskDetails(
        task=shown_task(caller, shown),
        case=shown_row(caller, loaded.row()),
        offers=offers,
        task_actions=actions,
    )


def _filter(caller: Principal, scope: TaskScope, where: TaskWhere) -> TaskFilter:
    whose: dict[TaskScope, dict[str, Any]] = {
        TaskScope.MINE: {"assignee": caller.id},
        TaskScope.TEAMS: {"teams": caller.teams},
        TaskScope.UNASSIGNED: {
            "unassigned": True,
            "roles": candidates_of(caller),
            "not_asked_by": caller.id,
        },
        TaskScope.ALL: {},
    }
    fields = where.model_dump()
    if where.on_hold is None and not where.asks_what_is_due:
        fields["on_hold"] = False
    return TaskFilter(**fields, **whose[scope])


async def _find_task(
    services: Services, tenant: str, loaded: LoadedCase, seq: int
) -> TaskView | None:
    """Return the task's row; if it is corrupt, make it from the case's entries."""
    try:
        return await services.store.tasks.get(tenant, loaded.case.opening.number, seq)
    except CorruptRow as error:
        services.corrupt_rows.note(error.table, [error.number])
        made = task_views(loaded.process, loaded.case, 0)
        return next((each for each in made if each.seq == seq), None)

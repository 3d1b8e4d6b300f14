"""Reading cases and tasks from the store: who may see them, and all that belongs to one."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.cases.schemas import CaseLine, CustomerAnswer, WholeCase
from api.http.headers import check_number
from api.http.problems import problem
from api.http.schemas import CaseSummary
from api.steps.schemas import Offer
from api.tasks.schemas import TaskLine, WholeTask
from app.authentication import Principal
from app.offers import offers, task_acts
from app.services import Services
from cases import KINDS
from domain.engine.case import Case
from domain.engine.holds import Hold
from domain.engine.messages import opening_of
from domain.engine.process import Process
from domain.language.entries import Entry
from domain.language.roles import Actor
from domain.read_models.past import read_clocks
from domain.read_models.projection import CaseView, TaskView, case_view, task_views
from store.cases.records import CaseFilter
from store.db.clock import utc_now
from store.errors import CorruptRow


async def row_of(services: Services, tenant: str, number: str) -> CaseView | None:
    """The case's row, if there is one; where it was spoilt, what its entries say.

    Raises:
        CorruptRow: the entries were spoilt, too, or are gone.
    """
    try:
        return await services.store.cases.get(tenant, number)
    except CorruptRow as spoilt:
        entries = await services.store.entries.of(tenant, number)
        if not entries:
            raise
        services.corrupt_rows.note(spoilt.table, [number])
        process, case = case_of(number, entries)
        return case_view(process, case)


def process_of(entries: Sequence[Entry]) -> Process:
    """The table that a case was opened with."""
    opening = opening_of(entries[0])
    return KINDS[opening.kind, opening.process_version]


def case_of(number: str, entries: Sequence[Entry]) -> tuple[Process, Case]:
    """The case that these entries make, and its table.

    Raises:
        CorruptRow: the first of them opens none that we know.
    """
    try:
        process = process_of(entries)
    except (ValueError, LookupError) as error:
        raise CorruptRow("entries", number) from error
    return process, process.fold(opening_of(entries[0]), entries)


CHILDREN = 100


@dataclass(frozen=True)
class Seen:
    """A case as its entries make it, and who looks at it in which language."""

    process: Process
    case: Case
    actor: Actor
    locale: str

    @property
    def words(self) -> str | None:
        """The customer's own words."""
        words = self.case.opening.form.get("words")
        return words if isinstance(words, str) else None

    def row(self) -> CaseView:
        """The case as lists show it."""
        return case_view(self.process, self.case)

    def task(self) -> TaskLine | None:
        """The open task, if the case waits for staff."""
        changed = task_views(self.process, self.case, self.case.last.seq - 1)
        return next((line_of(task, self.words) for task in changed if task.done_at is None), None)

    def hold(self) -> Hold | None:
        """Why the task is put aside, for staff to know."""
        return self.case.hold if self.actor.is_staff else None

    def offers(self) -> list[Offer]:
        """The steps that may be taken now."""
        return offers(self.process, self.case, self.actor, utc_now(), self.locale)

    def task_actions(self) -> list[str]:
        """What may be done with the task now."""
        return task_acts(self.process, self.case, self.actor, utc_now())


async def visible(services: Services, caller: Principal, number: str) -> CaseView:
    """The case's row.

    Raises:
        Problem: there is none, or not for this caller; the two look the same.
    """
    check_number(number)
    row = await row_of(services, caller.tenant, number)
    if row is None or not caller.sees(row.source):
        raise problem("not_found")
    return row


async def see(services: Services, caller: Principal, number: str, locale: str) -> Seen:
    """The case, folded from its entries: all that is said of it is of one moment."""
    row = await visible(services, caller, number)
    entries = await services.store.entries.of(caller.tenant, number)
    process, case = case_of(number, entries)
    return Seen(process, case, caller.actor(row.customer), locale)


async def whole_case(services: Services, caller: Principal, number: str, locale: str) -> WholeCase:
    """The case with all that a person at work on it needs."""
    seen = await see(services, caller, number, locale)
    ref = seen.case.opening.customer
    customer = await _customer(services, caller, ref) if ref else None
    return WholeCase(
        case=CaseSummary.model_validate(seen.row()),
        clocks=read_clocks(seen.case, utc_now()),
        words=seen.words,
        proposal=seen.case.opening.proposal,
        customer=customer,
        task=seen.task(),
        hold=seen.hold(),
        offers=seen.offers(),
        task_actions=seen.task_actions(),
        children=await _children(services, caller, number),
    )


async def _children(services: Services, caller: Principal, number: str) -> list[CaseLine]:
    """The cases that came of this one."""
    own = None if caller.is_staff else caller.source
    which = CaseFilter(parent=number, source=own)
    found = (await services.store.cases.page(caller.tenant, which, None, CHILDREN)).items
    return await case_lines(services, caller.tenant, found) if found else []


async def _customer(services: Services, caller: Principal, ref: str) -> CustomerAnswer | None:
    """All that we know of the customer; to a system, what it told us itself."""
    only = None if caller.is_staff else caller.source
    found = await services.store.customers.get(caller.tenant, ref, only)
    if found and caller.is_staff:
        await services.access_log.note(caller, ref)
    return CustomerAnswer.model_validate(found) if found else None


async def whole_task(
    services: Services, caller: Principal, number: str, seq: int, locale: str
) -> WholeTask:
    """The task with its case; a task that is done offers nothing."""
    seen = await see(services, caller, number, locale)
    task = await _task(services, caller.tenant, seen, seq)
    if task is None:
        raise problem("not_found")
    is_open = task.done_at is None
    return WholeTask(
        task=line_of(task, seen.words),
        case=CaseSummary.model_validate(seen.row()),
        offers=seen.offers() if is_open else [],
        task_actions=seen.task_actions() if is_open else [],
    )


async def _task(services: Services, tenant: str, seen: Seen, seq: int) -> TaskView | None:
    """The task's row; where it was spoilt, what the case's entries say."""
    try:
        return await services.store.tasks.get(tenant, seen.case.opening.number, seq)
    except CorruptRow as spoilt:
        services.corrupt_rows.note(spoilt.table, [spoilt.number])
        return next(
            (each for each in task_views(seen.process, seen.case, 0) if each.seq == seq), None
        )


def line_of(task: TaskView, words: str | None) -> TaskLine:
    """A task as lists show it."""
    return TaskLine(**task.model_dump(), words=words)


async def task_lines(services: Services, tenant: str, found: Sequence[TaskView]) -> list[TaskLine]:
    """Tasks with the customers' words."""
    words = await services.store.entries.words(tenant, [task.number for task in found])
    return [line_of(task, words.get(task.number)) for task in found]


async def case_lines(services: Services, tenant: str, found: Sequence[CaseView]) -> list[CaseLine]:
    """Cases with the customers' words."""
    words = await services.store.entries.words(tenant, [row.number for row in found])
    return [CaseLine(**row.model_dump(), words=words.get(row.number)) for row in found]

"""Reading cases and tasks from the store: who may see them, and all that belongs to one."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.answers import CaseLine, CustomerAnswer, Offer, TaskLine, WholeCase, WholeTask
from api.auth import Principal
from api.numbers import check_number
from api.offers import offers, task_acts
from api.parts import Parts, now
from api.problems import problem
from api.rows import case_of, row_of
from domain.case import Case
from domain.holding import Hold
from domain.past import read_clocks
from domain.people import Actor
from domain.process import Process
from domain.views import CaseView, TaskView, tasks, view
from store.errors import Unreadable
from store.records import CaseFilter

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
        return view(self.process, self.case)

    def task(self) -> TaskLine | None:
        """The open task, if the case waits for staff."""
        changed = tasks(self.process, self.case, self.case.last.seq - 1)
        return next((line_of(task, self.words) for task in changed if task.done_at is None), None)

    def hold(self) -> Hold | None:
        """Why the task is put aside, for staff to know."""
        return self.case.hold if self.actor.is_staff else None

    def offers(self) -> list[Offer]:
        """The steps that may be taken now."""
        return offers(self.process, self.case, self.actor, now(), self.locale)

    def acts(self) -> list[str]:
        """What may be done with the task now."""
        return task_acts(self.process, self.case, self.actor, now())


async def visible(parts: Parts, caller: Principal, number: str) -> CaseView:
    """The case's row.

    Raises:
        Problem: there is none, or not for this caller; the two look the same.
    """
    check_number(number)
    row = await row_of(parts, caller.tenant, number)
    if row is None or not caller.sees(row.source):
        raise problem("not_found")
    return row


async def see(parts: Parts, caller: Principal, number: str, locale: str) -> Seen:
    """The case, folded from its entries: all that is said of it is of one moment."""
    row = await visible(parts, caller, number)
    entries = await parts.store.entries.of(caller.tenant, number)
    process, case = case_of(number, entries)
    return Seen(process, case, caller.actor(row.customer), locale)


async def whole_case(parts: Parts, caller: Principal, number: str, locale: str) -> WholeCase:
    """The case with all that a person at work on it needs."""
    seen = await see(parts, caller, number, locale)
    ref = seen.case.opening.customer
    customer = await _customer(parts, caller, ref) if ref else None
    return WholeCase(
        case=seen.row(),
        clocks=read_clocks(seen.case, now()),
        words=seen.words,
        proposal=seen.case.opening.proposal,
        customer=customer,
        task=seen.task(),
        hold=seen.hold(),
        offers=seen.offers(),
        acts=seen.acts(),
        children=await _children(parts, caller, number),
    )


async def _children(parts: Parts, caller: Principal, number: str) -> list[CaseLine]:
    """The cases that came of this one."""
    own = None if caller.is_staff else caller.source
    which = CaseFilter(parent=number, source=own)
    found = (await parts.store.cases.page(caller.tenant, which, None, CHILDREN)).items
    return await case_lines(parts, caller.tenant, found) if found else []


async def _customer(parts: Parts, caller: Principal, ref: str) -> CustomerAnswer | None:
    """All that we know of the customer; to a system, what it told us itself."""
    only = None if caller.is_staff else caller.source
    found = await parts.store.customers.get(caller.tenant, ref, only)
    if found and caller.is_staff:
        await parts.views.note(caller, ref)
    return CustomerAnswer.model_validate(found) if found else None


async def whole_task(
    parts: Parts, caller: Principal, number: str, seq: int, locale: str
) -> WholeTask:
    """The task with its case; a task that is done offers nothing."""
    seen = await see(parts, caller, number, locale)
    task = await _task(parts, caller.tenant, seen, seq)
    if task is None:
        raise problem("not_found")
    is_open = task.done_at is None
    return WholeTask(
        task=line_of(task, seen.words),
        case=seen.row(),
        offers=seen.offers() if is_open else [],
        acts=seen.acts() if is_open else [],
    )


async def _task(parts: Parts, tenant: str, seen: Seen, seq: int) -> TaskView | None:
    """The task's row; where it was spoilt, what the case's entries say."""
    try:
        return await parts.store.tasks.get(tenant, seen.case.opening.number, seq)
    except Unreadable as spoilt:
        parts.damage.note(spoilt.table, [spoilt.number])
        return next((each for each in tasks(seen.process, seen.case, 0) if each.seq == seq), None)


def line_of(task: TaskView, words: str | None) -> TaskLine:
    """A task as lists show it."""
    return TaskLine(**task.model_dump(), words=words)


async def task_lines(parts: Parts, tenant: str, found: Sequence[TaskView]) -> list[TaskLine]:
    """Tasks with the customers' words."""
    words = await parts.store.entries.words(tenant, [task.number for task in found])
    return [line_of(task, words.get(task.number)) for task in found]


async def case_lines(parts: Parts, tenant: str, found: Sequence[CaseView]) -> list[CaseLine]:
    """Cases with the customers' words."""
    words = await parts.store.entries.words(tenant, [row.number for row in found])
    return [CaseLine(**row.model_dump(), words=words.get(row.number)) for row in found]

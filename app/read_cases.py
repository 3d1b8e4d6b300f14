"""Read cases: the row, the case that its entries make, the whole of it, and lists."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.authentication import Principal
from app.errors import Forbidden, NotFound, NumberMisread
from app.offers import offers, task_actions
from app.results import CaseDetails, CaseListItem, Customer, Listed, Offer, TaskListItem
from app.services import Services
from cases import KINDS
from domain.case_numbers import is_case_number
from domain.engine.case import Case
from domain.engine.holds import Hold
from domain.engine.messages import opening_of
from domain.engine.process import Process
from domain.language.entries import Entry
from domain.language.roles import Actor
from domain.read_models.explain import Explanation, explain
from domain.read_models.past import read_clocks
from domain.read_models.projection import CaseView, TaskView, case_view, task_views
from store.cases.records import CaseFilter
from store.db.clock import utc_now
from store.db.pages import Cursor
from store.errors import CorruptRow

CASE_NUMBER_SHAPE = re.compile(r"[A-Z]{2}[0-9]{15,18}")
MAX_CHILDREN = 100


@dataclass(frozen=True)
class LoadedCase:
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
        """Return the case as lists show it."""
        return case_view(self.process, self.case)

    def task(self) -> TaskListItem | None:
        """Return the open task, if the case waits for staff."""
        changed = task_views(self.process, self.case, self.case.last.seq - 1)
        return next(
            (task_list_item(task, self.words) for task in changed if not task.done_at), None
        )

    def hold(self) -> Hold | None:
        """Return why the task is on hold, for staff to know."""
        return self.case.hold if self.actor.is_staff else None

    def offers(self) -> list[Offer]:
        """Return the steps that may be taken now."""
        return offers(self.process, self.case, self.actor, utc_now(), self.locale)

    def task_actions(self) -> list[str]:
        """Return what may be done with the task now."""
        return task_actions(self.process, self.case, self.actor, utc_now())


async def list_cases(
    services: Services, caller: Principal, case_filter: CaseFilter, after: Cursor | None, limit: int
) -> Listed[CaseListItem]:
    """List the cases that fit, the newest first; a system sees the cases that it brought in.

    Raises:
        Forbidden: a system asks for another source's cases.
        StoreDown
    """
    if not caller.is_staff:
        if case_filter.source not in {None, caller.id}:
            raise Forbidden("staff")
        case_filter = case_filter.model_copy(update={"source": caller.id})
    page = await services.store.cases.page(caller.tenant, case_filter, after, limit)
    items = await _case_list_items(services, caller.tenant, page.items)
    left_out = services.corrupt_rows.note("cases", page.corrupt)
    return Listed(tuple(items), page.next, left_out)


async def read_case(services: Services, caller: Principal, number: str, locale: str) -> CaseDetails:
    """Return the case with all that a person at work on it needs.

    Raises:
        NotFound, NumberMisread
        StoreDown, CorruptRow
    """
    loaded = await load_case(services, caller, number, locale)
    ref = loaded.case.opening.customer
    return CaseDetails(
        case=loaded.row(),
        clocks=read_clocks(loaded.case, utc_now()),
        words=loaded.words,
        proposal=loaded.case.opening.proposal,
        customer=await _customer(services, caller, ref) if ref else None,
        task=loaded.task(),
        hold=loaded.hold(),
        offers=loaded.offers(),
        task_actions=loaded.task_actions(),
        children=await _children(services, caller, number),
    )


async def explain_clocks(services: Services, caller: Principal, number: str) -> list[Explanation]:
    """Explain each clock of a case: its budget, its pauses, the case's own limit, the policy.

    Raises:
        NotFound, NumberMisread
        StoreDown, CorruptRow
    """
    loaded = await load_case(services, caller, number, "")
    return explain(loaded.process, loaded.case, utc_now())


async def load_case(services: Services, caller: Principal, number: str, locale: str) -> LoadedCase:
    """Fold the case from its entries: all that is said of it is of one moment.

    Raises:
        NotFound, NumberMisread
        StoreDown, CorruptRow
    """
    case_row = await get_case_row(services, caller, number)
    entries = await services.store.entries.of(caller.tenant, number)
    process, case = fold_case(number, entries)
    return LoadedCase(process, case, caller.actor(case_row.customer), locale)


async def get_case_row(services: Services, caller: Principal, number: str) -> CaseView:
    """Return the case's row.

    Raises:
        NotFound: there is none, or not for this caller; the two look the same.
        NumberMisread
        StoreDown, CorruptRow
    """
    check_number(number)
    case_row = await find_case_row(services, caller.tenant, number)
    if case_row is None or not caller.sees(case_row.source):
        raise NotFound
    return case_row


async def find_case_row(services: Services, tenant: str, number: str) -> CaseView | None:
    """Return the case's row, if there is one; if it is corrupt, make it from the entries.

    Raises:
        CorruptRow: the entries are corrupt, too, or gone.
        StoreDown
    """
    try:
        return await services.store.cases.get(tenant, number)
    except CorruptRow as error:
        entries = await services.store.entries.of(tenant, number)
        if not entries:
            raise
        services.corrupt_rows.note(error.table, [number])
        process, case = fold_case(number, entries)
        return case_view(process, case)


def check_number(number: str) -> None:
    """Check that this is a case number.

    Raises:
        NumberMisread: it looks like one, but its check digit does not fit.
        NotFound: it is none.
    """
    if not is_case_number(number):
        raise NumberMisread if CASE_NUMBER_SHAPE.fullmatch(number) else NotFound


def fold_case(number: str, entries: Sequence[Entry]) -> tuple[Process, Case]:
    """Return the case that these entries make, and its process.

    Raises:
        CorruptRow: the first of them opens none that we know.
    """
    try:
        process = process_of(entries)
    except (ValueError, LookupError) as error:
        raise CorruptRow("entries", number) from error
    return process, process.fold(opening_of(entries[0]), entries)


def process_of(entries: Sequence[Entry]) -> Process:
    """Return the process that a case was opened with."""
    opening = opening_of(entries[0])
    return KINDS[opening.kind, opening.process_version]


def task_list_item(task: TaskView, words: str | None) -> TaskListItem:
    """Return a task as lists show it."""
    return TaskListItem(**task.model_dump(), words=words)


async def _children(services: Services, caller: Principal, number: str) -> list[CaseListItem]:
    """Return the cases that came of this one, as far as the caller sees them."""
    source = None if caller.is_staff else caller.source
    children = CaseFilter(parent=number, source=source)
    page = await services.store.cases.page(caller.tenant, children, None, MAX_CHILDREN)
    return await _case_list_items(services, caller.tenant, page.items) if page.items else []


async def _customer(services: Services, caller: Principal, ref: str) -> Customer | None:
    """Return all that we know of the customer; to a system, what it told us itself."""
    source = None if caller.is_staff else caller.source
    customer = await services.store.customers.get(caller.tenant, ref, source)
    if customer and caller.is_staff:
        await services.access_log.note(caller, ref)
    return Customer.model_validate(customer) if customer else None


async def _case_list_items(
    services: Services, tenant: str, rows: Sequence[CaseView]
) -> list[CaseListItem]:
    words = await services.store.entries.opening_words(tenant, [row.number for row in rows])
    return [CaseListItem(**row.model_dump(), words=words.get(row.number)) for row in rows]

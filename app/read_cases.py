"""Read cases: the row, the case that its entries make, the whole of it, and lists."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import JsonValue

from app.authentication import Principal
from app.authorization import (
    check_case,
    narrow_cases,
    reach_of,
    reads_inside,
    sees_case,
    sees_customer,
)
from app.errors import NotFound, NumberMisread
from app.guidance import guidance_of, playbook_items, proposal_reasons
from app.offers import offers, task_actions
from app.outside import shown_comment, shown_details, shown_explanation, shown_row
from app.results import (
    CaseDetails,
    CaseListItem,
    ContactPoint,
    Customer,
    Listed,
    Offer,
    ShownComment,
    SideTaskItem,
    TaskListItem,
)
from app.services import Services
from app.side_tasks import shown_actions, side_task_items
from cases import KINDS
from domain.case_numbers import is_case_number
from domain.engine.case import Case
from domain.engine.holds import Hold
from domain.engine.messages import Opening, opening_of
from domain.engine.process import Process
from domain.language.entries import Entry
from domain.language.roles import Actor
from domain.read_models.explain import Explanation, explain
from domain.read_models.past import read_clocks
from domain.read_models.projection import CaseView, TaskView, case_view, task_views
from store.cases.records import CaseFilter
from store.customers import records as store_records
from store.customers.contact_points import kept_spelling
from store.db.clock import utc_now
from store.db.pages import Cursor
from store.errors import CorruptRow

CASE_NUMBER_SHAPE = re.compile(r"[A-Z]{2}[0-9]{15,18}")
MAX_CHILDREN = 100
COMMENTS_SHOWN = 20


@dataclass(frozen=True)
class LoadedCase:
    """A case as its entries make it, and who looks at it in which language."""

    process: Process
    case: Case
    actor: Actor
    locale: str
    teams: tuple[str, ...] = ()

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
        own = (task for task in changed if not (task.done_at or task.request))
        return next((task_list_item(task, self.words) for task in own), None)

    def hold(self) -> Hold | None:
        """Return why the task is on hold, for staff to know."""
        return self.case.hold if self.actor.is_staff else None

    def offers(self) -> list[Offer]:
        """Return the steps that may be taken now."""
        return offers(self.process, self.case, self.actor, utc_now(), self.locale)

    def task_actions(self) -> list[str]:
        """Return what may be done with the task now."""
        return task_actions(self.process, self.case, self.actor, utc_now())

    def requests(self) -> list[SideTaskItem]:
        """Return the requests to others, with what may be done with each now."""
        return side_task_items(self.process, self.case, self.actor, self.teams, utc_now())


async def list_cases(
    services: Services, caller: Principal, case_filter: CaseFilter, after: Cursor | None, limit: int
) -> Listed[CaseListItem]:
    """List the cases that fit, the newest first; a system sees the cases that it brought in.

    Raises:
        Forbidden: a system asks for another source's cases, or by what only staff are shown.
        StoreDown
    """
    narrowed, reach = narrow_cases(caller, case_filter), reach_of(caller)
    page = await services.store.cases.page(caller.tenant, narrowed, after, limit, reach)
    items = await _case_list_items(services, caller, page.items)
    left_out = services.corrupt_rows.note("cases", page.corrupt)
    return Listed(tuple(items), page.next, left_out)


async def read_case(services: Services, caller: Principal, number: str, locale: str) -> CaseDetails:
    """Return the case with all that a person at work on it needs.

    Raises:
        NotFound, NumberMisread
        StoreDown, CorruptRow
    """
    return await details_of(services, caller, await load_case(services, caller, number, locale))


async def details_of(services: Services, caller: Principal, loaded: LoadedCase) -> CaseDetails:
    """Return a case that was loaded, with all that a person at work on it needs.

    Raises:
        StoreDown
    """
    row, opening = loaded.row(), loaded.case.opening
    number = opening.number
    customer = await _customer(services, caller, opening) if sees_customer(caller, row) else None
    comments = await services.store.comments.newest(
        caller.tenant,
        number,
        include_internal=reads_inside(caller),
        own=caller.own,
        limit=COMMENTS_SHOWN,
    )
    unread = await unread_messages(services, caller, [number])
    details = CaseDetails(
        case=row,
        clocks=read_clocks(loaded.case, utc_now()),
        words=loaded.words,
        proposal=opening.proposal,
        customer=customer,
        task=loaded.task(),
        hold=loaded.hold(),
        offers=loaded.offers(),
        task_actions=shown_actions(caller, loaded.task_actions()),
        children=await _children(services, caller, number),
        goods=list(opening.goods),
        units=list(loaded.process.units(loaded.case)),
        playbook=playbook_items(loaded.process, loaded.case, loaded.locale),
        proposal_reasons=proposal_reasons(loaded.process, loaded.case, loaded.locale),
        guidance=guidance_of(loaded.process, loaded.case, loaded.locale),
        requests=loaded.requests(),
        merged_into=loaded.case.merged_into,
        joined=await _joined(services, caller, loaded.case),
        comments=[ShownComment.model_validate(shown_comment(caller, each)) for each in comments],
        unread_customer_messages=unread.get(number, 0),
    )
    return shown_details(caller, details)


async def explain_clocks(services: Services, caller: Principal, number: str) -> list[Explanation]:
    """Explain each clock of a case: its budget, its pauses, the case's own limit, the policy.

    Raises:
        NotFound, NumberMisread
        StoreDown, CorruptRow
    """
    loaded = await load_case(services, caller, number, "")
    explained = explain(loaded.process, loaded.case, utc_now())
    return [shown_explanation(caller, clock) for clock in explained]


async def load_case(services: Services, caller: Principal, number: str, locale: str) -> LoadedCase:
    """Fold the case from its entries: all that is said of it is of one moment.

    Raises:
        NotFound, NumberMisread
        StoreDown, CorruptRow
    """
    case_row = await get_case_row(services, caller, number)
    entries = await services.store.entries.of(caller.tenant, number)
    process, case = fold_case(number, entries)
    return LoadedCase(process, case, caller.actor(case_row.customer), locale, caller.teams)


async def get_case_row(services: Services, caller: Principal, number: str) -> CaseView:
    """Return the case's row.

    Raises:
        NotFound: there is none, or not for this caller; the two look the same.
        NumberMisread
        StoreDown, CorruptRow
    """
    check_number(number)
    return await check_shown(services, caller, await find_case_row(services, caller.tenant, number))


async def check_shown(services: Services, caller: Principal, case_row: CaseView | None) -> CaseView:
    """Return the case's row, if the caller sees the case, also by what they did for it.

    Raises:
        NotFound: there is none, or not for this caller; the two look the same.
        StoreDown
    """
    worked = False
    if case_row is not None and reach_of(caller) is not None:
        tasks = services.store.tasks
        worked = await tasks.worked_on(caller.tenant, case_row.number, caller.id)
    return check_case(caller, case_row, worked=worked)


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


def task_list_item(
    task: TaskView,
    words: str | None,
    unread: int = 0,
    asked: Mapping[str, JsonValue] | None = None,
) -> TaskListItem:
    """Return a task as lists show it; `asked` is the form of a request to others."""
    texts = [(asked or {}).get(name) for name in ("reason", "question")]
    asks = next((text for text in texts if isinstance(text, str)), None)
    return TaskListItem(
        **task.model_dump(), words=words, unread_customer_messages=unread, asks=asks
    )


async def _children(services: Services, caller: Principal, number: str) -> list[CaseListItem]:
    """Return the cases that came of this one, as far as the caller sees them."""
    children, reach = narrow_cases(caller, CaseFilter(parent=number)), reach_of(caller)
    page = await services.store.cases.page(caller.tenant, children, None, MAX_CHILDREN, reach)
    return await _case_list_items(services, caller, page.items) if page.items else []


async def _joined(services: Services, caller: Principal, case: Case) -> list[CaseListItem]:
    """Return the cases that are merged into this one, as far as the caller sees them."""
    rows = await services.store.cases.some(caller.tenant, case.joined) if case.joined else {}
    seen = [rows[each] for each in case.joined if each in rows and sees_case(caller, rows[each])]
    return await _case_list_items(services, caller, seen) if seen else []


async def _customer(services: Services, caller: Principal, opening: Opening) -> Customer | None:
    """Return what the caller is shown of the customer.

    Staff see all that we know: what was corrected, else first what was given with this case. A
    system is shown what was given with it, and with the case that it came of: somebody else may
    have the same telephone. Of a customer that it named by reference, or long ago, it is shown what
    it said itself.
    """
    if (ref := opening.customer) is None:
        return None
    customers, given = services.store.customers, await _given_customer(services, opening)
    if not caller.is_staff:
        shown = given or await customers.get(caller.tenant, ref, caller.source)
        names = [shown.name] if shown and shown.name else []
        return _shown_customer(shown, names, ()) if shown else None
    known = await customers.get(caller.tenant, ref)
    if known is None:
        return None
    await services.access_log.note(caller, ref)
    names = await customers.names(caller.tenant, ref)
    given_contacts = given.contacts if given else ()
    if known.version > 1:
        return _shown_customer(known, names, (*known.contacts, *given_contacts))
    name = given.name if given and given.name else known.name
    return _shown_customer(replace(known, name=name), names, given_contacts)


def _shown_customer(
    customer: store_records.Customer, names: list[str], first: tuple[store_records.Contact, ...]
) -> Customer:
    """Return a customer with these contact points first, each once however it is spelt.

    What a correction took out is left out.
    """
    former = {(each.kind, kept_spelling(each)) for each in customer.former}
    contacts: dict[tuple[str, str], ContactPoint] = {}
    for each in (*first, *customer.contacts):
        point = (each.kind, kept_spelling(each))
        if point not in former:
            contacts.setdefault(point, ContactPoint.model_validate(each))
    return Customer(
        ref=customer.ref,
        name=customer.name,
        contacts=list(contacts.values()),
        names=names,
        type=customer.type,
        tier=customer.tier,
        preferred_channel=customer.preferred_channel,
    )


async def _given_customer(services: Services, opening: Opening) -> store_records.Customer | None:
    """Return what was said of the customer with this case, and with the one that it came of."""
    numbers = [number for number in (opening.number, opening.parent) if number]
    all_given = [await services.store.customers.given(opening.tenant, each) for each in numbers]
    given = [each for each in all_given if each and each.ref == opening.customer]
    if not given:
        return None
    name = next((each.name for each in given if each.name), None)
    contacts = tuple(contact for each in given for contact in each.contacts)
    return store_records.Customer(given[0].ref, name, contacts)


async def _case_list_items(
    services: Services, caller: Principal, rows: Sequence[CaseView]
) -> list[CaseListItem]:
    numbers = [row.number for row in rows]
    words = await services.store.entries.opening_words(caller.tenant, numbers)
    unread = await unread_messages(services, caller, numbers)
    return [
        CaseListItem(
            **shown_row(caller, row).model_dump(),
            words=words.get(row.number),
            unread_customer_messages=unread.get(row.number, 0),
        )
        for row in rows
    ]


async def unread_messages(
    services: Services, caller: Principal, numbers: Sequence[str]
) -> dict[str, int]:
    """Count what customers wrote and nobody on the staff has read, by case; for staff."""
    if not caller.is_staff:
        return {}
    return await services.store.comments.count_unread(caller.tenant, numbers)


async def is_awaited(services: Services, caller: Principal, number: str) -> bool:
    """Say whether the caller started a case under this number that is not recorded yet.

    Raises:
        StoreDown
    """
    if not await services.store.intake.was_reserved(caller.tenant, caller.client, number):
        return False
    return await services.store.cases.get(caller.tenant, number) is None

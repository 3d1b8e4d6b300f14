"""The page of a case: all that somebody who works on it sees at once, read once."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from app.authentication import Principal
from app.colleagues import Colleagues, read_colleagues
from app.errors import AppError, NoSuchStep, NotFound
from app.news import Seen, seen_of
from app.offers import assignable, withheld_steps
from app.outside import shown_explanation, shown_row
from app.policy import kept_under
from app.read_cases import LoadedCase, details_of, get_case_row, list_cases, load_case
from app.results import CaseDetails, CaseListItem
from app.services import Services
from app.step_forms import form_of, form_schema, processes_of, steps_of
from cases import record_of
from cases.common.offers import offers_made
from domain.engine.action_forms import Notifying
from domain.engine.kept_policy import KeptPolicy
from domain.engine.process import Process
from domain.language.effects import CUSTOMER, Notify
from domain.language.entries import Entry
from domain.language.forms import Form
from domain.read_models.explain import Explanation, explain
from domain.read_models.projection import CaseView
from i18n.notices import fields_told
from store.cases.records import CaseFilter
from store.db.clock import utc_now
from store.errors import StoreDown
from store.people.records import Staff

OTHERS: Final = 6
"""So many other cases of the customer, or of the same unit, are shown."""
MOST_SERIALS: Final = 5
"""For so many units other cases are looked for."""


@dataclass(frozen=True)
class CasePage:
    """A case as its page shows it.

    Args:
        loaded: the case and its process.
        details: what the caller is shown of it.
        clocks: why each of its clocks is due when it is.
        withheld: the steps from here that the caller may not take, each with why.
        colleagues: who is called how.
        others: other cases of the same customer, the newest first.
        parent: the case that it came of.
        same_units: other cases about a unit with the same serial number, the newest first.
        may_rewind: whether the caller may take it back.
    """

    loaded: LoadedCase
    details: CaseDetails
    clocks: Sequence[Explanation]
    withheld: Sequence[tuple[str, AppError]]
    colleagues: Colleagues
    others: Sequence[CaseListItem]
    parent: CaseView | None
    same_units: Sequence[CaseListItem]
    may_rewind: bool

    @property
    def offers(self) -> Sequence[Entry]:
        """The offers to the customer that stand, the newest first."""
        case = self.loaded.case
        return [case.entries[seq - 1] for seq in offers_made(self.loaded.process, case)]

    @property
    def seen(self) -> Seen:
        """What somebody who looks at the page has seen."""
        return seen_of(self.details)


@dataclass(frozen=True)
class StepForm:
    """The form of a step or of what is done with a task: its kind of case, class and schema.

    `public` are the names of the fields that the customer reads; `holder` held the case when it
    was read.
    """

    step: str
    kind: str
    form: type[Form]
    schema: Mapping[str, Any]
    public: frozenset[str]
    holder: str | None = None


async def read_case_page(
    services: Services, caller: Principal, number: str, locale: str
) -> CasePage:
    """Return what the page of a case shows.

    Raises:
        NotFound, NumberMisread
        StoreDown, CorruptRow
    """
    loaded = await load_case(services, caller, number, locale)
    details = await details_of(services, caller, loaded)
    now = utc_now()
    clocks = explain(loaded.process, loaded.case, now)
    rules = loaded.process.candidate_rules(loaded.case)
    return CasePage(
        loaded=loaded,
        details=details,
        clocks=[shown_explanation(caller, clock) for clock in clocks],
        withheld=withheld_steps(loaded.process, loaded.case, loaded.actor, now),
        colleagues=await read_colleagues(services, caller),
        others=await _others(services, caller, details),
        parent=await _parent(services, caller, details),
        same_units=await _same_units(services, caller, loaded),
        may_rewind=caller.is_staff and bool(loaded.actor.stands_for & rules.managers),
    )


async def read_step_form(services: Services, caller: Principal, number: str, step: str) -> StepForm:
    """Return the form of a step of the case, or of an action on its task; also without the store.

    Raises:
        NoSuchStep: its kind has no such step.
        NotFound, NumberMisread
    """
    row, policy = None, KeptPolicy(services.policy_version)
    with suppress(StoreDown):
        row = await get_case_row(services, caller, number)
        policy = await kept_under(services, row.tenant, row.policy_version)
    processes = processes_of(number, row)
    for process in processes:
        if (form := form_of(process, step)) is not None:
            schema = form_schema(process.kind, form, policy)
            public = _public_fields(process, step, form)
            holder = row.assignee if row is not None else None
            return StepForm(step, process.kind, form, schema, public, holder)
    kind = processes[0].kind
    raise NoSuchStep(kind, step, sorted({name for each in processes for name in steps_of(each)}))


def assignable_staff(page: CasePage) -> list[Staff]:
    """Return the colleagues to whom the caller may assign the case now."""
    loaded = page.loaded
    active = [each for each in page.colleagues.staff if each.active]
    return assignable(loaded.process, loaded.case, loaded.actor, utc_now(), active)


def _public_fields(process: Process, step: str, form: type[Form]) -> frozenset[str]:
    """Return the fields of a form that the customer reads: in the record, or in what is told."""
    if form is Notifying:
        return frozenset(form.model_fields)
    shown = record_of(process.kind).get(step)
    told = fields_told(_texts_to_customer(process, step), process.kind) & form.model_fields.keys()
    return frozenset({*(shown.fields if shown else ()), *told})


def _texts_to_customer(process: Process, name: str) -> Iterator[str]:
    """Yield the notices by which the customer hears of a step that staff take."""
    steps = (step for state in process.states for step in state.steps if step.name == name)
    for effect in (effect for step in steps for effect in step.does):
        if isinstance(effect, Notify) and effect.to == CUSTOMER:
            yield effect.by_staff or effect.template


async def _others(
    services: Services, caller: Principal, details: CaseDetails
) -> Sequence[CaseListItem]:
    """Return other cases of the customer, as far as the caller is shown who that is."""
    if details.customer is None:
        return ()
    same = CaseFilter(customer=details.customer.ref)
    cases = await list_cases(services, caller, same, None, OTHERS + 1)
    return [each for each in cases.items if each.number != details.case.number][:OTHERS]


async def _same_units(
    services: Services, caller: Principal, loaded: LoadedCase
) -> Sequence[CaseListItem]:
    """Return other cases about a unit of this one, by its serial number: repeat repairs, say."""
    opening = loaded.case.opening
    said = opening.form.get("serial")
    serials = {serial for goods in opening.goods for serial in goods.serials}
    serials |= {said} if isinstance(said, str) else set()
    found: dict[str, CaseListItem] = {}
    for serial in sorted(serials)[:MOST_SERIALS]:
        cases = await list_cases(services, caller, CaseFilter(serial=serial), None, OTHERS + 1)
        found |= {each.number: each for each in cases.items}
    found.pop(opening.number, None)
    return sorted(found.values(), key=lambda each: each.received_at, reverse=True)[:OTHERS]


async def _parent(services: Services, caller: Principal, details: CaseDetails) -> CaseView | None:
    """Return the case that it came of, if the caller sees it."""
    if details.case.parent is None:
        return None
    with suppress(NotFound):
        return shown_row(caller, await get_case_row(services, caller, details.case.parent))
    return None

"""What only the store knows of a case: its children, and other cases of the same order.

A step is held against them where it is submitted, before the engine decides; of one order, one
after another (`app/order_turns.py`). Not covered is what nobody knows at that moment: what is not
recorded for longer than a turn lasts, all while the store is down, and orders in spellings that are
not usual (`domain/language/spellings.py`).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from pydantic import JsonValue

from cases import CURRENT
from cases.common.authority import spending_of
from cases.common.conversion import Successor, refuse_left_goods
from cases.common.errors import ChildrenOpen
from domain.engine.case import Case
from domain.engine.definition import no_refunds, no_spending
from domain.engine.messages import Request, opening_of
from domain.engine.process import Process
from domain.engine.side_forms import APPROVE_REQUEST, ASK_APPROVAL, GivenElsewhere
from domain.engine.side_task_checks import approval_given
from domain.engine.task_actions import TASK_ACTIONS
from domain.errors import Refusal
from domain.language.forms import Form
from domain.language.spellings import spellings
from domain.language.values import Money
from domain.read_models.projection import CaseView
from store import Store
from store.cases.records import CaseFilter

Kinds = Mapping[tuple[str, int], Process]
MOST = 100
"""How many related cases are looked at."""


async def refuse_because_of_others(
    store: Store, kinds: Kinds, number: str, request: Request, now: datetime
) -> None:
    """Refuse a request that other cases forbid; what the engine refuses is left to the engine.

    Raises:
        ChildrenOpen: the case would close, by whatever way, and cases that came of it are open. The
            one that it was turned into goes on for it, so it holds nothing up.
        GoodsHere: it would go on as a kind that cannot give back what we have.
        Refusal: more would be paid than is left of what the order cost.
        StoreDown, CorruptRow
    """
    case_row = await store.cases.get(request.tenant, number)
    if case_row is None:
        return
    process = kinds[case_row.kind, case_row.process_version]
    orders = process.order_check is not None and case_row.order is not None and decides(request)
    if not orders and not _may_close(process, {command.step for command in request.commands}):
        return
    entries = await store.entries.of(request.tenant, number)
    case = process.fold(opening_of(entries[0]), entries)
    if case.request(request.id):
        return  # a repetition, which gets the answer it got before
    children = await _open_children(store, request.tenant, case)
    others = await _others(store, kinds, request.tenant, case) if orders else []
    for form, leads_to in moves(process, case, request, now):
        refuse_left_goods(process, case, form, leads_to, CURRENT)
        if leads_to != case.state:
            refuse_over_children(process, leads_to, children)
        if orders and process.order_check is not None:
            process.order_check(process, case, request.actor, form, leads_to, others)


async def with_given_elsewhere(
    store: Store, kinds: Kinds, number: str, request: Request
) -> Request:
    """Return a request that, if it asks for an approval, says what the order's other cases give.

    Raises:
        StoreDown, CorruptRow
    """
    asking = [command for command in request.commands if command.step == ASK_APPROVAL]
    row = await store.cases.get(request.tenant, number) if asking else None
    if row is None or row.order is None or kinds[row.kind, row.process_version].order_check is None:
        return request
    entries = await store.entries.of(request.tenant, number)
    opening = opening_of(entries[0])
    case = kinds[row.kind, row.process_version].fold(opening, entries)
    others = await _others(store, kinds, request.tenant, case)
    given = spending_of(others)
    if not given.whole:
        return request
    elsewhere = [*_sums(given.priced, priced=True), *_sums(given.granted, priced=False)]
    said: JsonValue = [each.model_dump(mode="json") for each in elsewhere]
    commands = tuple(
        each.model_copy(update={"form": {**each.form, "elsewhere": said}})
        if each in asking
        else each
        for each in request.commands
    )
    return request.model_copy(update={"commands": commands})


def _sums(amounts: Sequence[Money], *, priced: bool) -> list[GivenElsewhere]:
    """Return one sum for each currency."""
    sums: dict[str, Decimal] = {}
    for money in amounts:
        sums[money.currency] = sums.get(money.currency, Decimal()) + money.amount
    return [
        GivenElsewhere(amount=Money(amount=amount, currency=currency), priced=priced)
        for currency, amount in sums.items()
    ]


def decides(request: Request) -> bool:
    """Return whether a request may decide on an amount: by a step, or on somebody's asking."""
    names = {command.step for command in request.commands}
    return APPROVE_REQUEST in names or not names <= TASK_ACTIONS.keys()


def refuse_over_children(process: Process, leads_to: str | None, children: Sequence[str]) -> None:
    """Refuse a step to where a case closes while cases that came of it are open.

    Raises:
        ChildrenOpen
    """
    if children and leads_to is not None and process.closes(leads_to):
        raise ChildrenOpen(
            f"{', '.join(children)} came of this case and is still open: finish that first.",
            children=[*children],
        )


def _may_close(process: Process, names: set[str]) -> bool:
    steps = (step for state in process.states for step in state.steps if step.name in names)
    return any(process.closes(dest) for step in steps for dest in step.arrows.values())


def moves(
    process: Process, case: Case, request: Request, now: datetime
) -> Iterator[tuple[Form, str | None]]:
    """Take a request on the case, and yield each step before it is taken, as the engine lets it.

    An approval that somebody asked for is yielded as if it were the step; it leads nowhere.
    """
    try:
        process.settle(case, now)
        for command in request.commands:
            checked = process.check(case, command, request.actor, now)
            if step := checked.step:
                yield checked.form, step.arrows.get(step.decide(case, checked.form))
            elif approval := approval_given(process, case, checked.form):
                yield approval, None
            process.take(case, command, request.actor, now)
    except Refusal:
        return


async def _open_children(store: Store, tenant: str, case: Case) -> list[str]:
    """Return the open cases that came of it, without the one that goes on for it."""
    successor = case.latest(Successor)
    theirs = CaseFilter(parent=case.opening.number, open=True)
    page = await store.cases.page(tenant, theirs, None, MOST)
    numbers = [child.number for child in page.items]
    return [number for number in numbers if successor is None or number != successor.number]


async def _others(
    store: Store, kinds: Kinds, tenant: str, case: Case
) -> list[tuple[Process, Case]]:
    """Return the other cases that have the same order, however it is written, and may pay."""
    rows: dict[str, CaseView] = {}
    for order in spellings(case.opening.order or ""):
        # A spelling may be one that nobody could hand in; then no case has it.
        same = CaseFilter.model_construct(order=order)
        page = await store.cases.page(tenant, same, None, MOST - len(rows))
        rows |= {row.number: row for row in page.items}
        if len(rows) >= MOST:
            break
    others = []
    for number in sorted(rows.keys() - {case.opening.number}):
        process = kinds[rows[number].kind, rows[number].process_version]
        if process.refunds is no_refunds and process.spending is no_spending:
            continue
        entries = await store.entries.of(tenant, number)
        others.append((process, process.fold(opening_of(entries[0]), entries)))
    return others

"""One case of another system, as a file describes it, and what the engine makes of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, JsonValue, ValidationError

from app.errors import FieldFault, Unacceptable
from app.expected_errors import field_faults
from app.order_goods import NewLines
from app.start_case import MAX_CONTACTS, Input, NewContact
from cases import CURRENT
from cases.common.categories import categories_under
from cases.common.proposals import proposed, sorting_under
from domain.engine.definition import no_refunds
from domain.engine.imports import Imports
from domain.engine.kept_policy import KeptPolicy
from domain.engine.messages import Imported
from domain.engine.process import Process
from domain.errors import WrongForm
from domain.language.categories import refuse_unknown_category
from domain.language.channels import Channel
from domain.language.forms import Form, field_errors
from domain.language.sorting import sort_words
from domain.language.table import Stage, State
from domain.language.values import Code, ExternalRef, Instant, Money, Name, Priority, Text
from store.customers.contact_points import kept_spelling
from store.customers.records import Contact
from store.errors import WrongContact

OPEN, CLOSED = "open", "closed"
"""States that a file may name when it does not know ours; `stage` or `outcome` says which."""
CLASSIFIED: Final = ("category", "severity", "impact", "urgency", "hardness")
"""The fields of a line that are of the classification, if the kind has them."""
MAX_NOTES = 200
MAX_STEPS = 20


class ImportedCustomer(Input):
    """Whose case it is."""

    name: Name | None = None
    contacts: Annotated[tuple[NewContact, ...], Field(max_length=MAX_CONTACTS)] = ()


class ImportedNote(Input):
    """What somebody wrote about the case in the other system."""

    at: Instant
    by: Name | None = None
    text: Text


def _as_money(value: object) -> object:
    """Return an amount of a cell, such as `129.50` or `129.50 USD`, as JSON says it."""
    if not isinstance(value, str):
        return value
    amount, _, currency = value.strip().partition(" ")
    return {"amount": amount, **({"currency": currency.strip()} if currency else {})}


class ImportedStep(Input):
    """What was done there that the case rests on, as a step that is taken here."""

    step: Code
    form: dict[str, JsonValue] = {}


class ImportLine(Input):
    """A case of another system. `form` has the fields of the opening form beside `words`.

    `lines` are those of the order that it is about. `paid_back` is what was paid back there in sum:
    no more is paid here than what it leaves. `steps` were taken there and lead to `state`.
    """

    kind: Code
    external_ref: ExternalRef
    received_at: Instant
    channel: Channel
    words: Text
    form: dict[str, JsonValue] = {}
    customer: ImportedCustomer | None = None
    order: Code | None = None
    product: Code | None = None
    lines: NewLines | None = None
    state: Code
    stage: Code | None = None
    outcome: Code | None = None
    closed_at: Instant | None = None
    category: Code | None = None
    severity: Code | None = None
    impact: Code | None = None
    urgency: Code | None = None
    hardness: Code | None = None
    priority: Priority | None = None
    team: Code | None = None
    assignee: Code | None = None
    paid_back: Annotated[Money | None, BeforeValidator(_as_money)] = None
    steps: Annotated[tuple[ImportedStep, ...], Field(max_length=MAX_STEPS)] = ()
    history: Annotated[tuple[ImportedNote, ...], Field(max_length=MAX_NOTES)] = ()

    @property
    def order_may_be_unread(self) -> bool:
        """Whether the case is taken over while nobody can read its order: it waits instead."""
        return False


@dataclass(frozen=True)
class CheckedLine:
    """A line that can be taken over: its process, opening form, place, proposed classification.

    `state` is where it goes on; its steps begin in that of `imported`.
    """

    line: ImportLine
    process: Process
    form: Form
    imported: Imported
    proposal: dict[str, JsonValue]
    state: State


def read_line(body: JsonValue) -> ImportLine:
    """Return the case that a line describes.

    Raises:
        Unacceptable: with what is wrong with it.
    """
    try:
        return ImportLine.model_validate(body)
    except ValidationError as error:
        errors: list[Any] = field_errors(error)
        raise Unacceptable(*field_faults(errors)) from None


def check_line(line: ImportLine, now: datetime, policy: KeptPolicy | None = None) -> CheckedLine:
    """Return what the engine makes of a line whose case is opened under this policy.

    Without a policy its category is one of the kind's own.

    Raises:
        Unacceptable: with all that is wrong with it.
    """
    process = CURRENT.get(line.kind)
    if process is None:
        raise Unacceptable(_not_among("/kind", sorted(CURRENT)))
    faults = [*_wrong_times(line, now), *_wrong_contacts(line)]
    form, wrong = _opening_form(process, line)
    faults += wrong
    state, wrong = _state_of(process, line)
    faults += wrong
    if line.paid_back is not None and process.refunds is no_refunds:
        detail = "Cases of this kind pay nothing back."
        faults.append(FieldFault("/paid_back", "pays_nothing_back", detail))
    if state is not None:
        faults += [*_wrong_end(line, state), *_wrong_steps(process, line, state)]
    if form is None or state is None:
        raise Unacceptable(*faults)
    classification, wrong = _classification(process, line, form, policy)
    faults += wrong
    if faults:
        raise Unacceptable(*faults)
    imports = process.imports
    is_classified = imports is None or state.name not in imports.unclassified
    imported = Imported(
        state=_begins_in(process, line, state).value,
        classification=classification if is_classified else None,
        priority=line.priority,
        closed_at=line.closed_at,
        paid_back=line.paid_back,
    )
    return CheckedLine(line, process, form, imported, classification, state)


@cache
def names_of_states(kind: str) -> Sequence[str]:
    """Return the states that a line of a kind may name, in the order of the process."""
    process = CURRENT[kind]
    closed = [state.name.value for state in process.states if state.closed]
    by_steps = [name.value for name in process.imports.by_steps] if process.imports else []
    return [*dict.fromkeys((*_open_states(process), *by_steps, *closed, OPEN, CLOSED))]


def _begins_in(process: Process, line: ImportLine, state: State) -> StrEnum:
    """Return the state in which the steps of a line begin; without any it is where it goes on."""
    by_steps = process.imports.by_steps if process.imports and line.steps else {}
    return next((begin for end, begin in by_steps.items() if end == state.name), state.name)


def _wrong_steps(process: Process, line: ImportLine, state: State) -> Iterator[FieldFault]:
    """Yield that there are no steps that led to the state, or steps where there are none."""
    if state.closed and line.steps:
        detail = "A closed case goes through no step; leave them out, or put them into 'history'."
        yield FieldFault("/steps", "steps_when_closed", detail)
    elif not state.closed and not line.steps and state.name.value not in _open_states(process):
        by_steps = process.imports.by_steps if process.imports else {}
        begins = next(begin.value for end, begin in by_steps.items() if end == state.name)
        detail = f"Say by which steps, with their forms, the case came here from {begins}."
        yield FieldFault("/steps", "steps_missing", detail, {"begins": begins})


def _open_states(process: Process) -> Sequence[str]:
    return process.imports.open_states if process.imports else ()


def _wrong_times(line: ImportLine, now: datetime) -> Iterator[FieldFault]:
    moments = {"/received_at": line.received_at, "/closed_at": line.closed_at}
    moments |= {f"/history/{n}/at": note.at for n, note in enumerate(line.history)}
    for pointer, at in moments.items():
        if at is not None and at > now:
            yield FieldFault(pointer, "in_the_future", "This is in the future.")
    if line.closed_at is not None and line.closed_at < line.received_at:
        yield FieldFault("/closed_at", "before_received", "This is before it was received.")


def _wrong_contacts(line: ImportLine) -> Iterator[FieldFault]:
    for n, each in enumerate(line.customer.contacts if line.customer else ()):
        try:
            kept_spelling(Contact(each.kind.value, each.value))
        except WrongContact as error:
            yield FieldFault(f"/customer/contacts/{n}", "wrong_contact", str(error))


def _opening_form(process: Process, line: ImportLine) -> tuple[Form | None, list[FieldFault]]:
    try:
        return process.opens_with.strict({**line.form, "words": line.words}), []
    except WrongForm as error:
        return None, _faults(error, "/form")


def _state_of(process: Process, line: ImportLine) -> tuple[State | None, list[FieldFault]]:
    """Return the state that a line names, in our words or in the two that any system has."""
    if line.state == OPEN:
        states = [process.state(name) for name in _open_states(process)]
        return _chosen("/stage", line.stage, {state.stage.value: state for state in states[::-1]})
    if line.state == CLOSED:
        closed = [state for state in process.states if state.closed]
        return _chosen("/outcome", line.outcome, {str(each.outcome): each for each in closed})
    names = names_of_states(process.kind)
    if line.state in names:
        return process.state(line.state), []
    known = any(state.name.value == line.state for state in process.states)
    if not known:
        return None, [_not_among("/state", names)]
    detail = "A case in this state says more than a file tells, so none is imported into it."
    return None, [FieldFault("/state", "not_imported", detail, {"states": list(names)})]


def _chosen(
    pointer: str, name: str | None, states: Mapping[str, State]
) -> tuple[State | None, list[FieldFault]]:
    """Return the first state of a stage, or that of an outcome."""
    if name is not None and name in states:
        return states[name], []
    order = [stage.value for stage in Stage]
    names = sorted(states, key=lambda each: order.index(each) if each in order else 0)
    return None, [_not_among(pointer, names)]


def _wrong_end(line: ImportLine, state: State) -> Iterator[FieldFault]:
    """Yield what does not fit a closed case, or an open one."""
    if state.closed:
        if line.closed_at is None:
            yield FieldFault("/closed_at", "missing", "This is required.")
        if line.outcome not in (None, state.outcome):
            yield _not_among("/outcome", [str(state.outcome)])
        if line.assignee is not None:
            yield FieldFault("/assignee", "not_when_closed", "A closed case has no assignee.")
        return
    for name in ("closed_at", "outcome"):
        if getattr(line, name) is not None:
            yield FieldFault(f"/{name}", "only_when_closed", "Only a closed case has this.")
    if line.stage not in (None, state.stage.value):
        yield _not_among("/stage", [state.stage.value])


def _classification(
    process: Process, line: ImportLine, form: Form, policy: KeptPolicy | None
) -> tuple[dict[str, JsonValue], list[FieldFault]]:
    """Return the classification: as the line has it, the rest as the words suggest."""
    given = {name: value for name in CLASSIFIED if (value := getattr(line, name)) is not None}
    imports: Imports | None = process.imports
    if imports is None:
        return {}, [
            FieldFault(f"/{n}", "extra_forbidden", "There is no such field.") for n in given
        ]
    categories = categories_under(policy, process.kind, process.categories.built_in)
    asked = {"channel": line.channel.value, "product": line.product}
    reasons = sort_words(sorting_under(process, policy), line.words, asked)
    says = proposed(process, policy, form, reasons)
    try:
        classification = imports.classification.strict({**says, **given})
        refuse_unknown_category(categories, classification)
    except WrongForm as error:
        return {}, _faults(error)
    return classification.canonical(), []


def _faults(error: WrongForm, prefix: str = "") -> list[FieldFault]:
    errors: Any = error.params.get("errors", ())
    return [
        fault if fault.pointer != f"{prefix}/words" else FieldFault("/words", *_rest(fault))
        for fault in field_faults(errors, prefix)
    ]


def _rest(fault: FieldFault) -> tuple[str, str, Mapping[str, Any]]:
    return fault.code, fault.detail, fault.params


def _not_among(pointer: str, names: Sequence[str]) -> FieldFault:
    names = list(names)
    return FieldFault(pointer, "enum", f"There are {', '.join(names)}.", {"expected": names})

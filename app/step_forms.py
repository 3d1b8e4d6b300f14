"""What callers may submit for a step: which steps there are, and the form of each."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from app.errors import AppError, CannotConvert, FieldFault, NoSuchStep, NotFound
from app.expected_errors import refused
from cases import CURRENT, KINDS
from cases.common.categories import categories_under, with_choices
from cases.common.conversion import Conversion
from domain.case_numbers import prefix_of
from domain.engine.action_forms import request_form
from domain.engine.kept_policy import KeptPolicy
from domain.engine.messages import Command
from domain.engine.process import Process
from domain.engine.task_actions import OFFERED_ACTIONS
from domain.errors import WrongForm
from domain.language.categories import Category, refuse_unknown_category
from domain.language.forms import Form
from domain.language.roles import ROUTER, TIMER, WORLD
from domain.language.values import REFERS_TO, Known
from domain.read_models.projection import CaseView
from store.db.clock import utc_now

AUTOMATIC_ROLES = TIMER.names | WORLD.names | ROUTER.names
"""Who takes steps by themselves: theirs are not offered to callers."""


def steps_of(process: Process) -> Mapping[str, type[Form]]:
    """Return the steps that callers may take, each with the form they submit."""
    names = {
        step.name
        for state in process.states
        for step in state.steps
        if step.by.names - AUTOMATIC_ROLES
    }
    return {name: request_form(form) for name, form in process.forms.items() if name in names}


def processes_of(number: str, case_row: CaseView | None) -> list[Process]:
    """Return the case's own process; without its row all versions of its kind, the newest first.

    Raises:
        NotFound: no kind has these letters.
    """
    if case_row is not None:
        return [KINDS[case_row.kind, case_row.process_version]]
    kinds = {process.kind for process in CURRENT.values() if process.prefix == prefix_of(number)}
    versions = [process for process in KINDS.values() if process.kind in kinds]
    if not versions:
        raise NotFound
    return sorted(versions, key=lambda process: process.version, reverse=True)


def parse_form(
    processes: Sequence[Process], command: Command, pointer: str, policy: KeptPolicy | None = None
) -> Form | None:
    """Return the form of a command, read by the first of the processes that takes it.

    It is None if only other versions of the kind have the step: the engine will not offer it.
    `pointer` says where the form is in what was sent. With the case's policy its category is one of
    that; without, as where the row cannot be read, the engine says so.

    Raises:
        NoSuchStep: no version of the kind has it.
        FormRefused, CannotConvert
    """
    kind = processes[0].kind
    check_step(kind, command.step)
    first_error: AppError | None = None
    for process in processes:
        if (form := form_of(process, command.step)) is None:
            continue
        try:
            parsed = request_form(form).strict(command.form, utc_now())
            if policy is not None:
                refuse_unknown_category(_categories(kind, policy), parsed)
        except WrongForm as error:
            first_error = first_error or refused(error, kind, pointer)
        else:
            _check_conversion(kind, parsed, pointer)
            return parsed
    if first_error:
        raise first_error
    return None


def check_step(kind: str, step: str) -> None:
    """Check that a version of a kind has a step, or that it is an action on its task.

    Raises:
        NoSuchStep
    """
    versions = [process for process in KINDS.values() if process.kind == kind]
    if step not in OFFERED_ACTIONS and not any(step in process.forms for process in versions):
        raise NoSuchStep(kind, step, sorted({name for each in versions for name in steps_of(each)}))


def _check_conversion(kind: str, form: Form, pointer: str) -> None:
    if isinstance(form, Conversion) and form.kind not in (kinds := conversion_targets(kind)):
        raise CannotConvert(
            kind=kind,
            faults=[FieldFault(f"{pointer}/kind", "unknown_kind", "", {"kinds": [*kinds]})],
            params={"wanted": form.kind, "kinds": [*kinds]},
        )


def conversion_targets(kind: str) -> list[str]:
    """Return the kinds that a case of this one can be converted to."""
    return sorted(CURRENT.keys() - {kind})


@cache
def form_schema(kind: str, form: type[Form], policy: KeptPolicy | None = None) -> dict[str, Any]:
    """Return the JSON Schema of what is submitted for a step of this kind, choices included.

    The categories are those of the policy, and the kind's own where none is named.
    """
    schema = with_choices(request_form(form).model_json_schema(), _categories(kind, policy))
    if form is Conversion:
        target = schema["properties"]["kind"]
        schema["properties"]["kind"] = {**target, "enum": conversion_targets(kind)}
    return schema


def _categories(kind: str, policy: KeptPolicy | None) -> Sequence[Category]:
    built_in = CURRENT[kind].categories.built_in if kind in CURRENT else ()
    return categories_under(policy, kind, built_in)


def references(form: Form, what: Known) -> dict[str, str]:
    """Return the fields of a form that are ids of something we know, each with what it names."""
    marks = {name: field.json_schema_extra for name, field in type(form).model_fields.items()}
    named = [
        n for n, mark in marks.items() if isinstance(mark, dict) and mark.get(REFERS_TO) == what
    ]
    return {name: value for name in named if (value := getattr(form, name)) is not None}


def form_of(process: Process, step: str) -> type[Form] | None:
    """Return the form of a step of the process or of an action on its task."""
    return process.forms.get(step) or OFFERED_ACTIONS.get(step, (None, None))[0]

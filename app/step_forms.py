"""What a caller may hand in for a step: which steps there are, and the form that each takes."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from api.http.problems import Problem, problem, wrong_form
from api.steps.schemas import StepBody
from api.tasks.schemas import Handing
from cases import CURRENT, KINDS
from cases.common.conversion import Conversion
from domain.case_numbers import prefix_of
from domain.engine.action_forms import Assignment
from domain.engine.process import Process
from domain.engine.task_actions import TASK_ACTIONS
from domain.errors import WrongForm
from domain.language.forms import Form
from domain.language.roles import ROUTER, TIMER, WORLD
from domain.read_models.projection import CaseView

OURS = TIMER.names | WORLD.names | ROUTER.names
"""Who takes steps without being asked: theirs are not offered to callers."""


def steps_of(process: Process) -> Mapping[str, type[Form]]:
    """The steps that callers may take, with what they hand in."""
    asked = {s.name for state in process.states for s in state.steps if s.by.names - OURS}
    return {name: asked_form(form) for name, form in process.forms.items() if name in asked}


def tables_of(number: str, seen: CaseView | None) -> list[Process]:
    """The case's own table, or, as long as we do not know its version, all of its kind's.

    Raises:
        Problem: no kind has these letters.
    """
    if seen is not None:
        return [KINDS[seen.kind, seen.process_version]]
    kinds = {process.kind for process in CURRENT.values() if process.prefix == prefix_of(number)}
    versions = sorted(
        (p for p in KINDS.values() if p.kind in kinds), key=lambda p: p.version, reverse=True
    )
    if not versions:
        raise problem("not_found")
    return versions


def check_form(tables: Sequence[Process], step: StepBody, pointer: str) -> None:
    """Refuse a step that no version of the kind knows, and a form that fits none of the tables.

    A step that only other versions know is left to the engine: it is not offered.
    """
    kind = tables[0].kind
    versions = [process for process in KINDS.values() if process.kind == kind]
    if step.step not in TASK_ACTIONS and not any(
        step.step in process.forms for process in versions
    ):
        takes = sorted({name for process in versions for name in steps_of(process)})
        raise problem("no_such_step", kind=kind, step=step.step, steps=takes)
    shapes = [asked_form(form) for table in tables if (form := form_in(table, step.step))]
    refused: list[WrongForm] = []
    for shape in shapes:
        try:
            _check_conversion(kind, shape.strict(step.form), pointer)
            return
        except WrongForm as error:
            refused.append(error)
    if refused:
        raise wrong_form(refused[0], pointer, kind)


def _check_conversion(kind: str, form: Form, pointer: str) -> None:
    """Refuse to turn a case into one of a kind that there is not, or that it is already."""
    if isinstance(form, Conversion) and form.kind not in (choices := others(kind)):
        wrong = {"pointer": f"{pointer}/kind", "code": "unknown_kind", "detail": ""}
        params = {"wanted": form.kind, "kinds": choices}
        raise Problem("cannot_convert", params, [wrong], kind=kind)


def others(kind: str) -> list[str]:
    """The kinds that a case of this one can be turned into."""
    return sorted(CURRENT.keys() - {kind})


@cache
def schema_for(kind: str, form: type[Form]) -> dict[str, Any]:
    """The JSON Schema of what is handed in for a step of this kind, with the choices there are."""
    schema = asked_form(form).model_json_schema()
    if form is Conversion:
        schema["properties"]["kind"] = {
            **schema["properties"]["kind"],
            "enum": others(kind),
        }
    return schema


def form_in(table: Process, step: str) -> type[Form] | None:
    """The form of a step, or of an act on the task."""
    return table.forms.get(step) or TASK_ACTIONS.get(step, (None, None))[0]


def asked_form(form: type[Form]) -> type[Form]:
    """What a caller hands in: of an assignment, all but the roles, which are looked up."""
    return Handing if form is Assignment else form

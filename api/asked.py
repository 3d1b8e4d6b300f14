"""What a caller may hand in for a step: which steps there are, and the form that each takes."""

from collections.abc import Mapping, Sequence

from api.bodies import Handing, StepBody
from api.intake import wrong_form
from api.problems import problem
from cases import CURRENT, KINDS
from domain.acts import ACTS
from domain.case import Assignment
from domain.errors import WrongForm
from domain.forms import Form
from domain.numbers import prefix_of
from domain.people import ROUTER, TIMER, WORLD
from domain.process import Process
from domain.views import CaseView

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
    if step.step not in ACTS and not any(step.step in process.forms for process in versions):
        takes = sorted({name for process in versions for name in steps_of(process)})
        raise problem("no_such_step", kind=kind, step=step.step, steps=takes)
    shapes = [asked_form(form) for table in tables if (form := form_in(table, step.step))]
    refused: list[WrongForm] = []
    for shape in shapes:
        try:
            shape.strict(step.form)
            return
        except WrongForm as error:
            refused.append(error)
    if refused:
        raise wrong_form(refused[0], pointer, kind)


def form_in(table: Process, step: str) -> type[Form] | None:
    """The form of a step, or of an act on the task."""
    return table.forms.get(step) or ACTS.get(step, (None, None))[0]


def asked_form(form: type[Form]) -> type[Form]:
    """What a caller hands in: of an assignment, all but the roles, which are looked up."""
    return Handing if form is Assignment else form

"""The form to take a case back, with its plan: where it would be, what makes up for the rest."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pydantic import JsonValue

from app.authentication import Principal
from app.case_page import StepForm
from app.expected_errors import refused
from app.rewind import plan_case_rewind
from app.services import Services
from domain.engine.action_forms import ClockMode
from domain.engine.rewind.compensation import IrreversibleEffect
from domain.errors import Refusal
from domain.read_models.rewind_plan import Choice, RewindPlan
from i18n.labels import label
from i18n.notices import notice_sentence
from i18n.times import moment
from web.forms.filled import Filled, walk
from web.forms.schema import read_schema
from web.forms.typed import default_pairs
from web.http.troubles import trouble_of
from web.pages.cases.views import Attempt, CaseView, StepView
from web.rendering.amounts import money


@dataclass(frozen=True)
class EffectLine:
    """An effect since then: what and when, and the row of the form that makes up for it."""

    row: Filled
    what: str
    entry: int
    at: str
    reversible: bool


@dataclass(frozen=True)
class ClockLine:
    """A choice for the clocks: which would run, or why it is refused."""

    code: str
    running: Sequence[str]
    refused: str | None


@dataclass(frozen=True)
class RewindView:
    """The form with its plan; `refused` says why nothing makes it possible now."""

    open: StepView
    to: int
    state: str
    assignee: str | None
    effects: Sequence[EffectLine]
    clocks: Sequence[ClockLine]
    refused: str | None

    def part(self, pointer: str) -> Filled:
        """Return a field of the form by its pointer."""
        return next(each for each in walk(self.open.form.root) if each.pointer == pointer)


async def rewind_view(
    services: Services,
    caller: Principal,
    view: CaseView,
    found: StepForm,
    to: int,
    attempt: Attempt | None = None,
) -> RewindView:
    """Return the form to take a case back to an entry: a new one, or one with what was typed.

    Raises:
        Forbidden, Refused, NotFound
        StoreDown
    """
    number = view.page.details.case.number
    _, plan = await plan_case_rewind(services, caller, number, to)
    typed = attempt or Attempt(_new(view, found, plan, to), "")
    opened = view.step(found, typed)
    if attempt is None:
        opened = replace(opened, request=view.new_key())
    holder = plan.restored.holder
    return RewindView(
        open=opened,
        to=to,
        state=label(f"state.{plan.restored.state}", view.visitor.locale, found.kind),
        assignee=view.page.colleagues.name(holder.id) if holder else None,
        effects=_effects(view, opened, plan),
        clocks=[_clock_line(view, choice) for choice in plan.choices],
        refused=_reason(view, plan.refused),
    )


def _new(view: CaseView, found: StepForm, plan: RewindPlan, to: int) -> Sequence[tuple[str, str]]:
    """Return what a new form has typed in: the entry, a row for each effect, clocks that go on."""
    possible = [choice.clocks for choice in plan.choices if choice.refused is None]
    rows: list[JsonValue] = [{"effect": each.effect, "note": ""} for each in plan.effects]
    value: dict[str, JsonValue] = {"to": to, "compensations": rows}
    if ClockMode.GO_ON in possible:
        value["clocks"] = ClockMode.GO_ON.value
    return default_pairs(read_schema(found.schema), view.zone, value)


def _effects(view: CaseView, opened: StepView, plan: RewindPlan) -> list[EffectLine]:
    effects = {str(each.effect): each for each in plan.effects}
    lines = []
    for row in walk(opened.form.root):
        named = next((part.text for part in row.parts if part.field.name == "effect"), None)
        if named in effects:
            lines.append(_effect(view, row, effects[named]))
    return lines


def _effect(view: CaseView, row: Filled, effect: IrreversibleEffect) -> EffectLine:
    locale, kind = view.visitor.locale, view.page.details.case.kind
    number = view.page.details.case.number
    what = notice_sentence(effect.template, number, kind=kind, locale=locale) or effect.template
    if "amount" in effect.params:
        what += f" {money(effect.params['amount'], effect.params.get('currency'), locale)}"
    at = moment(effect.at, view.zone, locale)
    return EffectLine(row, what, effect.entry, at, effect.reversible)


def _clock_line(view: CaseView, choice: Choice) -> ClockLine:
    locale = view.visitor.locale
    running = [
        f"{label(f'clock.{clock.clock.name}', locale)} "
        f"{label(f'clock_state.{clock.state.value}', locale)}"
        + (f" {moment(clock.due, view.zone, locale)}" if clock.due else "")
        for clock in choice.running
    ]
    return ClockLine(choice.clocks.value, running, _reason(view, choice.refused))


def _reason(view: CaseView, refusal: Refusal | None) -> str | None:
    if refusal is None:
        return None
    error = refused(refusal, view.page.details.case.kind)
    return trouble_of(error, view.texts, view.visitor.locale, view.page.colleagues).detail

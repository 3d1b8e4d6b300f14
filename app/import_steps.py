"""The steps that a case took in another system: each is one that would be taken here as well."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from app.errors import invalid
from app.expected_errors import refused
from app.import_lines import CheckedLine
from cases.common.roles import STAFF_ROLES
from domain.engine.messages import Command, EarlierStep, Opening
from domain.errors import Refusal
from domain.language.roles import Actor, ActorKind

TRIAL: Final = Actor(kind=ActorKind.STAFF, id="import", roles=tuple(STAFF_ROLES))
"""Whoever decided there: in whatever role, so that only what nobody may decide is refused."""


def earlier_steps(checked: CheckedLine, opening: Opening, now: datetime) -> Sequence[EarlierStep]:
    """Return the steps of a line as its case keeps them, once they were tried.

    Raises:
        Refused, FormRefused: one of them would not be taken here; says why.
        Unacceptable: they lead to another state than the line says.
    """
    process, steps = checked.process, checked.line.steps
    if not steps:
        return ()
    case = process.open(opening, now)
    for place, each in enumerate(steps):
        if each.step not in process.forms:
            names = sorted(process.forms)
            detail = f"This is no step of a case; there are {', '.join(names)}."
            raise invalid(f"/steps/{place}/step", "enum", detail, expected=names)
        command = Command(step=each.step, form=each.form)
        try:
            process.take(case, command, TRIAL, now)
        except Refusal as refusal:
            raise refused(refusal, process.kind, f"/steps/{place}/form") from None
    if case.state != checked.state.name.value:
        detail = f"The steps lead to {case.state}."
        raise invalid("/steps", "steps_lead_elsewhere", detail, leads_to=case.state)
    taken = (entry for entry in case.entries if entry.step)
    return [EarlierStep(step=str(entry.step), form=entry.form) for entry in taken]

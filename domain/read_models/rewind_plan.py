"""The plan to take a case back: where it would be, what stays done, what would run, what hinders.

It is tried on a copy by the very rules of the rewind, so that plan and rewind agree.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from domain.engine.action_forms import ClockMode, CompensationMethod
from domain.engine.case import Case
from domain.engine.messages import Command
from domain.engine.process import Process
from domain.engine.rewind.compensation import IrreversibleEffect, irreversible_effects
from domain.engine.rewind.rules import no_such_entry
from domain.errors import Refusal
from domain.language.clocks import ClockInstance
from domain.language.roles import Actor


@dataclass(frozen=True)
class Choice:
    """What one choice for the clocks would bring: the clocks that run then, or its refusal."""

    clocks: ClockMode
    running: tuple[ClockInstance, ...] = ()
    refused: Refusal | None = None


@dataclass(frozen=True)
class RewindPlan:
    """All that taking the case back would take; `refused` if nothing makes it possible now."""

    restored: Case
    effects: tuple[IrreversibleEffect, ...]
    choices: tuple[Choice, ...]
    refused: Refusal | None


def plan_rewind(process: Process, case: Case, to: int, actor: Actor, at: datetime) -> RewindPlan:
    """Return what this actor would bring about by taking the case back now. Changes nothing.

    Raises:
        NothingToRewind: there is no such entry before the newest.
    """
    settled = case.copy()
    process.settle(settled, at)
    if to >= settled.last.seq:
        raise no_such_entry(settled)
    effects = tuple(irreversible_effects(process, settled, to))
    choices = tuple(_try(process, settled, to, effects, mode, actor, at) for mode in ClockMode)
    (refused,) = [each.refused for each in choices if each.clocks is ClockMode.RESTART]
    restored = process.as_of(settled, to)
    return RewindPlan(restored, effects, () if refused else choices, refused)


def _try(
    process: Process,
    case: Case,
    to: int,
    effects: Sequence[IrreversibleEffect],
    mode: ClockMode,
    actor: Actor,
    at: datetime,
) -> Choice:
    """Take a copy of the case back, with every effect accepted, which is always allowed."""
    accepted: list[JsonValue] = [
        {"effect": effect.effect, "how": CompensationMethod.ACCEPT.value, "note": "-"}
        for effect in effects
    ]
    form: dict[str, JsonValue] = {
        "to": to,
        "reason": "-",
        "clocks": mode.value,
        "compensations": accepted,
    }
    trial = case.copy()
    try:
        process.take(trial, Command(step="rewind", form=form), actor, at)
    except Refusal as refusal:
        return Choice(mode, refused=refusal)
    return Choice(mode, running=tuple(each for each in trial.clocks.values() if each.open))

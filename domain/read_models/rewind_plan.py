"""The plan to take a case back: where it would be, what stays done, what would run, what hinders.

It is tried out on a copy by the very rules of the act, so that plan and act agree.
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
    """What one choice for the clocks would bring: those that run then, or why it is refused."""

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
    """What this actor would bring about by taking the case back now. Changes nothing.

    Raises:
        NothingToRewind: there is no such entry before the newest.
    """
    now = case.copy()
    process.settle(now, at)
    if to >= now.last.seq:
        raise no_such_entry(now)
    then, effects = process.as_of(now, to), tuple(irreversible_effects(process, now, to))
    made_up = _made_up(effects)
    choices = tuple(_tried(process, now, to, made_up, each, actor, at) for each in ClockMode)
    (hindrance,) = [each.refused for each in choices if each.clocks is ClockMode.RESTART]
    return RewindPlan(then, effects, () if hindrance else choices, hindrance)


def _made_up(effects: Sequence[IrreversibleEffect]) -> list[JsonValue]:
    """Something for every effect, in a way that is always allowed."""
    return [
        {"effect": e.effect, "how": CompensationMethod.ACCEPT.value, "note": "-"} for e in effects
    ]


def _tried(
    process: Process,
    case: Case,
    to: int,
    made_up: list[JsonValue],
    clocks: ClockMode,
    actor: Actor,
    at: datetime,
) -> Choice:
    form: dict[str, JsonValue] = {"to": to, "reason": "-", "clocks": clocks.value}
    trial = case.copy()
    try:
        command = Command(step="rewind", form={**form, "compensations": made_up})
        process.take(trial, command, actor, at)
    except Refusal as refusal:
        return Choice(clocks, refused=refusal)
    running = (reading for reading in trial.clocks.values() if reading.open)
    return Choice(clocks, running=tuple(running))

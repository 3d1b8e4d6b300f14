"""The table of a kind's process: states, and the steps that lead out of them."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum, auto
from typing import TYPE_CHECKING, Any

from domain.language.clocks import Clock
from domain.language.effects import Call, Effect
from domain.language.forms import F, Form
from domain.language.roles import CUSTOMER, NOBODY, NOT_STAFF, Roles
from domain.language.waits import Wait, as_wait

if TYPE_CHECKING:
    from domain.engine.case import Case


Decision = Callable[["Case", Any], Hashable]


class Stage(StrEnum):
    """The manual's six stages (M 1.4, 3.3, 6.2), on which every kind reports."""

    ACCEPT = auto()
    CLASSIFY = auto()
    ASSIGN = auto()
    RESOLVE = auto()
    FOLLOW_UP = auto()
    CLOSE = auto()


class WaitsOn(StrEnum):
    """On whom a case waits; only a state that waits on staff has a task."""

    STAFF = auto()
    CUSTOMER = auto()
    WORLD = auto()
    NOBODY = auto()


@dataclass(frozen=True)
class Step:
    """One arrow, or one arrow per outcome, out of a state. Build it with `step`."""

    name: str
    form: type[Form]
    by: Roles
    decide: Decision
    arrows: Mapping[Hashable, str]
    after: Wait | None
    until: Wait | None
    does: tuple[Effect, ...]
    by_hand: bool
    reports: bool = False
    abandons: bool = False
    given: "Callable[[Case], bool] | None" = None
    """Whether the case has what the step is about; else it is not offered. None: it always has."""
    fills: "Callable[[Case], Form] | None" = None
    """What time hands in when it takes the step itself. None: an empty form."""


def step(  # noqa: PLR0913 — as many as a row of a process table has columns
    name: str,
    form: type[F],
    *,
    by: Roles,
    to: StrEnum | Mapping[Any, StrEnum],
    decide: "Callable[[Case, F], Hashable] | None" = None,
    after: Wait | timedelta | None = None,
    until: Wait | timedelta | None = None,
    does: Sequence[Effect] = (),
    by_hand: bool = False,
    reports: bool = False,
    abandons: bool = False,
) -> Step:
    """Return a step: who (`by`) may hand in which form, and where that leads.

    Args:
        name: a verb, stable: it is in paths, histories and events.
        form: what is handed in.
        by: the roles that may; nobody else may.
        to: the next state, or one for each outcome.
        decide: the outcome of a form, pure; by default the form's field `outcome`.
        after: elapsed time in the state after which the timer takes this step itself.
        until: elapsed time in the state after which the step is no longer offered.
        does: effects of taking the step, whatever its outcome.
        by_hand: whether people did in the world what no port did; no port can reverse it.
        reports: whether it says what came to the case from beside its task: whoever holds the
            task, anybody in `by` may, and it makes nobody a candidate.
        abandons: whether it gives up what the case is for; pages keep it apart from the work.
    """
    arrows: Mapping[Hashable, str]
    if isinstance(to, StrEnum):
        decide, arrows = _no_branch, {None: to.value}
    else:
        decide, arrows = decide or by_outcome, {outcome: dest.value for outcome, dest in to.items()}
    return Step(
        name=name,
        form=form,
        by=by,
        decide=decide,
        arrows=arrows,
        after=after if after is None else as_wait(after),
        until=until if until is None else as_wait(until),
        does=tuple(does),
        by_hand=by_hand,
        reports=reports,
        abandons=abandons,
    )


@dataclass(frozen=True)
class State:
    """A state of a case: what it waits for, its stage, the steps that lead out.

    Args:
        name: stable, unique within the process.
        waits_for: in words, "the customer's answer to the offer".
        stage: the manual's stage it belongs to.
        waits_on: on whom it waits.
        clears_assignee: whether entering takes the task away from whoever held the case.
        outcome: how a case that ends here ended; only on closed states.
        does: effects of entering the state.
        starts: clocks that start here, unless an instance of them is open.
        pauses: clocks that are paused as long as the case is here.
        stops: clocks that are met by coming here.
        delivers: whether the customer gets here what is due, so that nothing is left to withdraw.
        steps: the steps that lead out.
    """

    name: StrEnum
    waits_for: str
    stage: Stage
    waits_on: WaitsOn = WaitsOn.STAFF
    clears_assignee: bool = False
    outcome: str | None = None
    does: Sequence[Effect] = ()
    starts: Sequence[Clock] = ()
    pauses: Sequence[Clock] = ()
    stops: Sequence[Clock] = ()
    delivers: bool = False
    steps: Sequence[Step] = ()

    @property
    def closed(self) -> bool:
        """Whether the case is concluded here (a closed case may still be reopened for a time)."""
        return self.stage is Stage.CLOSE

    @property
    def call(self) -> Call | None:
        """The call that this state makes, if it waits on the world."""
        return next((effect for effect in self.does if isinstance(effect, Call)), None)

    @property
    def staff(self) -> Roles:
        """The staff roles that the work of this state is for.

        Whoever may only write down what a customer says, or report something, is not among them.
        """
        steps = [each for each in self.steps if not each.reports]
        work = [each.by for each in steps if not each.by & CUSTOMER]
        allowed = NOBODY.union(*(work or [each.by for each in steps]))
        return Roles(allowed.names - NOT_STAFF.names)

    @property
    def workers(self) -> Roles:
        """The staff roles that a task of this state is for.

        Where the case waits for the customer there is one once they wrote: it is for those who may
        write down what they say.
        """
        if self.staff or self.waits_on is not WaitsOn.CUSTOMER:
            return self.staff
        steps = NOBODY.union(*(each.by for each in self.steps if not each.reports))
        return Roles(steps.names - NOT_STAFF.names)

    def timed(self, case: "Case") -> tuple[timedelta, Step] | None:
        """Return the step that time takes first in a case that is here, and after how long."""
        timed = [
            (each.after.of(case), each)
            for each in self.steps
            if each.after is not None and (each.given is None or each.given(case))
        ]
        return min(timed, key=lambda pair: pair[0], default=None)


def _no_branch(_case: "Case", _form: Form) -> Hashable:
    return None


def by_outcome(_case: "Case", form: Form) -> Hashable:
    """Return the outcome by which a step branches that has no `decide` of its own."""
    return getattr(form, "outcome", None)

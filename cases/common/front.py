"""The front of every kind: received, accepted, classified, assigned (manual M 3.3, 6.2; A 3.1)."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum, auto
from typing import Any

from cases.common.classification import Classified
from cases.common.clocks import ACCEPTANCE, FOLLOW_UP, PROGRESS, RESOLUTION, RESPONSE
from cases.common.forms import Acceptance, Withdrawal
from cases.common.policy import policy_of
from cases.common.roles import CUSTOMER_OR_DESK, HANDLERS
from cases.common.sorting import sort_opening
from cases.common.tail import Tail
from domain.engine.action_forms import Assignment
from domain.engine.case import Case
from domain.errors import ReasonMissing
from domain.language.categories import CATEGORY
from domain.language.clocks import Clock
from domain.language.effects import Notify, notify
from domain.language.forms import Form
from domain.language.roles import ROUTER, TIMER, Actor, Roles
from domain.language.table import Stage, State, Step, step

AT_ONCE = timedelta(seconds=1)
"""How long somebody who accepts a case may take to classify it before the rules do (ours)."""


class Front(StrEnum):
    """The states in which every case starts."""

    RECEIVED = auto()
    ACCEPTED = auto()
    CLASSIFIED = auto()


def withdraw(
    to: StrEnum | Mapping[Any, StrEnum] = Tail.WITHDRAWN,
    decide: Callable[[Case, Withdrawal], Hashable] | None = None,
) -> Step:
    """The customer may withdraw from any open state before the resolution (ours), and hears of it.

    Where staff do it, the customer is told that we ended it, and why.

    Args:
        to: where it leads; while we have the customer's goods, the state that gives them back.
        decide: chooses the state, if there are several.
    """
    return step(
        "withdraw", Withdrawal, by=CUSTOMER_OR_DESK, to=to, decide=decide,
        does=[Notify("withdrawn", by_staff="withdrawn_by_us")], abandons=True,
    )  # fmt: skip


def refuse_unexplained_withdrawal(actor: Actor, form: Form) -> None:
    """Refuse staff to withdraw a case without saying why; a customer needs no reason.

    Raises:
        ReasonMissing
    """
    if isinstance(form, Withdrawal) and actor.is_staff and not form.reason.strip():
        raise ReasonMissing(
            "Say in 'reason' why the case is withdrawn and how the customer said so.",
            step="withdraw",
        )


def _by_rules(classification: type[Classified]) -> Step:
    """The rules of the policy classify the case, where it says that they do (M 6.2)."""
    taken = step("classify_by_rules", classification, by=TIMER, after=AT_ONCE, to=Front.CLASSIFIED)
    return replace(
        taken,
        given=_is_decided,
        fills=lambda case: classification.lenient(case.opening.proposal),
    )


def _is_decided(case: Case) -> bool:
    """Return whether the policy's rules classify a case: they decide, and found a category."""
    sorting = policy_of(case).sortings.get(case.opening.kind)
    if sorting is None or not sorting.decides or CATEGORY not in case.opening.proposal:
        return False
    return any(each.field == CATEGORY for each in sort_opening(sorting, case.opening))


def front(
    classification: type[Classified],
    *,
    to: StrEnum | Mapping[Any, StrEnum],
    decide: Callable[[Case, Assignment], Hashable] | None = None,
    by: Roles = HANDLERS,
    met: Sequence[Clock] = (RESPONSE, ACCEPTANCE),
    promises: Sequence[Clock] = (),
    withdraw: Callable[[], Step] = withdraw,
) -> list[State]:
    """Return the three states before the work begins.

    Args:
        classification: the kind's form for classifying a case.
        to: where the assigned case is worked on; one state for each outcome of `decide`.
        decide: chooses the state, if there are several.
        by: who accepts, classifies and assigns a case; the router assigns those of every kind.
        met: the clocks whose promise is kept by accepting.
        promises: the clocks that only some classifications demand.
        withdraw: the step by which the customer withdraws.
    """
    received = State(
        Front.RECEIVED, "a responsible person to accept it", Stage.ACCEPT,
        does=[notify("received")], starts=[RESPONSE, ACCEPTANCE, RESOLUTION, PROGRESS],
        steps=[
            step("accept", Acceptance, by=by, to=Front.ACCEPTED),
            withdraw(),
        ],
    )  # fmt: skip
    accepted = State(
        Front.ACCEPTED, "its classification", Stage.CLASSIFY, stops=met,
        steps=[
            step("classify", classification, by=by, to=Front.CLASSIFIED),
            _by_rules(classification),
            withdraw(),
        ],
    )  # fmt: skip
    classified = State(
        Front.CLASSIFIED, "somebody to handle it", Stage.ASSIGN, clears_assignee=True,
        starts=[RESOLUTION, PROGRESS, *promises], stops=[FOLLOW_UP],
        steps=[
            step("assign", Assignment, by=by | ROUTER, to=to, decide=decide),
            step("reclassify", classification, by=HANDLERS, to=Front.CLASSIFIED),
            withdraw(),
        ],
    )  # fmt: skip
    return [received, accepted, classified]

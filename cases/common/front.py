"""The front of every kind: received, accepted, classified, assigned (manual M 3.3, 6.2; A 3.1)."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from enum import StrEnum, auto
from typing import Any

from cases.common.classification import Classified
from cases.common.clocks import ACCEPTANCE, FOLLOW_UP, PROGRESS, RESOLUTION, RESPONSE
from cases.common.forms import Acceptance, Withdrawal
from cases.common.roles import CUSTOMER_OR_DESK, HANDLERS
from cases.common.tail import Tail
from domain.engine.action_forms import Assignment
from domain.engine.case import Case
from domain.errors import ReasonMissing
from domain.language.clocks import Clock
from domain.language.effects import Notify, notify
from domain.language.forms import Form
from domain.language.roles import ROUTER, Actor, Roles
from domain.language.table import Stage, State, Step, step


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

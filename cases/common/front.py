"""The front of every kind: received, accepted, classified, assigned (manual M 3.3, 6.2; A 3.1)."""

from collections.abc import Callable, Hashable, Mapping
from enum import StrEnum, auto
from typing import Any

from cases.common.classification import Classified
from cases.common.clocks import ACCEPTANCE, PROGRESS, RESOLUTION, RESPONSE
from cases.common.forms import Acceptance, Withdrawal
from cases.common.roles import CUSTOMER_OR_DESK, HANDLERS
from cases.common.tail import Tail
from domain.case import Assignment, Case
from domain.effects import notify
from domain.table import Stage, State, Step, step


class Front(StrEnum):
    """Where every case starts."""

    RECEIVED = auto()
    ACCEPTED = auto()
    CLASSIFIED = auto()


def withdraw() -> Step:
    """The customer may withdraw from any open state before the resolution (ours)."""
    return step("withdraw", Withdrawal, by=CUSTOMER_OR_DESK, to=Tail.WITHDRAWN)


def front(
    classification: type[Classified],
    *,
    to: StrEnum | Mapping[Any, StrEnum],
    decide: Callable[[Case, Assignment], Hashable] | None = None,
) -> list[State]:
    """The three states before the work begins.

    Args:
        classification: the kind's form for sorting a case.
        to: where the assigned case is worked on; one state for each outcome of `decide`.
        decide: which, if there are several.
    """
    received = State(
        Front.RECEIVED, "a responsible person to accept it", Stage.ACCEPT,
        does=[notify("received")], starts=[RESPONSE, ACCEPTANCE, RESOLUTION, PROGRESS],
        steps=[
            step("accept", Acceptance, by=HANDLERS, to=Front.ACCEPTED),
            withdraw(),
        ],
    )  # fmt: skip
    accepted = State(
        Front.ACCEPTED, "its classification", Stage.CLASSIFY, stops=[RESPONSE, ACCEPTANCE],
        steps=[
            step("classify", classification, by=HANDLERS, to=Front.CLASSIFIED),
            withdraw(),
        ],
    )  # fmt: skip
    classified = State(
        Front.CLASSIFIED, "somebody to handle it", Stage.ASSIGN, unassigns=True,
        steps=[
            step("assign", Assignment, by=HANDLERS, to=to, decide=decide),
            step("reclassify", classification, by=HANDLERS, to=Front.CLASSIFIED),
            withdraw(),
        ],
    )  # fmt: skip
    return [received, accepted, classified]

"""The tail of every kind: the outcome is told, followed up, closed (manual M 1.4.1, 3.3, 6.2)."""

from collections.abc import Callable, Hashable, Sequence
from enum import StrEnum, auto

from cases.common.clocks import FOLLOW_UP, PROGRESS, RESOLUTION
from cases.common.forms import Confirmation, FollowUp, NotTold, Reopening, Told, ToldByHand
from cases.common.policy import FAILED_ATTEMPTS, REOPEN_WINDOW
from cases.common.roles import CUSTOMER_OR_DESK, HANDLERS
from domain.engine.case import Case
from domain.language.clocks import Clock
from domain.language.effects import tell
from domain.language.forms import F
from domain.language.roles import CUSTOMER, WORLD
from domain.language.table import Stage, State, Step, WaitsOn, step


class Tail(StrEnum):
    """Where every case ends."""

    TELLING = auto()
    TELLING_BY_HAND = auto()
    FOLLOWING_UP = auto()
    CLOSED = auto()
    UNCONFIRMED = auto()
    WITHDRAWN = auto()


class Reply(StrEnum):
    """What a follow-up brought."""

    SOLVED = auto()
    NOT_SOLVED = auto()
    NOT_REACHED = auto()
    GIVEN_UP = auto()


Ends = Callable[[Case], StrEnum | None]


def tail(
    *,
    again: StrEnum,
    ends: Ends | None = None,
    others: Sequence[State] = (),
    clears_assignee: bool = False,
) -> list[State]:
    """The states after the work: nothing closes before the customer was told (M 6.2).

    Args:
        again: where the work goes on when the customer says that it is not solved.
        ends: where a case ends that did not get what it was opened for; None if it did.
        others: the closed states of such cases.
        clears_assignee: whether the follow-up is for others than those who did the work.
    """
    return [
        State(
            Tail.TELLING, "the outcome to be sent to the customer", Stage.RESOLVE,
            waits_on=WaitsOn.WORLD, does=[tell("outcome")], clears_assignee=clears_assignee,
            steps=[
                step("told", Told, by=WORLD, to=Tail.FOLLOWING_UP),
                step("tell_failed", NotTold, by=WORLD, to=Tail.TELLING_BY_HAND),
            ],
        ),
        State(
            Tail.TELLING_BY_HAND, "somebody to tell the customer in person", Stage.RESOLVE,
            steps=[step("told_by_hand", ToldByHand, by=HANDLERS, to=Tail.FOLLOWING_UP)],
        ),
        _following_up(again, ends, others),
        *others,
        closed(Tail.CLOSED, "nothing: solved", outcome="solved", again=again, keeps=[FOLLOW_UP]),
        closed(Tail.UNCONFIRMED, "nothing: nobody could be reached", outcome="unconfirmed",
               again=again),
        State(
            Tail.WITHDRAWN, "nothing: withdrawn by the customer", Stage.CLOSE,
            waits_on=WaitsOn.NOBODY, outcome="withdrawn",
        ),
    ]  # fmt: skip


def _following_up(again: StrEnum, ends: Ends | None, others: Sequence[State]) -> State:
    elsewhere = {state.name: state.name for state in others}
    return State(
        Tail.FOLLOWING_UP, "the customer's word that it is solved", Stage.FOLLOW_UP,
        starts=[FOLLOW_UP], stops=[RESOLUTION, PROGRESS],
        steps=[
            step("follow_up", FollowUp, by=HANDLERS, decide=_ending(reply, ends), to={
                Reply.SOLVED: Tail.CLOSED,
                Reply.NOT_SOLVED: again,
                Reply.NOT_REACHED: Tail.FOLLOWING_UP,
                Reply.GIVEN_UP: Tail.UNCONFIRMED,
                **elsewhere,
            }),
            step("confirm", Confirmation, by=CUSTOMER, decide=_ending(solved, ends), to={
                True: Tail.CLOSED,
                False: again,
                **elsewhere,
            }),
        ],
    )  # fmt: skip


def closed(
    name: StrEnum, waits_for: str, *, outcome: str, again: StrEnum, keeps: Sequence[Clock] = ()
) -> State:
    """A closed state from which the case may be reopened in place for a time.

    Args:
        name: of the state.
        waits_for: in words.
        outcome: how the case ended.
        again: where the work goes on after a reopening.
        keeps: the clocks whose promise is kept by ending here; the others are cancelled.
    """
    return State(
        name, waits_for, Stage.CLOSE, waits_on=WaitsOn.NOBODY, outcome=outcome, stops=keeps,
        steps=[reopen(again)],
    )  # fmt: skip


def reopen(again: StrEnum) -> Step:
    """Take up a closed case again, within the reopen window."""
    return step("reopen", Reopening, by=CUSTOMER_OR_DESK, to=again, until=REOPEN_WINDOW)


def reply(case: Case, form: FollowUp) -> Reply:
    """What a call back means: the third attempt in a row that reaches nobody gives up."""
    if not form.reached:
        failed = case.times("follow_up") + 1
        return Reply.GIVEN_UP if failed >= FAILED_ATTEMPTS else Reply.NOT_REACHED
    return Reply.SOLVED if form.solved else Reply.NOT_SOLVED


def solved(_case: Case, form: Confirmation) -> bool:
    """Whether the customer says that it is solved."""
    return form.solved


def newest(case: Case, *names: StrEnum) -> str | None:
    """Through which of these states the case came last."""
    passed = (entry.led_to for entry in reversed(case.standing()))
    return next((state for state in passed if state in names), None)


def _ending(
    decide: Callable[[Case, F], Hashable], ends: Ends | None
) -> Callable[[Case, F], Hashable]:
    """The same decision, but a case that would close goes to the end that is its own."""

    def decided(case: Case, form: F) -> Hashable:
        outcome = decide(case, form)
        over = outcome in (True, Reply.SOLVED)
        return (over and ends and ends(case)) or outcome

    return decided

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
    """The states in which every case ends."""

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


Ending = Callable[[Case], StrEnum | None]


def tail(
    *,
    again: StrEnum,
    ending: Ending | None = None,
    others: Sequence[State] = (),
    clears_assignee: bool = False,
) -> list[State]:
    """Return the states after the work; nothing closes before the customer was told (M 6.2).

    Args:
        again: the state in which the work goes on when the customer says that it is not solved.
        ending: returns the closed state of a case that did not get what it was opened for, and
            None if it did.
        others: the closed states that `ending` may return.
        clears_assignee: the follow-up is for others than those who did the work.
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
            delivers=True,
            steps=[
                step("told_by_hand", ToldByHand, by=HANDLERS, by_hand=True, to=Tail.FOLLOWING_UP),
            ],
        ),
        _following_up(again, ending, others),
        *others,
        closed(Tail.CLOSED, "nothing: solved", outcome="solved", again=again, keeps=[FOLLOW_UP]),
        closed(Tail.UNCONFIRMED, "nothing: nobody could be reached", outcome="unconfirmed",
               again=again),
        State(
            Tail.WITHDRAWN, "nothing: withdrawn by the customer", Stage.CLOSE,
            waits_on=WaitsOn.NOBODY, outcome="withdrawn",
        ),
    ]  # fmt: skip


def _following_up(again: StrEnum, ending: Ending | None, others: Sequence[State]) -> State:
    own_endings = {state.name: state.name for state in others}
    return State(
        Tail.FOLLOWING_UP, "the customer's word that it is solved", Stage.FOLLOW_UP,
        starts=[FOLLOW_UP], stops=[RESOLUTION, PROGRESS],
        steps=[
            step("follow_up", FollowUp, by=HANDLERS, decide=_with_ending(reply, ending), to={
                Reply.SOLVED: Tail.CLOSED,
                Reply.NOT_SOLVED: again,
                Reply.NOT_REACHED: Tail.FOLLOWING_UP,
                Reply.GIVEN_UP: Tail.UNCONFIRMED,
                **own_endings,
            }),
            step("confirm", Confirmation, by=CUSTOMER, decide=_with_ending(solved, ending), to={
                True: Tail.CLOSED,
                False: again,
                **own_endings,
            }),
        ],
    )  # fmt: skip


def closed(
    name: StrEnum, waits_for: str, *, outcome: str, again: StrEnum, keeps: Sequence[Clock] = ()
) -> State:
    """Return a closed state from which the case may be reopened for a time.

    Args:
        name: the name of the state.
        waits_for: what it waits for, in words.
        outcome: how the case ended.
        again: the state in which the work goes on after a reopening.
        keeps: the clocks whose promise is kept by ending here; the others are cancelled.
    """
    return State(
        name, waits_for, Stage.CLOSE, waits_on=WaitsOn.NOBODY, outcome=outcome, stops=keeps,
        steps=[reopen(again)],
    )  # fmt: skip


def reopen(again: StrEnum) -> Step:
    """Reopen a closed case, within the reopen window."""
    return step("reopen", Reopening, by=CUSTOMER_OR_DESK, to=again, until=REOPEN_WINDOW)


def reply(case: Case, form: FollowUp) -> Reply:
    """Return what a call back means; the third attempt in a row that reaches nobody gives up."""
    if not form.reached:
        failed = case.times("follow_up") + 1
        return Reply.GIVEN_UP if failed >= FAILED_ATTEMPTS else Reply.NOT_REACHED
    return Reply.SOLVED if form.solved else Reply.NOT_SOLVED


def solved(_case: Case, form: Confirmation) -> bool:
    """Return whether the customer says that it is solved."""
    return form.solved


def last_of(case: Case, *names: StrEnum) -> str | None:
    """Return the one of these states that the case was in last; None if it was in none."""
    states = (entry.led_to for entry in reversed(case.effective_entries()))
    return next((state for state in states if state in names), None)


def _with_ending(
    decide: Callable[[Case, F], Hashable], ending: Ending | None
) -> Callable[[Case, F], Hashable]:
    """Return the same decision, but a case that would close as solved goes to its own ending."""

    def outcome_of(case: Case, form: F) -> Hashable:
        outcome = decide(case, form)
        is_solved = outcome in (True, Reply.SOLVED)
        return (is_solved and ending and ending(case)) or outcome

    return outcome_of

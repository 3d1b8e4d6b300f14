"""The tail of every kind: the outcome is told, followed up, closed (manual M 1.4.1, 3.3, 6.2)."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum, auto

from cases.common.clocks import FOLLOW_UP, PROGRESS, RESOLUTION
from cases.common.errors import NotContent
from cases.common.figures import FAILED_ATTEMPTS, REOPEN_WINDOW
from cases.common.forms import (
    Confirmation,
    FollowUp,
    NotTold,
    Reopening,
    Satisfaction,
    Told,
    ToldByHand,
)
from cases.common.policy import ZONE
from cases.common.roles import CUSTOMER_OR_DESK, HANDLERS
from domain.engine.case import Case
from domain.engine.definition import Rating
from domain.language.clocks import Clock
from domain.language.effects import tell
from domain.language.forms import F, Form
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
RATED: Mapping[str | None, type[Form]] = {"follow_up": FollowUp, "confirm": Confirmation}
"""The steps in which customers say how content they are."""
NOTHING = (None, None)
CONTENT = (Satisfaction.VERY_SATISFIED, Satisfaction.SATISFIED)


def reply(case: Case, form: FollowUp) -> Reply:
    """Return what a call back means; attempts that reach nobody on so many days give up."""
    if form.reached:
        return Reply.SOLVED if form.solved else Reply.NOT_SOLVED
    attempts = [e.at for e in case.entries[case.entered :] if e.step == "follow_up"]
    days = {at.astimezone(ZONE).date() for at in (*attempts, case.now) if at}
    return Reply.GIVEN_UP if len(days) >= FAILED_ATTEMPTS.of(case) else Reply.NOT_REACHED


def tail(
    *,
    again: StrEnum,
    ending: Ending | None = None,
    others: Sequence[State] = (),
    clears_assignee: bool = False,
    reply: Callable[[Case, FollowUp], Hashable] = reply,
    only_content: bool = False,
    late: Sequence[Step] = (),
    tells: Sequence[Clock] = (),
) -> list[State]:
    """Return the states after the work; nothing closes before the customer was told (M 6.2).

    Args:
        again: the state in which the work goes on when the customer says that it is not solved.
        ending: returns the closed state of a case that did not get what it was opened for, and
            None if it did.
        others: the closed states that `ending` may return.
        clears_assignee: the follow-up is for others than those who did the work.
        reply: what a call back means.
        only_content: whether a case is solved only if the customer says to be content.
        late: steps that report what comes to a case when its work is over, or was withdrawn.
        tells: clocks of the kind's own whose promise is kept when the outcome is there to tell.
    """
    closes = _Closes(ending, only_content)
    return [
        *_telling(tells, late, clears_assignee=clears_assignee),
        _following_up(again, closes, reply, others, late),
        *others,
        closed(Tail.CLOSED, "nothing: solved", outcome="solved", again=again,
               keeps=[FOLLOW_UP]),
        closed(Tail.UNCONFIRMED, "nothing: nobody could be reached", outcome="unconfirmed",
               again=again, late=late),
        State(
            Tail.WITHDRAWN, "nothing: withdrawn by the customer", Stage.CLOSE,
            waits_on=WaitsOn.NOBODY, outcome="withdrawn", steps=_late_steps(late),
        ),
    ]  # fmt: skip


def _telling(tells: Sequence[Clock], late: Sequence[Step], *, clears_assignee: bool) -> list[State]:
    return [
        State(
            Tail.TELLING, "the outcome to be sent to the customer", Stage.RESOLVE,
            waits_on=WaitsOn.WORLD, does=[tell("outcome")], clears_assignee=clears_assignee,
            stops=tells,
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
                *late,
            ],
        ),
    ]  # fmt: skip


@dataclass(frozen=True)
class _Closes:
    """How a case closes that somebody calls solved: at its own end, or only if all are content."""

    ending: Ending | None
    only_content: bool

    def after(self, decide: Callable[[Case, F], Hashable]) -> Callable[[Case, F], Hashable]:
        """Return the same decision, but for a case that does not simply close as solved."""

        def outcome_of(case: Case, form: F) -> Hashable:
            outcome = decide(case, form)
            if outcome not in (True, Reply.SOLVED):
                return outcome
            closes = closing_state(case, form, self.ending, only_content=self.only_content)
            if closes is None:
                return Reply.NOT_SOLVED if outcome is Reply.SOLVED else False
            if closes == Tail.CLOSED:
                return outcome
            return Reply.GIVEN_UP if closes == Tail.UNCONFIRMED else closes

        return outcome_of


def closing_state(
    case: Case, form: Form, ending: Ending | None, *, only_content: bool
) -> StrEnum | None:
    """Return the state in which a case closes that somebody calls solved by this form.

    None if it does not close: whoever is not satisfied calls nothing solved.
    """
    if ending and (own := ending(case)):
        return own
    rating = getattr(form, "satisfaction", None) if only_content else None
    if rating is Satisfaction.DISSATISFIED:
        return None
    return Tail.UNCONFIRMED if rating is Satisfaction.NEUTRAL else Tail.CLOSED


def _following_up(
    again: StrEnum,
    closes: _Closes,
    reply: Callable[[Case, FollowUp], Hashable],
    others: Sequence[State],
    late: Sequence[Step],
) -> State:
    own_endings: dict[Hashable, StrEnum] = {state.name: state.name for state in others}
    unconfirmed = {Reply.GIVEN_UP: Tail.UNCONFIRMED} if closes.only_content else {}
    return State(
        Tail.FOLLOWING_UP, "the customer's word that it is solved", Stage.FOLLOW_UP,
        starts=[FOLLOW_UP], stops=[RESOLUTION, PROGRESS],
        steps=[
            step("follow_up", FollowUp, by=HANDLERS, decide=closes.after(reply), to={
                Reply.SOLVED: Tail.CLOSED,
                Reply.NOT_SOLVED: again,
                Reply.NOT_REACHED: Tail.FOLLOWING_UP,
                Reply.GIVEN_UP: Tail.UNCONFIRMED,
                **own_endings,
            }),
            step("confirm", Confirmation, by=CUSTOMER, decide=closes.after(solved), to={
                True: Tail.CLOSED,
                False: again,
                **unconfirmed,
                **own_endings,
            }),
            *late,
        ],
    )  # fmt: skip


def closed(
    name: StrEnum,
    waits_for: str,
    *,
    outcome: str,
    again: StrEnum,
    keeps: Sequence[Clock] = (),
    late: Sequence[Step] = (),
) -> State:
    """Return a closed state from which the case may be reopened for a time.

    Args:
        name: the name of the state.
        waits_for: what it waits for, in words.
        outcome: how the case ended.
        again: the state in which the work goes on after a reopening.
        keeps: the clocks whose promise is kept by ending here; the others are cancelled.
        late: steps that report what comes to a closed case, as long as it may be reopened.
    """
    return State(
        name, waits_for, Stage.CLOSE, waits_on=WaitsOn.NOBODY, outcome=outcome, stops=keeps,
        steps=[reopen(again), *_late_steps(late)],
    )  # fmt: skip


def _late_steps(late: Sequence[Step]) -> list[Step]:
    return [replace(each, until=REOPEN_WINDOW) for each in late]


def reopen(again: StrEnum) -> Step:
    """Reopen a closed case, within the reopen window."""
    return step("reopen", Reopening, by=CUSTOMER_OR_DESK, to=again, until=REOPEN_WINDOW)


def solved(_case: Case, form: Confirmation) -> bool:
    """Return whether the customer says that it is solved."""
    return form.solved


def refuse_discontent(form: Form, leads_to: str | None) -> None:
    """Refuse to close a case as solved without the customer's own word of being content.

    A customer who confirms says so; staff write down how content the customer is.

    Raises:
        NotContent
    """
    if leads_to != Tail.CLOSED or not isinstance(form, FollowUp | Confirmation):
        return
    says_so = isinstance(form, Confirmation) and form.satisfaction is None
    if form.satisfaction not in CONTENT and not says_so:
        raise NotContent(
            "It closes as solved only when the customer says to be satisfied: write in "
            "'satisfaction' what the customer said, or in 'solved' that it is not.",
            allowed=[each.value for each in CONTENT],
        )


def rating(case: Case) -> Rating | None:
    """Return what the customer said last of how content they are; what was taken back is not it."""
    for entry in reversed(case.effective_entries()):
        form = RATED[entry.step].lenient(entry.form) if entry.step in RATED else None
        if isinstance(form, FollowUp | Confirmation) and (form.satisfaction, form.nps) != NOTHING:
            return Rating(satisfaction=form.satisfaction, nps=form.nps, rated_at=entry.at)
    return None


def last_of(case: Case, *names: StrEnum) -> str | None:
    """Return the one of these states that the case was in last; None if it was in none."""
    states = (entry.led_to for entry in reversed(case.effective_entries()))
    return next((state for state in states if state in names), None)

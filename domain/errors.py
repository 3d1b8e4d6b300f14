"""Refusals: why something cannot be done, as a stable code with parameters and an English sentence.

Refusal
├── StepNotOffered    the case is not where this step starts (names who was first)
├── StepJustDone      the case stays where it is, and somebody did just this a moment ago
├── StepNotAllowed    the step is not for this actor
├── WrongForm         what was handed in does not fit the step
├── TaskTaken         somebody else holds the task (names the winner)
├── TaskNotHeld       there is nothing to release, or nobody to claim for
├── NoTask            the case waits for nobody on the staff
├── TaskDone          the task is no longer open (names who was first)
├── NotACandidate     the person's roles do not fit the task
├── OnHold            the task is on hold already (names who put it aside, and until when)
├── NotOnHold         there is no hold to end
├── HoldPast          a hold must end in the future
├── HoldTooFar        a hold lasts a month at most
├── NoCustomer        there is nobody who could be told
├── Stale             the case has moved since the caller looked
├── NoPromise         the case has no open promise that could be given another limit
├── LimitPast         a limit must lie in the future
├── LimitTooFar       a limit lies within a year
├── LimitTooLong      only a manager gives a case more time
├── ReasonMissing     what is done must be given a reason
├── NothingToRewind   the case cannot be taken back to there
├── Uncompensated     an effect cannot be undone, and nothing is said to make up for it
├── RequestReused     the same request id came with another body
└── NotYourCase       a system may touch only the cases of its own source
"""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import JsonValue


class Refusal(Exception):
    """A deed was refused before it changed anything; the message is for the person who tried."""

    code: ClassVar[str] = "refused"

    def __init__(self, message: str, **params: JsonValue) -> None:
        super().__init__(message)
        self.params: Mapping[str, JsonValue] = params


class StepNotOffered(Refusal):
    """The step does not start where the case is now."""

    code = "step_not_offered"


class StepJustDone(Refusal):
    """Somebody took the same step a moment ago, and the caller does not say that it was seen."""

    code = "step_just_done"


class StepNotAllowed(Refusal):
    """The step is offered, but not to this actor."""

    code = "step_not_allowed"


class WrongForm(Refusal):
    """The form does not fit; `errors` lists each field with what is wrong."""

    code = "wrong_form"


class TaskTaken(Refusal):
    """Another person holds the task; `holder` says who."""

    code = "task_taken"


class TaskNotHeld(Refusal):
    """The task is not held by anybody, so it cannot be released."""

    code = "task_not_held"


class NoTask(Refusal):
    """The case has no open task now."""

    code = "no_task"


class TaskDone(Refusal):
    """The task was done or overtaken before; `by` says by whom."""

    code = "task_done"


class NotACandidate(Refusal):
    """The person's roles are not among those the task asks for."""

    code = "not_a_candidate"


class OnHold(Refusal):
    """The task is on hold already; `by` says by whom, `until` until when."""

    code = "on_hold"


class NotOnHold(Refusal):
    """The task is not on hold, so nothing is resumed."""

    code = "not_on_hold"


class HoldPast(Refusal):
    """The hold would be over before it begins."""

    code = "hold_past"


class HoldTooFar(Refusal):
    """The hold would last longer than any should."""

    code = "hold_too_far"


class NoCustomer(Refusal):
    """Nobody knows whose case it is, so nobody can be told."""

    code = "no_customer"


class Stale(Refusal):
    """The case or its task has moved since the version the caller names."""

    code = "stale"


class NoPromise(Refusal):
    """The clock that a limit is for does not run, or was breached, which nothing mends."""

    code = "no_promise"


class LimitPast(Refusal):
    """The limit is over before it is set."""

    code = "limit_past"


class LimitTooFar(Refusal):
    """The limit lies farther ahead than any case should."""

    code = "limit_too_far"


class LimitTooLong(Refusal):
    """The limit gives more time than the case has, and the actor is no manager."""

    code = "limit_too_long"


class ReasonMissing(Refusal):
    """It needs a reason, and none was given."""

    code = "reason_missing"


class NothingToRewind(Refusal):
    """There is no such entry to go back to, or none where people were to act."""

    code = "nothing_to_rewind"


class RefundTooHigh(Refusal):
    """In sum more would be paid back than was paid for the goods, or was approved."""

    code = "refund_too_high"


class NoClockRuns(Refusal):
    """Taken back like this, the case would have no clock that runs."""

    code = "no_clock_runs"


class CaseOver(Refusal):
    """The case is concluded and can no longer be reopened; nothing can be done with it."""

    code = "case_over"


class Uncompensated(Refusal):
    """Effects that cannot be undone need something that makes up for them; `effects` says which."""

    code = "uncompensated"


class RequestReused(Refusal):
    """A request id was used again with another body."""

    code = "request_reused"


class NotYourCase(Refusal):
    """The case came in through another system."""

    code = "not_your_case"


class WrongTable(ValueError):
    """A process table contradicts itself; raised at import, never while cases run."""

"""The engine's refusals: a stable code, a category, parameters, and a sentence for a person.

Refusal
├── Forbidden             somebody else may do it
│   ├── StepNotAllowed    the step is not for this actor
│   ├── NotACandidate     the person's roles do not fit the task
│   ├── LimitTooLong      only a manager gives a case more time
│   ├── OwnRequest        nobody answers a request of their own (four eyes)
│   └── NotInTeam         the request is for a team that the person is not in
├── NotFound              for this caller it does not exist
│   └── NotYourCase       the case came in through another system, or belongs to another tenant
├── Conflict              the case, as it stands, does not allow it
│   ├── StepNotOffered    the step does not start where the case is (names who was first)
│   ├── StepJustDone      somebody did the same a moment ago
│   ├── TaskTaken         another person holds the task (names the holder)
│   ├── TaskNotClaimed    nobody holds the task, so it cannot be released or put on hold
│   ├── NoTask            the case has no open task
│   ├── TaskDone          the task is no longer open (names who was first)
│   ├── OnHold            the task is on hold already (names who put it there, and until when)
│   ├── NotOnHold         the task is not on hold, so it cannot be resumed
│   ├── NoCustomer        the case has no customer who could be notified
│   ├── NoPromise         no clock runs that could be given another limit
│   ├── NothingToRewind   the case cannot go back to that entry
│   ├── CaseFull          the case has become so large that it can only be brought to its end
│   ├── NoClockRuns       after this rewind no clock of the case would run
│   ├── NoSuchRequest     the case has no such request to others
│   ├── RequestSettled    the request was answered before, or taken back (names who was first)
│   ├── NoApprovals       cases of this kind pay nothing that anybody would approve
│   ├── TooManyRequests   as many requests are open as a case may have
│   ├── NothingToChase    the case is concluded, so there is nothing to chase
│   ├── UnitInCase        another open case has a unit of the goods
│   └── CaseOver          the case is concluded and can no longer be reopened
├── Outdated              the caller looked at an older version
│   └── Stale             the case or its task has moved since
└── Invalid               what was sent can never be done like this
    ├── WrongForm         the form does not fit the step (lists the fields)
    ├── HoldPast          the hold would end before it begins
    ├── HoldTooFar        the hold would last longer than any may
    ├── LimitPast         the limit is over before it is set
    ├── LimitTooFar       the limit lies farther ahead than any may
    ├── MoreThanRequested more would be approved than was asked for
    ├── ReasonMissing     it needs a reason, and none was given
    ├── Uncompensated     the rewind leaves effects that nothing makes up for (lists them)
    ├── RequestTooLarge   its steps have more bytes than a case takes at a time
    └── RequestReused     the same request id came with another body

NewerSchema (ValueError)  a newer version wrote an entry with fields that this one would lose
WrongTable (ValueError)   a process table or a kind's refusal contradicts another; raised at import

A kind's own refusals stand in `cases/<kind>/errors.py` and have the same five bases.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum, auto
from types import MappingProxyType
from typing import ClassVar

from pydantic import JsonValue


class Category(StrEnum):
    """What sort of refusal it is; the API has one HTTP status for each."""

    FORBIDDEN = auto()
    NOT_FOUND = auto()
    CONFLICT = auto()
    OUTDATED = auto()
    INVALID = auto()


class WrongTable(ValueError):
    """A table or a refusal contradicts another or itself; raised at import, not while cases run."""


class Refusal(Exception):
    """A command was refused before it changed anything; the message is for the person who tried.

    A refusal derives from one of the five bases below, which give its category, and has a code
    that no other has, which is checked when its class is made.
    """

    code: ClassVar[str]
    category: ClassVar[Category]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "code" in cls.__dict__:
            cls._register()

    @classmethod
    def _register(cls) -> None:
        """Enter the class under its code; a module that is loaded anew makes its classes again."""
        other = _BY_CODE.setdefault(cls.code, cls)
        if (other.__module__, other.__name__) != (cls.__module__, cls.__name__):
            where = f"{other.__module__}.{other.__name__}, {cls.__module__}.{cls.__name__}"
            raise WrongTable(f"two refusals have the code {cls.code} ({where}); rename one")
        _BY_CODE[cls.code] = cls

    def __init__(self, message: str, **params: JsonValue) -> None:
        super().__init__(message)
        self.params: Mapping[str, JsonValue] = params


_BY_CODE: dict[str, type[Refusal]] = {}


class Forbidden(Refusal):
    """Somebody else may do it."""

    category = Category.FORBIDDEN


class NotFound(Refusal):
    """For this caller it does not exist."""

    category = Category.NOT_FOUND


class Conflict(Refusal):
    """The case, as it stands, does not allow it."""

    category = Category.CONFLICT


class Outdated(Refusal):
    """The caller looked at an older version."""

    category = Category.OUTDATED


class Invalid(Refusal):
    """What was sent can never be done like this."""

    category = Category.INVALID


def category_of(code: str) -> Category:
    """Return the category of a refusal by its code, as it came back from a workflow.

    Raises:
        KeyError: no refusal that is imported has this code.
    """
    return refusals()[code].category


def refusals() -> Mapping[str, type[Refusal]]:
    """Return every refusal that is imported, the kinds' own included, by its code."""
    return MappingProxyType(_BY_CODE)


class StepNotAllowed(Forbidden):
    """The step is offered, but not to this actor."""

    code = "step_not_allowed"


class NotACandidate(Forbidden):
    """The person's roles are not among those the task asks for."""

    code = "not_a_candidate"


class LimitTooLong(Forbidden):
    """The limit gives more time than the case has, and the actor is no manager."""

    code = "limit_too_long"


class OwnRequest(Forbidden):
    """The person asked for it themselves: four eyes see more than two."""

    code = "own_request"


class NotInTeam(Forbidden):
    """The request is for a team that the person is not in; `team` says for which."""

    code = "not_in_team"


class NotYourCase(NotFound):
    """The case came in through another system, or belongs to another tenant."""

    code = "not_your_case"


class StepNotOffered(Conflict):
    """The step does not start where the case is; `by` says who took it before, if anybody did."""

    code = "step_not_offered"


class StepJustDone(Conflict):
    """Somebody took the same step a moment ago, and the caller does not say that it was seen."""

    code = "step_just_done"


class TaskTaken(Conflict):
    """Another person holds the task; `by` says who."""

    code = "task_taken"


class TaskNotClaimed(Conflict):
    """Nobody holds the task, so it cannot be released or put on hold."""

    code = "task_not_claimed"


class NoTask(Conflict):
    """The case has no open task now."""

    code = "no_task"


class NotAwaited(Conflict):
    """The case does not wait for a message of the customer's, or has heard of one already."""

    code = "not_awaited"


class NotHeard(Conflict):
    """No message of the customer's waits for an answer."""

    code = "not_heard"


class TaskDone(Conflict):
    """The task was done or overtaken before; `by` says by whom."""

    code = "task_done"


class NoSuchRequest(Conflict):
    """The case has no such request, or it is one of another sort."""

    code = "no_such_request"


class RequestSettled(Conflict):
    """The request was answered before, taken back or lapsed; `by` says by whom."""

    code = "request_settled"


class NoApprovals(Conflict):
    """Cases of this kind pay nothing that anybody would approve."""

    code = "no_approvals"


class TooManyRequests(Conflict):
    """The case has as many open requests as it may have."""

    code = "too_many_requests"


class NothingToChase(Conflict):
    """The case is concluded."""

    code = "nothing_to_chase"


class OnHold(Conflict):
    """The task is on hold already; `by` says by whom, `until` until when."""

    code = "on_hold"


class NotOnHold(Conflict):
    """The task is not on hold, so it cannot be resumed."""

    code = "not_on_hold"


class NoCustomer(Conflict):
    """The case has no customer, so nobody can be notified."""

    code = "no_customer"


class NoPromise(Conflict):
    """The clock that a limit is for does not run, or was breached, which nothing mends."""

    code = "no_promise"


class NothingToRewind(Conflict):
    """There is no such entry to go back to, or nobody was to act after it."""

    code = "nothing_to_rewind"


class NoClockRuns(Conflict):
    """After this rewind no clock of the case would run."""

    code = "no_clock_runs"


class CaseFull(Conflict):
    """The case has become so large that it can only be brought to its end."""

    code = "case_full"


class UnitInCase(Conflict):
    """Another open case has a unit of the goods; `cases` are those that may be named.

    `line` is that of its order, or else `serial` is the number that people read on it.
    """

    code = "unit_in_case"

    def __init__(self, line: str, cases: Sequence[str], *, read: bool = False) -> None:
        where = f"the case {', '.join(cases)}" if cases else "another case"
        why = "_".join([*(["serial"] if read else []), *([] if cases else ["hidden"])])
        said: dict[str, JsonValue] = {"why": why} if why else {}
        what = f"The unit {line} is" if read else f"Units of line {line} are"
        said["serial" if read else "line"] = line
        super().__init__(f"{what} in {where}, which is open.", cases=[*cases], **said)
        self.line, self.cases, self.read = line, tuple(cases), read


class CaseOver(Conflict):
    """The case is concluded and can no longer be reopened."""

    code = "case_over"


class Stale(Outdated):
    """The case or its task has moved since the version the caller names."""

    code = "stale"


class WrongForm(Invalid):
    """The form does not fit; `errors` lists each field with what is wrong."""

    code = "wrong_form"


class HoldPast(Invalid):
    """The hold would end before it begins."""

    code = "hold_past"


class HoldTooFar(Invalid):
    """The hold would last longer than any may."""

    code = "hold_too_far"


class LimitPast(Invalid):
    """The limit is over before it is set."""

    code = "limit_past"


class LimitTooFar(Invalid):
    """The limit lies farther ahead than any may."""

    code = "limit_too_far"


class MoreThanRequested(Invalid):
    """More would be approved than was asked for, or in another currency."""

    code = "more_than_requested"


class ReasonMissing(Invalid):
    """It needs a reason, and none was given."""

    code = "reason_missing"


class Uncompensated(Invalid):
    """Effects that cannot be undone need something that makes up for them; `effects` says which."""

    code = "uncompensated"


class RequestTooLarge(Invalid):
    """The steps of a request have more bytes than a case takes at a time."""

    code = "request_too_large"


class RequestReused(Invalid):
    """A request id was used again with another body."""

    code = "request_reused"


class NewerSchema(ValueError):
    """A newer version wrote an entry with fields that this one would lose."""

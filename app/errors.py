"""Why a use case could not be carried out: a stable code, a category, parameters, a sentence.

AppError
├── NotFound              there is none, or not for this caller; the two look the same
├── NumberMisread         it looks like a case number, but its check digit does not fit
├── NoSuchStep            no version of the kind has this step (lists those there are)
├── NoSuchBatch           there is no such batch
├── NotOpenYet            the case was not open at that moment
├── Forbidden             somebody else may do it (says who)
├── AlreadyExists         the id is taken
├── LastAdministrator     nobody would be left who administers
├── ShownOnce             the same request made the key or link before; it is not shown again
├── WrongSignIn           nobody active has this name and this password
├── TooManyAttempts       too many failed; try again later (says when)
├── LinkNotValid          the one-time link was used or replaced, or is too old
├── TooLate               the message is sent, or being sent, and cannot be called back
├── InProgress            the same start is under way; try again
├── Unacceptable          parts of what was sent are wrong (lists them)
├── FormRefused           the form does not fit the step (lists the fields)
├── CannotConvert         a case cannot be turned into one of that kind
├── KeyReused             the key or external reference came before with another body
├── UnknownCustomer       no customer has this reference
├── UnknownStaff          nobody on the staff who is active has this id
├── BadInstant            it is no moment with an offset
├── InTheFuture           the moment is not over yet
├── SeqUnknown            the case has no entry of this number
├── TooManyCases          the filter of a batch fits more cases than a batch may have
├── NoCaseFits            the filter of a batch fits no case
├── BatchRuns             the batch is not over, so nobody knows what will have failed
├── NothingFailed         no case of the batch failed, so none is tried again
├── NothingToDo           a dry run found no case in which it could be done
├── KeyMissing            nothing tells a repetition of this start from another start
├── Malformed             it cannot be read or stored (says why)
├── Busy                  earlier starts are not recorded yet; try again later
├── OrdersElsewhere       orders are in another system, so they are not handed in here
├── OrdersDown            orders cannot be read now
├── StoreUnavailable      the database does not answer
├── ArchiveUnavailable    the archive does not answer
├── EngineUnavailable     the workflow engine did not answer in time
├── RowDamaged            a row is not what was written
├── ArchiveFileDamaged    a file of the archive is not what was written
└── Refused               the engine refused: code and category of a `domain.errors.Refusal`

Those of customers' records are in `app.customer_errors`, of files in `app.attachment_errors`, of
policies in `app.policy_errors`.

Whoever calls use cases turns every expected error into one of these with
`app.expected_errors.app_error`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum, auto
from typing import Any, TypeAlias

from pydantic import JsonValue

from domain import errors as domain_errors
from domain.errors import Category


class Fault(StrEnum):
    """Categories that no refusal of the engine has."""

    MALFORMED = auto()
    TOO_LARGE = auto()
    TOO_MANY = auto()
    UNAVAILABLE = auto()
    DAMAGED = auto()


ErrorCategory: TypeAlias = Category | Fault


@dataclass(frozen=True)
class FieldFault:
    """What is wrong with one part of what was sent; `pointer` is a JSON pointer to it.

    `params` are what its sentence tells: bounds, the values there are.
    """

    pointer: str
    code: str
    detail: str
    params: Mapping[str, Any] = field(default_factory=dict)


class AppError(Exception):
    """A use case could not be carried out.

    `kind` says whose labels name the steps and states in `params`. `faults` are the parts of what
    was sent that are wrong.
    """

    code: str
    category: ErrorCategory

    def __init__(
        self,
        message: str = "",
        *,
        kind: str = "",
        faults: Sequence[FieldFault] = (),
        params: Mapping[str, JsonValue] | None = None,
    ) -> None:
        super().__init__(message or self.code)
        self.kind = kind
        self.faults = tuple(faults)
        self.params: Mapping[str, JsonValue] = params or {}


class NotFound(AppError):
    """There is none, or not for this caller; the two look the same."""

    code, category = "not_found", Category.NOT_FOUND


class NumberMisread(AppError):
    """It looks like a case number, but its check digit does not fit."""

    code, category = "number_misread", Category.NOT_FOUND


class NoSuchStep(AppError):
    """No version of the kind has this step."""

    code, category = "no_such_step", Category.NOT_FOUND

    def __init__(self, kind: str, step: str, steps: Sequence[str]) -> None:
        super().__init__(kind=kind, params={"kind": kind, "step": step, "steps": [*steps]})


class NoSuchBatch(AppError):
    """There is no such batch."""

    code, category = "no_such_batch", Category.NOT_FOUND


class NotOpenYet(AppError):
    """The case was not open at that moment."""

    code, category = "not_open_yet", Category.NOT_FOUND

    def __init__(self, opened_at: str) -> None:
        super().__init__(params={"opened_at": opened_at})


class Forbidden(AppError):
    """Somebody else may do it; `takes` is one role or several."""

    code, category = "forbidden", Category.FORBIDDEN

    def __init__(self, takes: str | Sequence[str]) -> None:
        super().__init__(params={"takes": takes if isinstance(takes, str) else [*takes]})


class AlreadyExists(AppError):
    """The id is taken."""

    code, category = "already_exists", Category.CONFLICT

    def __init__(self, id: str) -> None:
        super().__init__(params={"id": id})


class LastAdministrator(AppError):
    """Nobody would be left who administers: active, with the role and a key that works."""

    code, category = "last_administrator", Category.CONFLICT


class ShownOnce(AppError):
    """The same request made the key or the link before, and it is not shown again."""

    code, category = "shown_once", Category.CONFLICT

    def __init__(self, id: str) -> None:
        super().__init__(params={"id": id})


class WrongSignIn(AppError):
    """Nobody has this name and this password, or they are not active; the three look the same."""

    code, category = "wrong_sign_in", Category.INVALID


class TooManyAttempts(AppError):
    """Too many attempts failed; the next one is for after some seconds."""

    code, category = "too_many_attempts", Fault.TOO_MANY

    def __init__(self, seconds: int) -> None:
        super().__init__(params={"seconds": seconds})


class LinkNotValid(AppError):
    """The one-time link was used or replaced, or is too old, or never was one."""

    code, category = "link_not_valid", Category.NOT_FOUND


class TooLate(AppError):
    """The message is sent, or being sent, and cannot be called back."""

    code, category = "too_late", Category.CONFLICT

    def __init__(self, at: str) -> None:
        super().__init__(params={"at": at})


class InProgress(AppError):
    """The same start is under way; try again in a moment."""

    code, category = "in_progress", Category.CONFLICT


class Unacceptable(AppError):
    """Parts of what was sent are wrong."""

    code, category = "invalid", Category.INVALID

    def __init__(self, *faults: FieldFault) -> None:
        super().__init__(faults=faults)


class FormRefused(AppError):
    """The form does not fit the step."""

    code, category = "wrong_form", Category.INVALID


class CannotConvert(AppError):
    """A case cannot be turned into one of that kind."""

    code, category = "cannot_convert", Category.INVALID


class KeyReused(AppError):
    """The key or external reference came before with another body."""

    code, category = "key_reused", Category.INVALID


class UnknownCustomer(AppError):
    """No customer has this reference."""

    code, category = "unknown_customer", Category.INVALID


class UnknownStaff(AppError):
    """Nobody on the staff who is active has this id."""

    code, category = "unknown_staff", Category.INVALID

    def __init__(self, who: str) -> None:
        super().__init__(params={"who": who})


class BadInstant(AppError):
    """It is no moment with an offset."""

    code, category = "bad_instant", Category.INVALID

    def __init__(self, given: str, example: str) -> None:
        super().__init__(params={"given": given, "example": example})


class InTheFuture(AppError):
    """The moment is not over yet."""

    code, category = "in_the_future", Category.INVALID


class SeqUnknown(AppError):
    """The case has no entry of this number."""

    code, category = "seq_unknown", Category.INVALID

    def __init__(self, seq: int, *, last: int) -> None:
        super().__init__(params={"seq": seq, "first": 1, "last": last})


class TooManyCases(AppError):
    """The filter of a batch fits more cases than a batch may have."""

    code, category = "too_many_cases", Category.INVALID

    def __init__(self, most: int) -> None:
        super().__init__(params={"most": most})


class NoCaseFits(AppError):
    """The filter of a batch fits no case."""

    code, category = "no_case_fits", Category.INVALID


class BatchRuns(AppError):
    """The batch is not over, so nobody knows what will have failed."""

    code, category = "batch_runs", Category.CONFLICT


class NothingFailed(AppError):
    """No case of the batch failed, so none is tried again."""

    code, category = "nothing_failed", Category.CONFLICT


class NothingToDo(AppError):
    """A dry run found no case in which it could be done, or the batch was no dry run."""

    code, category = "nothing_to_do", Category.CONFLICT


class KeyMissing(AppError):
    """Nothing tells a repetition of this start from another start."""

    code, category = "key_missing", Fault.MALFORMED


class Malformed(AppError):
    """It cannot be read or stored; `why` names the sentence that says why."""

    code, category = "malformed", Fault.MALFORMED

    def __init__(self, why: str) -> None:
        super().__init__(params={"why": why})


class Busy(AppError):
    """Earlier starts are not recorded yet; try again later."""

    code, category = "busy", Fault.UNAVAILABLE


class OrdersElsewhere(AppError):
    """Orders are in another system, so they are not handed in here."""

    code, category = "orders_elsewhere", Category.CONFLICT


class OrdersDown(AppError):
    """Orders cannot be read now: the system that has them does not answer as it should."""

    code, category = "orders_down", Fault.UNAVAILABLE


class StoreUnavailable(AppError):
    """The database does not answer."""

    code, category = "store_down", Fault.UNAVAILABLE


class ArchiveUnavailable(AppError):
    """The archive does not answer."""

    code, category = "archive_down", Fault.UNAVAILABLE


class EngineUnavailable(AppError):
    """The workflow engine did not answer in time; whether it happened is unknown."""

    code, category = "engine_down", Fault.UNAVAILABLE


class RowDamaged(AppError):
    """A row is not what was written."""

    code, category = "row_damaged", Fault.DAMAGED

    def __init__(self, table: str, number: str) -> None:
        super().__init__(params={"table": table, "number": number})


class ArchiveFileDamaged(AppError):
    """A file of the archive is not what was written."""

    code, category = "archive_damaged", Fault.DAMAGED

    def __init__(self, file: str) -> None:
        super().__init__(params={"file": file})


class Refused(AppError):
    """The engine refused; code and category are those of the refusal.

    Raises:
        KeyError: no refusal has this code.
    """

    def __init__(self, code: str, message: str, params: Mapping[str, Any], kind: str = "") -> None:
        self.code, self.category = code, domain_errors.category_of(code)
        super().__init__(message, kind=kind, params=params)


def invalid(pointer: str, code: str, detail: str, **params: Any) -> Unacceptable:
    """Return the error for one wrong part of what was sent."""
    return Unacceptable(FieldFault(pointer, code, detail, params))

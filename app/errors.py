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
├── ShownOnce             the same request made the key before, and it is not shown again
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
├── KeyMissing            nothing tells a repetition of this start from another start
├── Malformed             it cannot be read or stored (says why)
├── Busy                  earlier starts are not recorded yet; try again later
├── StoreUnavailable      the database does not answer
├── ArchiveUnavailable    the archive does not answer
├── EngineUnavailable     the workflow engine did not answer in time
├── RowDamaged            a row is not what was written
├── ArchiveFileDamaged    a file of the archive is not what was written
└── Refused               the engine refused: code and category of a `domain.errors.Refusal`

Whoever calls use cases turns every expected error into one of these with `app_error`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum, auto
from typing import Any, TypeAlias

from pydantic import JsonValue

from domain import errors as domain_errors
from domain.errors import Category, NotYourCase, Refusal
from store import errors as store_errors
from temporal import results


class Fault(StrEnum):
    """Categories that no refusal of the engine has."""

    MALFORMED = auto()
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
    """The same request made the key before, and it is not shown again."""

    code, category = "shown_once", Category.CONFLICT

    def __init__(self, id: str) -> None:
        super().__init__(params={"id": id})


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


def category_of(code: str) -> ErrorCategory:
    """Return the category of an error of a use case, or of a refusal of the engine, by its code.

    Raises:
        KeyError: nothing has this code.
    """
    own = codes()
    return own[code] if code in own else domain_errors.category_of(code)


def codes() -> Mapping[str, ErrorCategory]:
    """Return the codes of all errors of use cases, those of the engine's refusals left out."""
    return {each.code: each.category for each in AppError.__subclasses__() if each is not Refused}


def refused(refusal: Refusal | results.Refused, kind: str = "", prefix: str = "") -> AppError:
    """Return the engine's refusal as an error of the use case; a case one may not see is not found.

    The pointers of a form's faults begin with `prefix`, where the form is in what was sent.
    """
    if refusal.code == NotYourCase.code:
        return NotFound()
    params: dict[str, Any] = dict(refusal.params)
    if refusal.code != FormRefused.code:
        return Refused(refusal.code, str(refusal), params, kind)
    faults = field_faults(params.pop("errors", ()), prefix)
    return FormRefused(str(refusal), kind=kind, faults=faults, params=params)


def field_faults(errors: Sequence[Mapping[str, Any]], prefix: str = "") -> list[FieldFault]:
    """Return the faults of a form, seen from what it came in."""
    return [
        FieldFault(
            f"{prefix}{each['pointer']}", each["code"], each["detail"], each.get("params", {})
        )
        for each in errors
    ]


def invalid(pointer: str, code: str, detail: str, **params: Any) -> Unacceptable:
    """Return the error for one wrong part of what was sent."""
    return Unacceptable(FieldFault(pointer, code, detail, params))


def app_error(error: Exception) -> AppError | None:
    """Return the error of a use case that this error is; None if nobody expects it."""
    return next((make(error) for kind, make in _EXPECTED.items() if isinstance(error, kind)), None)


_EXPECTED: Mapping[type[Exception], Callable[[Any], AppError]] = {
    AppError: lambda error: error,
    Refusal: refused,
    results.Refused: refused,
    results.CaseNotFound: lambda _: NotFound(),
    results.CaseOver: lambda error: Refused("case_over", str(error), {}),
    results.EngineDown: lambda _: EngineUnavailable(),
    store_errors.StoreDown: lambda _: StoreUnavailable(),
    store_errors.ArchiveDown: lambda _: ArchiveUnavailable(),
    store_errors.ArchiveDamaged: lambda error: ArchiveFileDamaged(error.path),
    store_errors.CorruptRow: lambda error: RowDamaged(error.table, error.number),
    store_errors.Unstorable: lambda _: Malformed("nul"),
}
"""The first that fits counts."""
EXPECTED = tuple(_EXPECTED)
"""The classes of all expected errors."""

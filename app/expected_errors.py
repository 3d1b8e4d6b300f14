"""Which errors of the floors below a use case may raise, and what each is to whoever called it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.attachment_errors import AttachmentCorrupt, AttachmentsUnavailable
from app.errors import (
    AppError,
    ArchiveFileDamaged,
    ArchiveUnavailable,
    EngineUnavailable,
    FieldFault,
    FormRefused,
    Malformed,
    NotFound,
    Refused,
    RowDamaged,
    StoreUnavailable,
)
from domain.errors import NotYourCase, Refusal
from store import errors as store_errors
from temporal import results


def app_error(error: Exception) -> AppError | None:
    """Return the error of a use case that this error is; None if nobody expects it."""
    return next((make(error) for kind, make in _EXPECTED.items() if isinstance(error, kind)), None)


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
    store_errors.AttachmentsDown: lambda _: AttachmentsUnavailable(),
    store_errors.AttachmentDamaged: lambda error: AttachmentCorrupt(error.number, error.seq),
    store_errors.CorruptRow: lambda error: RowDamaged(error.table, error.number),
    store_errors.Unstorable: lambda _: Malformed("nul"),
}
"""The first that fits counts."""
EXPECTED = tuple(_EXPECTED)
"""The classes of all expected errors."""

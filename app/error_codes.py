"""The codes of all errors of use cases, and what each is by its category."""

from collections.abc import Mapping

from app import attachment_errors as attachment_errors  # noqa: PLC0414 — as the next
from app import customer_errors as customer_errors  # noqa: PLC0414 — it defines some of them
from app import policy_errors as policy_errors  # noqa: PLC0414 — likewise
from app.errors import AppError, ErrorCategory, Refused
from domain import errors as domain_errors


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

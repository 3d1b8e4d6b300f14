"""Refusals on their way through Temporal: as an application error and back."""

from collections.abc import Mapping
from typing import Any

from temporalio.exceptions import ApplicationError

from domain.errors import Refusal


def as_failure(refusal: Refusal) -> ApplicationError:
    """The refusal as Temporal carries it: its code is the type, code and parameters the detail."""
    detail = {"code": refusal.code, "params": dict(refusal.params)}
    return ApplicationError(str(refusal), detail, type=refusal.code, non_retryable=True)


def read_failure(failure: ApplicationError) -> tuple[str, Mapping[str, Any], str]:
    """Code, parameters and sentence of a refusal that came back."""
    detail = failure.details[0] if failure.details else {}
    return str(failure.type), detail.get("params", {}), failure.message

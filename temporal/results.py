"""What comes back when a request is handed in to a case, or why nothing does."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from temporalio.exceptions import ApplicationError

from domain.engine.messages import Receipt
from domain.errors import Refusal


class CaseClientError(Exception):
    """The desk could not do it."""


class EngineDown(CaseClientError):
    """Temporal did not answer in time: whether it happened is unknown; repeat with the same key."""


class CaseNotFound(CaseClientError):
    """No workflow has this number."""


class CaseOver(CaseClientError):
    """The case has ended and its reopen window is over."""


class Refused(CaseClientError):
    """The engine refused: a code with parameters, and an English sentence."""

    def __init__(self, code: str, params: Mapping[str, Any], message: str) -> None:
        super().__init__(message)
        self.code, self.params = code, params


@dataclass(frozen=True)
class Taken:
    """An accepted request: durable. Without a receipt it is not recorded yet.

    `replayed`: it was done by an earlier attempt under the same id.
    """

    receipt: Receipt | None
    replayed: bool = False

    @property
    def recorded(self) -> bool:
        """Whether a read finds it already."""
        return self.receipt is not None


def as_failure(refusal: Refusal) -> ApplicationError:
    """The refusal as Temporal carries it: its code is the type, code and parameters the detail."""
    detail = {"code": refusal.code, "params": dict(refusal.params)}
    return ApplicationError(str(refusal), detail, type=refusal.code, non_retryable=True)


def read_failure(failure: ApplicationError) -> tuple[str, Mapping[str, Any], str]:
    """Code, parameters and sentence of a refusal that came back."""
    detail = failure.details[0] if failure.details else {}
    return str(failure.type), detail.get("params", {}), failure.message

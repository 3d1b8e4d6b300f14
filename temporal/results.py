"""What submitting a request to a case results in, and the errors of the case client."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from temporalio.exceptions import ApplicationError

from domain.engine.messages import Receipt, Request
from domain.errors import Refusal


class CaseClientError(Exception):
    """The case client could not do it."""


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
class SubmitResult:
    """An accepted request: durable. Without a receipt it is not recorded yet.

    `replayed`: it was done by an earlier attempt under the same id.
    """

    receipt: Receipt | None
    replayed: bool = False

    @classmethod
    def of(cls, request: Request, receipt: Receipt | None) -> Self:
        """Return the result that a case's answer means for this request.

        Raises:
            Refused: the answer is to another request that was made under the same id.
        """
        if receipt is None:
            return cls(None)
        if receipt.digest != request.digest:
            raise Refused("request_reused", {}, "This key was used before with another body.")
        return cls(receipt, replayed=receipt.attempt != request.attempt)

    @property
    def recorded(self) -> bool:
        """Whether a read finds it already."""
        return self.receipt is not None


def as_failure(refusal: Refusal) -> ApplicationError:
    """Return the refusal as Temporal carries it: code as type, code and parameters as detail."""
    detail = {"code": refusal.code, "params": dict(refusal.params)}
    return ApplicationError(str(refusal), detail, type=refusal.code, non_retryable=True)


def read_failure(failure: ApplicationError) -> Refused:
    """Return the refusal that Temporal carried back."""
    detail = failure.details[0] if failure.details else {}
    return Refused(str(failure.type), detail.get("params", {}), failure.message)

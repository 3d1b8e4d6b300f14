"""What comes back when a request is handed in to a case, or why nothing does."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.messages import Receipt


class DeskError(Exception):
    """The desk could not do it."""


class EngineDown(DeskError):
    """Temporal did not answer in time: whether it happened is unknown; repeat with the same key."""


class CaseNotFound(DeskError):
    """No workflow has this number."""


class CaseOver(DeskError):
    """The case has ended and its reopen window is over."""


class Refused(DeskError):
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

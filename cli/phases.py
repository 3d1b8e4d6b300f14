"""Progress of work in several parts."""

from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from cli.advancing import advancing


class Phases:
    """Progress of work that has several parts, each told as it goes."""

    def __init__(self) -> None:
        self._stack, self._now = ExitStack(), ""
        self._told: Callable[[int], None] = _silent

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def __call__(self, what: str, done: int, total: int | None) -> None:
        """So much is done; a new word begins a new part."""
        if what != self._now:
            self._stack.close()
            self._now, self._told = what, self._stack.enter_context(advancing(what, total))
        self._told(done)


def _silent(_done: int) -> None:
    return

"""How long a step waits or is offered: by its table alone, or as the policy of a case says."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from domain.engine.case import Case


@dataclass(frozen=True)
class Wait:
    """A length of time that a policy may say for its cases; `usual` is it where it says nothing.

    They are added and subtracted as lengths of time are: what comes out is as variable.
    """

    usual: timedelta
    of: "Callable[[Case], timedelta]"

    def __add__(self, other: "Wait | timedelta") -> "Wait":
        more = as_wait(other)
        return Wait(self.usual + more.usual, lambda case: self.of(case) + more.of(case))

    def __sub__(self, other: "Wait | timedelta") -> "Wait":
        less = as_wait(other)
        return Wait(self.usual - less.usual, lambda case: self.of(case) - less.of(case))


def as_wait(time: Wait | timedelta) -> Wait:
    """Return a length of time as one that is the same for all cases, unless it varies already."""
    return time if isinstance(time, Wait) else Wait(time, lambda _case: time)


@dataclass(frozen=True)
class Figure:
    """A figure that a policy may say: a length of time, or a number.

    Args:
        name: as documents write it; one of a kind's own stands there behind the kind's name.
        usual: what it is where a policy says nothing.
        least: the least that a policy may say; the law's figure, where the law has one.
        most: the most.
        below: the name of the figure than which it must be less, if there is one.
        own: whether it is of one kind alone.
    """

    name: str
    usual: timedelta | int
    least: timedelta | int
    most: timedelta | int
    below: str | None = None
    own: bool = False

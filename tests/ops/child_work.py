"""Work for the tests of child processes: each reports what it does, and ends in its own way."""

import os
import time

from ops.child import Progress
from runtime.message import Message


def count(until: int, progress: Progress) -> list[int]:
    """Return the numbers from 0, and say each."""
    numbers = []
    for number in range(until):
        progress("numbers", number, until)
        numbers.append(number)
    print("what anybody prints stands beside the result")  # noqa: T201
    return numbers


def fail(progress: Progress) -> None:
    """Raise an error that people are told."""
    progress("failing", 0, None)
    raise ValueError(Message("There is no case %(number)s.", number="TS1"))


def die(_: Progress) -> None:
    """End without a result."""
    os._exit(3)


def wait(progress: Progress) -> None:
    """Say which process this is, and wait for longer than any test."""
    progress("pid", os.getpid(), None)
    time.sleep(600)

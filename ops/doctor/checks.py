"""The result of a check, and running checks so that none stops another."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum, auto

from runtime.message import Message

TIMEOUT = 15.0
"""Seconds that a check may take."""


class Level(StrEnum):
    """In order, to be looked at, or to be repaired."""

    OK = auto()
    WARNING = auto()
    WRONG = auto()


@dataclass(frozen=True)
class CheckResult:
    """What was checked, how it is, in a sentence, and what to do about it."""

    check: str
    level: Level
    message: str
    remedy: str = ""


Check = Callable[[], Awaitable[list[CheckResult]]]


def ok(check: str, message: str) -> CheckResult:
    """Return a result: it is in order."""
    return CheckResult(check, Level.OK, message)


def warning(check: str, message: str, remedy: str) -> CheckResult:
    """Return a result: it works, but should be looked at."""
    return CheckResult(check, Level.WARNING, message, remedy)


def wrong(check: str, message: str, remedy: str) -> CheckResult:
    """Return a result: it does not work, or something is lost if nothing is done."""
    return CheckResult(check, Level.WRONG, message, remedy)


async def run_checks(checks: Mapping[str, Check], seconds: float = TIMEOUT) -> list[CheckResult]:
    """Return the results of all checks, in their order; one that fails or hangs is a result too."""
    results = await asyncio.gather(*(_run(name, check, seconds) for name, check in checks.items()))
    return [result for of_check in results for result in of_check]


async def _run(name: str, check: Check, seconds: float) -> list[CheckResult]:
    try:
        async with asyncio.timeout(seconds):
            return await check()
    except TimeoutError:
        message = Message("No answer within %(seconds)s s.", seconds=f"{seconds:g}")
        return [wrong(name, message, Message("See whether it runs, and its log."))]
    except Exception as error:  # noqa: BLE001 — whatever fails in one check, the others go on
        message = Message("It could not be looked at (%(error)s).", error=type(error).__name__)
        remedy = Message("If all else is well, this is a fault of the check: report it.")
        return [wrong(name, message, remedy)]

"""What a check found, and running checks so that none stops another."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum, auto

LIMIT = 15.0
"""Seconds that a check may take."""


class Level(StrEnum):
    """How it is: in order, to be looked at, or to be mended."""

    OK = auto()
    WARNING = auto()
    WRONG = auto()


@dataclass(frozen=True)
class Finding:
    """What was looked at, how it is, in a sentence, and what to do."""

    check: str
    level: Level
    said: str
    mend: str = ""


Check = Callable[[], Awaitable[list[Finding]]]


def ok(check: str, said: str) -> Finding:
    """In order."""
    return Finding(check, Level.OK, said)


def warning(check: str, said: str, mend: str) -> Finding:
    """It works, but."""
    return Finding(check, Level.WARNING, said, mend)


def wrong(check: str, said: str, mend: str) -> Finding:
    """It does not work, or something is lost if nothing is done."""
    return Finding(check, Level.WRONG, said, mend)


async def diagnose(checks: Mapping[str, Check], limit: float = LIMIT) -> list[Finding]:
    """All that they find, in their order; one that fails or hangs is a finding itself."""
    found = await asyncio.gather(*(_one(name, check, limit) for name, check in checks.items()))
    return [finding for each in found for finding in each]


async def _one(name: str, check: Check, limit: float) -> list[Finding]:
    try:
        async with asyncio.timeout(limit):
            return await check()
    except TimeoutError:
        return [wrong(name, f"No answer within {limit:g} s.", "See whether it runs, and its log.")]
    except Exception as error:  # noqa: BLE001 — whatever goes wrong with one, the others are told
        said = f"It could not be looked at ({type(error).__name__})."
        return [wrong(name, said, "If all else is well, this is a fault of the check: report it.")]

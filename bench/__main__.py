"""`python -m bench [PART …]`: measure, print, and keep each part in docs/performance.md."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from bench import (
    board,
    clocks,
    cost,
    history,
    live,
    pages,
    peer_comparison,
    rate,
    reads,
    recovery,
    streams,
    verify,
    workbench,
)
from bench.page import keep
from temporal.process_exit import leave


@dataclass(frozen=True)
class Part:
    """One benchmark: what it measures, how many cases or seconds unless told, how it is run."""

    about: str
    usual: int
    run: Callable[[int], Awaitable[list[str]]]
    by_default: bool = True
    in_seconds: bool = False


PARTS: Mapping[str, Part] = {
    "cost": Part("events, bytes and actions of one complaint", 1, cost.section),
    "rate": Part("whole complaints per second through the API alone", 40, rate.section, False),
    "peer": Part("the same against a bare workflow, in turn", 40, peer_comparison.section),
    "clocks": Part("so many clocks due at one moment", 300, clocks.section),
    "history": Part("replay, verify, rebuild, archive", 1000, history.section, False),
    "verify": Part("so many entries of an audit log verified", 300_000, verify.section, False),
    "recovery": Part("until it answers after a kill -9, each so often", 5, recovery.section),
    "live": Part(
        "open pages that hear of changes, for so many seconds", 30, live.section, in_seconds=True
    ),
    "streams": Part(
        "the same over HTTP, for so many seconds", 60, streams.section, in_seconds=True
    ),
    "reads": Part("lists and case pages with so many cases", 100_000, reads.section),
    "workbench": Part("the inbox and searches with so many cases", 100_000, workbench.section),
    "pages": Part("whole pages over HTTP with so many cases", 100_000, pages.section),
    "board": Part("the board and the charts with so many cases", 100_000, board.section),
}


def main() -> None:
    """Run the parts that were asked for, or those that run by default."""
    asked = _asked()
    names = asked.parts or [name for name, part in PARTS.items() if part.by_default]
    for name in names:
        part = PARTS[name]
        print(f"measuring {name}: {part.about}", file=sys.stderr, flush=True)
        seconds = 60 * (asked.minutes or 0) if part.in_seconds else 0
        lines = asyncio.run(_run(part, seconds or asked.n or part.usual))
        print("\n".join([*lines, ""]), flush=True)
        if not asked.dry:
            keep(name, lines, list(PARTS))


async def _run(part: Part, n: int) -> list[str]:
    return await part.run(n)


def _asked() -> argparse.Namespace:
    told = "\n".join(f"  {name:9} {part.about} ({part.usual:,})" for name, part in PARTS.items())
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description=f"parts, and how many each takes unless --n says otherwise:\n{told}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], metavar="PART")
    parser.add_argument("--n", type=int, help="how many cases, or seconds")
    parser.add_argument("--minutes", type=int, help="how long, of parts that take seconds")
    parser.add_argument("--dry", action="store_true", help="print only, keep nothing")
    return parser.parse_args()


if __name__ == "__main__":
    main()
    leave(0)

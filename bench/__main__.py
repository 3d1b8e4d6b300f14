"""`python -m bench`: measure, print, and keep the results in docs/performance.md."""

import asyncio
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from bench.cost import Cost, measure
from bench.rate import Rate, middle, rounds
from workflows.leaving import leave

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
ROUNDS, CASES = 3, 100
MARK = "<!-- measured: everything below is written by `make bench` -->"


def main() -> None:
    """Measure everything and write it down."""
    cost = asyncio.run(measure())
    found = asyncio.run(rounds(ROUNDS, CASES))
    text = "\n".join([_machine(), "", *_cost(cost), "", *_rate(found), ""])
    sys.stdout.write(text)
    kept = PAGE.read_text(encoding="utf-8").split(MARK)[0] if PAGE.exists() else ""
    PAGE.write_text(f"{kept}{MARK}\n\n{text}", encoding="utf-8")


def _machine() -> str:
    when = datetime.now(UTC).date().isoformat()
    python = platform.python_version()
    return f"Measured on {when}: {_processor()}, {os.cpu_count()} cores, Python {python}, SQLite."


def _processor() -> str:
    """The processor's name, where the system tells it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _cost(cost: Cost) -> list[str]:
    kinds = ", ".join(f"{n} {name}" for name, n in sorted(cost.by_type.items()))
    return [
        "## What one complaint costs in Temporal",
        "",
        "Seven steps, one request each, from start to closed, the outcome told by an activity:",
        "",
        "| events | bytes of history | actions |",
        "|---|---|---|",
        f"| {cost.events} | {cost.bytes:,} | {cost.actions} |",
        "",
        f"Actions by the server's own count: {kinds}.",
    ]


def _rate(found: list[Rate]) -> list[str]:
    mid = middle(found)
    each = ", ".join(f"{rate.per_second:.2f}" for rate in found)
    rows = [f"| {name} | {ms:.0f} |" for name, ms in sorted(mid.cpu_ms.items())]
    return [
        "## Whole complaints through the real API",
        "",
        (
            f"{CASES} complaints a round, twelve at once, all seven requests of each; "
            f"{ROUNDS} rounds ({each} cases/s), median **{mid.per_second:.2f} cases/s**. "
            "The oracle was clean after each round."
        ),
        "",
        "| process | CPU ms per case (median) |",
        "|---|---|",
        *rows,
    ]


if __name__ == "__main__":
    main()
    leave(0)

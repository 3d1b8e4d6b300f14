"""Measure how fast an audit log is verified, by the auditor's command, on both databases."""

import asyncio
import os
import resource
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.audit_log import fill_and_seal
from bench.both_databases import on_both_databases
from bench.machine import measured_on
from bench.page import paragraph
from ops.audit.keys import write_public

ROUNDS = 3
GOAL = 50_000


@dataclass(frozen=True)
class Verified:
    """One database: its entries, and for each round the wall time and CPU time in seconds."""

    entries: int
    seconds: list[float]
    cpu: list[float]

    @property
    def rate(self) -> float:
        """Entries a second of wall time."""
        return self.entries / median(self.seconds)

    def row(self, database: str) -> str:
        """Return the line of the table."""
        each = ", ".join(f"{seconds:.1f}" for seconds in self.seconds)
        micro = 1e6 * median(self.cpu) / self.entries
        return f"| {database} | {self.entries:,} | {each} | {self.rate:,.0f} | {micro:.1f} |"


async def section(n: int) -> list[str]:
    """The same audit log in SQLite and in PostgreSQL, one after the other."""
    return _told(await on_both_databases(lambda folder, url: _measure(folder, url, n)))


async def _measure(folder: Path, url: str, n: int) -> Verified:
    checkpoints = (folder / "checkpoints").as_uri()
    signer, entries = await fill_and_seal(url, checkpoints, n)
    write_public(signer, key := folder / "audit.pub.pem")
    words = ("--database-url", url, "--checkpoints-url", checkpoints, "--public-key", str(key))
    rounds = [await _verify(*words) for _ in range(ROUNDS)]
    return Verified(entries, [r[0] for r in rounds], [r[1] for r in rounds])


async def _verify(*words: str) -> tuple[float, float]:
    """Run it and return wall time and CPU time in seconds, the start of the process included."""
    before, began = _spent(), time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "cli.main", "audit", "verify", *words, "--json",
        env={**os.environ}, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, _ = await process.communicate()
    seconds = time.perf_counter() - began
    if process.returncode:
        raise RuntimeError(f"it did not verify: {said.decode()[:2000]}")
    return seconds, _spent() - before


def _spent() -> float:
    """Return the CPU time of this process's children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _told(found: Mapping[str, Verified]) -> list[str]:
    return [
        "## Verifying the audit log",
        "",
        measured_on("SQLite and PostgreSQL on the same machine"),
        "",
        paragraph(
            "`banjie audit verify` as a whole process, start-up included: every column of every",
            "entry hashed anew, the chains, the Merkle tree over all rows, the signatures. Entries",
            f"are copies of all kinds' stories with chains of their own. {ROUNDS} rounds, the rate",
            f"by their median (goal ≥ {GOAL:,} a second on two free cores). Processor time is that",
            "of the command and the processes it starts, not of PostgreSQL's server.",
        ),
        "",
        "| database | entries | seconds each round | entries/s | CPU µs per entry |",
        "|---|---|---|---|---|",
        *(each.row(database) for database, each in found.items()),
    ]

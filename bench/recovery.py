"""Measure how soon `banjie up` answers again after one of its processes was killed."""

import asyncio
import json
import os
import signal
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Final

import httpx

from bench.machine import measured_on
from bench.page import paragraph
from tests.cli.system import System

KILLED: Final = ("api", "worker", "temporal")
GOAL: Final = 2.0
"""Seconds after which a killed process should answer again, on an idle machine."""

SETTLED: Final = 5.0
"""Seconds of quiet before each kill: as long as a new process takes to have everything loaded."""


async def section(n: int) -> list[str]:
    """Kill each process `n` times; what is waited for is a case started and recorded."""
    with tempfile.TemporaryDirectory() as folder:
        system = System(Path(folder) / "data")
        system.start()
        try:
            system.wait_for_samples()
            found = {
                name: [await _after_kill(system, name, k) for k in range(n)] for name in KILLED
            }
        finally:
            system.stop()
    return _told(found)


async def _after_kill(system: System, name: str, k: int) -> float:
    """Return the seconds from a kill -9 to the first case that is started and recorded."""
    await asyncio.sleep(SETTLED)
    pids = {each["name"]: each["pid"] for each in json.loads(_pids(system))}
    key = system.client["keys"]["shop-app"]
    body = {"kind": "inquiry", "channel": "app", "form": {"words": "几点开门？"}}
    async with httpx.AsyncClient(
        base_url=system.url, headers={"Authorization": f"Bearer {key}"}, timeout=30
    ) as client:
        os.kill(pids[name], signal.SIGKILL)
        began = time.perf_counter()
        while True:
            headers = {"Idempotency-Key": f"{name}-{k}"}
            try:
                answer = await client.post("/v1/cases", json=body, headers=headers)
            except httpx.TransportError:
                await asyncio.sleep(0.02)
                continue
            if answer.status_code in {200, 201}:
                return time.perf_counter() - began
            # The killed API's own start may be under way still, under its lease.
            if answer.is_client_error and answer.json()["code"] != "in_progress":
                raise RuntimeError(answer.text)
            await asyncio.sleep(0.02)


def _pids(system: System) -> str:
    return (system.data_dir / "pids.json").read_text(encoding="utf-8")


def _told(found: dict[str, list[float]]) -> list[str]:
    rows = [
        f"| {name} | {median(times):.1f} s | {max(times):.1f} s | "
        f"{'reached' if median(times) <= GOAL else 'missed'} |"
        for name, times in found.items()
    ]
    rounds = len(next(iter(found.values())))
    return [
        "## After a kill",
        "",
        paragraph(
            f"`kill -9` of each process of `banjie up`, {rounds} times; the time until a case is",
            f"started and recorded, its request repeated under one key. Goal: {GOAL:g} s.",
            measured_on(),
        ),
        "",
        "| killed | median | longest | goal |",
        "|---|---|---|---|",
        *rows,
    ]

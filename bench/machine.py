"""Where and when something was measured, and how much CPU time processes spent on it."""

import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import psutil


def measured_on(database: str = "SQLite") -> str:
    """Return one line: the day, the machine, and how busy it was just before."""
    when = datetime.now(UTC).date().isoformat()
    python = platform.python_version()
    busy = os.getloadavg()[0]
    return (
        f"Measured on {when}: {_processor()}, {os.cpu_count()} cores, Python {python}, {database}; "
        f"load of the minute when this was written: {busy:.1f}."
    )


def cpu_seconds(pids: Mapping[str, int]) -> dict[str, float]:
    """Return the CPU seconds of each process so far, user and system."""
    times = {name: psutil.Process(pid).cpu_times() for name, pid in pids.items()}
    return {name: time.user + time.system for name, time in times.items()}


def at_share(values: list[float], share: float) -> float:
    """Return the value that this share of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _processor() -> str:
    """Return the processor's name, or the machine's architecture where it is not known."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()

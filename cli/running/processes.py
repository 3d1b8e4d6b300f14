"""Starting processes that do not outlive us, and finding those that an earlier run left behind."""

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1
PATIENCE = 3.0


@dataclass(frozen=True)
class Spec:
    """A process that we keep: its name, its command line, what its environment has in addition.

    `grace` is how long it may take to stop, in seconds.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    log: Path
    grace: float = 5.0


@dataclass(frozen=True)
class Started:
    """A process that was started: its id, and its birth, since ids are used again."""

    name: str
    pid: int
    born: str


def die_with_us() -> Callable[[], None] | None:
    """What a child does first so that the kernel kills it when we die, even by kill -9.

    Linux only; elsewhere the next `banjie up` finds what was left behind.
    """
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    us = os.getpid()

    def promise() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != us:  # we died in between
            os._exit(1)

    return promise


def born(pid: int) -> str | None:
    """When a living process was started, exactly enough to know it again; None if it is dead."""
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            # The name in parentheses may hold anything; what follows it is regular.
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            return None
        return None if fields[0] in "ZX" else f"{_boot()}:{fields[19]}"
    asked = ["ps", "-o", "lstart=", "-p", str(pid)]
    told = subprocess.run(asked, capture_output=True, text=True, check=False)
    return told.stdout.strip() or None


def remember(file: Path, children: list[Started]) -> None:
    """Write down who belongs to us."""
    new = file.with_suffix(".new")
    new.write_text(json.dumps([vars(child) for child in children], indent=2), encoding="utf-8")
    new.replace(file)


def end_strays(file: Path) -> list[str]:
    """End what an earlier run left behind and is provably ours; returns the names."""
    try:
        left = [Started(**each) for each in json.loads(file.read_text(encoding="utf-8"))]
    except (FileNotFoundError, ValueError, TypeError):
        return []
    strays = [child for child in left if born(child.pid) == child.born]
    for number in (signal.SIGTERM, signal.SIGKILL):
        for child in strays:
            if born(child.pid) == child.born:
                os.kill(child.pid, number)
        _wait_gone(strays)
    file.unlink(missing_ok=True)
    return [child.name for child in strays]


def _wait_gone(children: list[Started]) -> None:
    give_up = time.monotonic() + PATIENCE
    while any(born(c.pid) == c.born for c in children) and time.monotonic() < give_up:
        time.sleep(0.05)


def _boot() -> str:
    path = Path("/proc/sys/kernel/random/boot_id")
    return path.read_text(encoding="utf-8").strip() if path.exists() else ""

"""Those who fold: other processes, or a thread of this one."""

import gc
import os
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Final

METHOD: Final = "fork" if sys.platform == "linux" else "spawn"
"""A fork has everything imported; elsewhere a system's own libraries may not outlive one."""
RARELY: Final = 50_000


@dataclass(frozen=True)
class Workers:
    """So many that fold at a time."""

    pool: Executor
    number: int


@contextmanager
def workers(number: int | None = None) -> Iterator[Workers]:
    """Processes, one for each processor if no number is given; one is a thread of this one.

    Begin processes before anything that starts threads: they do not come along in a fork.
    """
    number = number or os.cpu_count() or 1
    pool: Executor
    if number > 1:
        pool = ProcessPoolExecutor(number, get_context(METHOD), _begin)
        pool.submit(int)  # all of them are forked now
    else:
        pool = ThreadPoolExecutor(1, "folding")
    try:
        yield Workers(pool, number)
    finally:
        pool.shutdown(cancel_futures=True)


def calm() -> None:
    """Look for garbage rarely: folding makes much, but next to nothing that refers to itself."""
    gc.freeze()
    gc.set_threshold(RARELY)


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who began them ends them
    calm()

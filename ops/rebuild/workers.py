"""Those who fold: other processes, or a thread of this one."""

import gc
import os
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from ops.forking import forked

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
    pools = forked(number, calm) if number > 1 else ThreadPoolExecutor(1, "folding")
    with pools as pool:
        yield Workers(pool, number)


def calm() -> None:
    """Look for garbage rarely: folding makes much, but next to nothing that refers to itself."""
    gc.freeze()
    gc.set_threshold(RARELY)

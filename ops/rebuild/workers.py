"""The processes that fold: made ready while the first histories are still fetched."""

from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_all_start_methods, get_context
from multiprocessing.context import BaseContext
from typing import Final

FORKSERVER: Final = "forkserver"
NEEDED: Final = "ops.rebuild.pool"
"""What each of them imports."""


@contextmanager
def workers(processes: int) -> Iterator[Executor]:
    pool: Executor
    if processes > 1:
        pool = ProcessPoolExecutor(processes, _context())
        for _ in range(processes):
            pool.submit(int)  # they get ready while the first histories are fetched
    else:
        pool = ThreadPoolExecutor(1, "folding")
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _context() -> BaseContext:
    """Processes that import this once, and not each; where that is not to be had, new ones.

    A copy of this very process would have copies of Temporal's threads' locks.
    """
    if FORKSERVER not in get_all_start_methods():
        return get_context("spawn")
    context = get_context(FORKSERVER)
    context.set_forkserver_preload([NEEDED])
    return context

"""Begins other processes that have this one's code loaded already."""

import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Final

METHOD: Final = "fork" if sys.platform == "linux" else "spawn"
"""A fork has everything imported; elsewhere a system's own libraries may not outlive one."""


@contextmanager
def forked(
    number: int, begin: Callable[..., object], *given: object, method: str = METHOD
) -> Iterator[ProcessPoolExecutor]:
    """So many processes, for as long as this lasts.

    Begin before anything that starts threads: they do not come along in a fork.

    Args:
        number: how many.
        begin: what each does first.
        given: what that is given.
        method: how they begin.
    """
    pool = ProcessPoolExecutor(number, get_context(method), _begun, (begin, given))
    pool.submit(int)  # all of them are forked now
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _begun(begin: Callable[..., object], given: tuple[object, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who began them is told, and ends them
    begin(*given)

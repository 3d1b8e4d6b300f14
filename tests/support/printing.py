"""Which processes of ours set a record at the moment."""

from contextlib import suppress

import psutil


def busy() -> set[int]:
    """Return the processes of ours that set a record: they have given way, and run."""
    found, own = set(), psutil.Process().nice()
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):
            if child.nice() > own and child.status() == psutil.STATUS_RUNNING:
                found.add(child.pid)
    return found


async def working() -> bool:
    return bool(busy())


async def idle() -> bool:
    return not busy()

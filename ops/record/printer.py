"""Renders records outside the event loop: pages in threads, files in processes, few at a time."""

import asyncio
import gc
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from anyio import BrokenWorkerProcess, CapacityLimiter, to_process, to_thread

from ops.record.compose import Material, compose
from ops.record.html import as_html

AT_ONCE = 2
MOST_WAITING = 16
LONGEST = timedelta(seconds=60)
NICENESS = 10
"""How far a process that sets a file gives way to the API and the worker."""


class PrinterBusy(Exception):
    """Too many records wait to be set already."""


class RecordTooLong(Exception):
    """Setting the record took longer than anybody may occupy the printer."""


@dataclass(frozen=True)
class PrintJob:
    """What a record is made of: the case, the language, the zone of its times, and when it was."""

    material: Material
    locale: str
    zone: ZoneInfo
    printed: datetime


class Printer:
    """Sets records; whoever cancels `file` ends its process."""

    def __init__(self, longest: timedelta = LONGEST) -> None:
        self._pages, self._files = CapacityLimiter(AT_ONCE), CapacityLimiter(AT_ONCE)
        self._longest = longest

    async def page(self, job: PrintJob) -> bytes:
        """Return the record as HTML.

        Raises:
            PrinterBusy: too many wait already.
        """
        _refuse_queue(self._pages)
        return await to_thread.run_sync(_page, job, limiter=self._pages)

    async def file(self, job: PrintJob) -> bytes:
        """Return the record as a PDF, set by a process, since a thread would slow down the loop.

        Raises:
            PrinterBusy: too many wait already.
            RecordTooLong: it took too long.
        """
        _refuse_queue(self._files)
        async with self._files:
            try:
                async with asyncio.timeout(self._longest.total_seconds()):
                    return await _in_process(job)
            except TimeoutError:
                raise RecordTooLong from None


def _refuse_queue(limiter: CapacityLimiter) -> None:
    if limiter.statistics().tasks_waiting >= MOST_WAITING:
        raise PrinterBusy


async def _in_process(job: PrintJob) -> bytes:
    try:
        return await to_process.run_sync(_file, job, cancellable=True, limiter=CapacityLimiter(1))
    except BrokenWorkerProcess:
        # One that waited for its next file was killed, as for memory; the next one is new.
        return await to_process.run_sync(_file, job, cancellable=True, limiter=CapacityLimiter(1))


def _page(job: PrintJob) -> bytes:
    return as_html(compose(job.material, job.locale, job.zone, job.printed)).encode()


def _file(job: PrintJob) -> bytes:
    os.setpriority(os.PRIO_PROCESS, 0, NICENESS)
    # The process reads the API's main module first, which turns it off until it serves.
    gc.enable()
    from ops.record.pdf import as_pdf  # noqa: PLC0415 — 100 ms that only this process needs

    return as_pdf(compose(job.material, job.locale, job.zone, job.printed))

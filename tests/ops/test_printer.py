"""Setting records: in time as long as their texts, few at once, and given up when unwanted."""

import asyncio
import time
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cases import CURRENT
from domain.stories import through
from ops.record import Material, Printer, PrinterBusy, PrintJob, RecordTooLong
from ops.record.content import Event, Record
from ops.record.pdf import as_pdf
from ops.record.printer import AT_ONCE, MOST_WAITING
from store.comments import Comment, Visibility
from tests.domain.case_driver import NINE
from tests.ops.printed_records import ZONE, paper, pdf_text, told
from tests.support.printing import busy, idle, printers, working
from tests.support.waiting import until

LINES = 300


def material(comments: int = 0) -> Material:
    """Return a case with comments as long as they may be."""
    case = next(iter(told(CURRENT["complaint"])))
    author = through("app", "cu-1")
    number = case.opening.number
    said = [
        Comment(f"co-{n}", number, NINE, author, Visibility.PUBLIC, "长😀a" * 1_300)
        for n in range(comments)
    ]
    return Material(case.entries, (), said)


def job(comments: int = 0) -> PrintJob:
    return PrintJob(material(comments), "zh_CN", ZONE, NINE)


LONG = 200
"""Comments of a record that takes much longer to set than a test waits."""


def in_words(record: Record, text: str) -> Record:
    return replace(record, words=text)


def in_comments(record: Record, text: str) -> Record:
    return replace(record, comments=(Event("9:00", "客户", text),))


def in_details(record: Record, text: str) -> Record:
    return replace(record, events=(Event("9:00", "客服", "回复", (("答复", text),)),))


def _thread_seconds(record: Record) -> float:
    """Return what it costs this thread; those of other tests' engines are in the same process."""
    started = time.thread_time()
    as_pdf(record)
    return time.thread_time() - started


@pytest.mark.parametrize("place", [in_words, in_comments, in_details])
def test_four_times_the_lines_take_about_four_times_as_long(place: Any) -> None:
    plain = paper(material())

    def seconds(lines: int) -> float:
        record = place(plain, "\n".join(f"第{n}行" for n in range(lines)))
        return min(_thread_seconds(record) for _ in range(3))

    seconds(1)
    assert seconds(4 * LINES) < 9 * seconds(LINES), "the square would be 16"


@pytest.mark.parametrize("place", [in_words, in_comments, in_details])
def test_lines_stay_lines(place: Any) -> None:
    text = pdf_text(place(paper(material()), "一\n\n<二>\n三&"))
    assert "一" in text
    assert "<二>" in text
    assert "三&" in text


async def test_both_formats_are_set() -> None:
    printer = Printer()
    assert (await printer.page(job())).startswith(b"<!")
    assert (await printer.file(job())).startswith(b"%PDF")


async def test_a_file_that_nobody_wants_any_more_ends_its_process() -> None:
    await until(idle)
    setting = asyncio.create_task(Printer().file(job(LONG)))
    await until(working)
    setting.cancel()
    with suppress(asyncio.CancelledError):
        await setting
    await until(idle, seconds=10)


async def test_a_process_that_died_meanwhile_is_replaced() -> None:
    printer = Printer()
    await printer.file(job())
    started = printers()
    assert started
    for child in started:
        child.kill()
    assert (await printer.file(job())).startswith(b"%PDF")


async def test_a_record_that_takes_too_long_is_given_up() -> None:
    with pytest.raises(RecordTooLong):
        await Printer(timedelta(seconds=1)).file(job(LONG))
    await until(idle, seconds=10)


async def test_few_are_set_at_once_some_wait_and_others_are_refused() -> None:
    printer = Printer()
    tasks = [start(printer.file(job(LONG))) for _ in range(AT_ONCE + MOST_WAITING)]
    try:
        await until(working)
        with pytest.raises(PrinterBusy):
            await printer.file(job())
        assert len(busy()) <= AT_ONCE
        assert (await printer.page(job())).startswith(b"<!"), "pages do not wait for files"
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert (await printer.file(job())).startswith(b"%PDF"), "those that left hold no place"


def start(work: Coroutine[Any, Any, bytes]) -> asyncio.Task[bytes]:
    return asyncio.create_task(work)

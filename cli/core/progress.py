"""Progress of long work on stderr: a bar at a terminal, elsewhere a plain line now and then."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from cli.core.exits import CommandFailed
from cli.core.i18n import translate
from cli.core.output import stderr
from runtime.message import Message

SECONDS_BETWEEN_LINES = 5.0


@contextmanager
def progress_bar(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Yield a function to call with how many are done; `total` is None if it is not known."""
    what, console = translate(what), stderr()
    if console.is_terminal:
        from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

        columns = (
            *Progress.get_default_columns()[:-1],
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task(what, total=total)
            yield lambda done: bar.update(task, completed=done)
        return

    last, printed = time.monotonic(), -1

    def line(done: int) -> None:
        nonlocal last, printed
        if done != printed and time.monotonic() - last >= SECONDS_BETWEEN_LINES:
            last, printed = time.monotonic(), done
            console.print(_line(done, total, what), markup=False)

    yield line


@contextmanager
def phased_progress() -> Iterator[Callable[[str, int, int | None], None]]:
    """Yield a function to call with a phase's name, how many are done, and of how many."""
    phase = ""
    update: Callable[[int], None] = ignore_progress
    with ExitStack() as stack:

        def report(what: str, done: int, total: int | None) -> None:
            nonlocal phase, update
            if what != phase:
                stack.close()
                phase, update = what, stack.enter_context(progress_bar(what, total))
            update(done)

        yield report


def _line(done: int, total: int | None, what: str) -> str:
    if total:
        return translate("%(done)s of %(total)s %(what)s", done=done, total=total, what=what)
    return f"{done} {what}"


def ignore_progress(_done: int) -> None:
    """Do nothing, where no progress is shown."""


@contextmanager
def told_how_far(done: int, total: int, sentence: Message) -> Iterator[None]:
    """Add to a failure how much of a file was dealt with before it.

    Args:
        done: how much; nothing is added if it is nothing.
        total: of how much.
        sentence: says it with `%(why)s`, `%(done)s` and `%(total)s`.
    """
    try:
        yield
    except CommandFailed as error:
        if not done:
            raise
        told = translate(sentence.pattern, why=error, done=done, total=total)
        raise type(error)(told, error.problem) from None

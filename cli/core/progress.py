"""How far long work is: a bar at a terminal, elsewhere a plain line now and then, on stderr."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from cli.core.output import stderr

EVERY = 5.0


@contextmanager
def advancing(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Something to be told how many are done; `total` is None while nobody knows it."""
    console = stderr()
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

    last, said = time.monotonic(), -1

    def line(done: int) -> None:
        nonlocal last, said
        if done != said and time.monotonic() - last >= EVERY:
            last, said = time.monotonic(), done
            console.print(f"{done}{f' of {total}' if total else ''} {what}", markup=False)

    yield line


@contextmanager
def phases() -> Iterator[Callable[[str, int, int | None], None]]:
    """Something to be told what is done, how many, of how many; a new word begins a new part."""
    now = ""
    told: Callable[[int], None] = _silent
    with ExitStack() as part:

        def tell(what: str, done: int, total: int | None) -> None:
            nonlocal now, told
            if what != now:
                part.close()
                now, told = what, part.enter_context(advancing(what, total))
            told(done)

        yield tell


def _silent(_done: int) -> None:
    return

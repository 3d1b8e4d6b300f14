"""Progress of work in several parts."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from cli.advancing import advancing


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

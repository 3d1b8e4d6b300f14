"""Which tables a request of a test writes to."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from sqlalchemy import Engine, event

READING: Final = frozenset({"staff_sessions", "audit_waiting", "audit_log", "known_browsers"})
"""What whoever only looks may write: that they were here, and whose record they saw."""
_WRITES: Final = re.compile(r"^\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)", re.IGNORECASE)
_written: ContextVar[set[str] | None] = ContextVar("written", default=None)


@contextmanager
def written_tables() -> Iterator[set[str]]:
    """Yield a set that fills with the tables of which this request writes a row; no other does."""
    written: set[str] = set()
    token = _written.set(written)

    def after(_c: Any, cursor: Any, statement: str, *_: Any) -> None:
        found = _WRITES.match(statement)
        if found and cursor.rowcount and _written.get() is written:
            written.add(found[1])

    event.listen(Engine, "after_cursor_execute", after)
    try:
        yield written
    finally:
        event.remove(Engine, "after_cursor_execute", after)
        _written.reset(token)

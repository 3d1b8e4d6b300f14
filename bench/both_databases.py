"""Measure the same on both databases, each new."""

import tempfile
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TypeVar

from tests.support import postgres

T = TypeVar("T")


async def on_both_databases(measure: Callable[[Path, str], Awaitable[T]]) -> Mapping[str, T]:
    """Return what was measured, given a folder and a database's address, by the database's name."""
    with tempfile.TemporaryDirectory() as folder:
        lite = await measure(Path(folder), f"sqlite+aiosqlite:///{Path(folder) / 'banjie.db'}")
    with tempfile.TemporaryDirectory() as folder, postgres.running() as cluster:
        full = await measure(Path(folder), cluster.new_database("full", template="template0"))
    return {"SQLite": lite, "PostgreSQL": full}

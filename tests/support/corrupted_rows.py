"""Corrupts rows of a store on SQLite for a while, behind the back of the store."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path


@contextmanager
def corrupted_rows(
    file: Path, number: str, table: str, how: str, which: str = "1", key: str = "number"
) -> Iterator[None]:
    """Set a column of a case's rows, for instance `state = 'lost'`, and restore it at the end."""
    column = how.partition(" ")[0]
    where = f"FROM {table} WHERE {key} = :n AND {which}"
    given = {"n": number}
    with closing(sqlite3.connect(file, isolation_level=None, timeout=30)) as database:
        rows = database.execute(f"SELECT rowid, {column} {where}", given).fetchall()
        assert rows
        some = f"WHERE rowid IN (SELECT rowid {where})"
        database.execute(f"UPDATE {table} SET {how} {some}", given)  # noqa: S608 — our names
        try:
            yield
        finally:
            back = f"UPDATE {table} SET {column} = ? WHERE rowid = ?"  # noqa: S608 — our names
            database.executemany(back, [(right, rowid) for rowid, right in rows])

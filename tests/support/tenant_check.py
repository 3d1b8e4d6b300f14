"""Reads the statements that the store sends: each must say whose rows it means."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

from store.all_tables import metadata

TABLES = "|".join(sorted(metadata.tables))
READS = re.compile(rf'\b(?:FROM|JOIN|UPDATE)\s+"?({TABLES})"?\b', re.IGNORECASE)
LISTED = re.compile(rf"\bFROM\s+((?:(?:{TABLES})\b,?\s*)+)", re.IGNORECASE)
INSERTS = re.compile(rf'^\s*INSERT\s+INTO\s+"?({TABLES})"?\s*\(([^)]*)\)', re.IGNORECASE)
# A key at the door says itself whose it is; its id is unique over all tenants.
EXEMPT = re.compile(
    r"FROM api_keys\s+WHERE api_keys\.id = \S+\s*$"
    # A dispatcher serves all tenants: it asks who has something to send, and learns nothing else.
    r"|^SELECT DISTINCT outbox\.tenant\s+FROM outbox\s+WHERE outbox\.status = "
    # A sealer serves all tenants, too: it asks who has something to seal, and who ever had.
    r"|^SELECT DISTINCT (audit_waiting|audit_checkpoints)\.tenant\s+FROM \1\s+ORDER BY \1\.tenant$"
    # Whoever verifies looks for tenants that nobody knows, and learns nothing else of them.
    r"|^SELECT min\((?P<any>\w+)\.tenant\) AS min_1\s+FROM (?P=any)"
    r"(\s+WHERE (?P=any)\.tenant > \S+)?\s*$"
    # A rebuild makes the cases of all tenants again: it asks whose there are.
    r"|^SELECT DISTINCT cases\.tenant\s+FROM cases\s+ORDER BY cases\.tenant$"
    # It also looks for rows that somebody put under a tenant of whom there is nothing else.
    r"|^SELECT DISTINCT (?P<of>entries|tasks|task_roles|clocks|outbox|comments|ledger)\.tenant\s+"
    r"FROM (?P=of)\s+ORDER BY (?P=of)\.tenant$"
)


class StatementCheck:
    """The statements seen, and the tables they were about."""

    def __init__(self) -> None:
        self.tables: set[str] = set()

    def see(self, statement: str) -> None:
        """Refuse a statement that does not name the tenant of each table it touches."""
        self.tables |= touched(statement)
        forgotten = forgets(statement)
        assert not forgotten, f"no tenant for {forgotten} in: {statement}"


def touched(statement: str) -> set[str]:
    """The tenants' tables that a statement reads or writes."""
    listed = {name for found in LISTED.findall(statement) for name in re.findall(r"\w+", found)}
    inserted = {found[0] for found in INSERTS.findall(statement)}
    return listed | set(READS.findall(statement)) | inserted


def forgets(statement: str) -> set[str]:
    """Those among them whose tenant it does not name."""
    if EXEMPT.search(statement):
        return set()
    if insert := INSERTS.match(statement):
        columns = {column.strip(' "') for column in insert[2].split(",")}
        return set() if "tenant" in columns else {insert[1]}
    return {name for name in touched(statement) if not _bound(name, statement)}


@contextmanager
def tenant_checked() -> Iterator[StatementCheck]:
    """Read every statement of every engine of this process; a bad one fails where it is sent."""
    watch = StatementCheck()

    def before(_c: Any, _cursor: Any, statement: str, _p: Any, _x: Any, _many: bool) -> None:
        if not statement.lstrip().upper().startswith(("CREATE", "PRAGMA", "DROP", "ALTER")):
            watch.see(statement)

    event.listen(Engine, "before_cursor_execute", before)
    try:
        yield watch
    finally:
        event.remove(Engine, "before_cursor_execute", before)


def _bound(table: str, statement: str) -> bool:
    _, _, where = statement.partition("WHERE")
    return re.search(rf"\b{table}\.tenant = |= {table}\.tenant\b", where) is not None

"""Checks every SQL statement of the store: each must name the tenant of the rows it means."""

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
# An API key names its own tenant; its id is unique over all tenants.
EXEMPT = re.compile(
    r"FROM api_keys\s+WHERE api_keys\.id = \S+\s*$"
    # So does the token of a session, or of a one-time link; whose it is, is joined by the tenant.
    r"|FROM sign_in_links\s+WHERE sign_in_links\.token_hash = \S+\s*$"
    r"|FROM staff_sessions JOIN staff ON staff\.tenant = staff_sessions\.tenant AND .*"
    r" JOIN memberships ON memberships\.tenant = staff_sessions\.tenant AND .*\s+"
    r"WHERE staff_sessions\.token_hash IN \([^()]*\) ORDER BY memberships\.team\s*$"
    # A dispatcher serves all tenants: it asks who has something to send, and learns nothing else.
    r"|^SELECT DISTINCT outbox\.tenant\s+FROM outbox\s+WHERE outbox\.status = "
    r"|SELECT DISTINCT scheduled_messages\.tenant\s+FROM scheduled_messages\s+"
    r"WHERE scheduled_messages\.status IN "
    r"|SELECT DISTINCT comments\.tenant\s+FROM comments\s+WHERE comments\.untold"
    # Who assigns by rule serves all tenants: it asks where somebody is on duty, or is to be told.
    r"|SELECT DISTINCT staff_profiles\.tenant\s+FROM staff_profiles\s+"
    r"WHERE staff_profiles\.on_duty"
    r"|SELECT DISTINCT assignments\.tenant\s+FROM assignments\s+WHERE assignments\.status = "
    # One reader in each process reads all tenants' changes, and hands each on to its own tenant.
    r"|SELECT changes\.id(, changes\.tenant, [^*]*)?\s+FROM changes\s+(WHERE changes\.id|ORDER BY)"
    r"|SELECT (\(SELECT )?(?:min|max)\(changes\.id\) AS \w+\s+FROM changes(\) AS \w+, \(|\s*$)"
    # A migration serves all tenants.
    r"|^UPDATE outbox SET status = 'dead' WHERE status = 'set_aside'$"
    # What is kept for a time only is deleted by its age.
    r"|^DELETE FROM (drafts|presence|scheduled_messages|changes|order_turns|assignments) WHERE "
    r"\w+\.(\w+_until|\w*_?at) < "
    # A sealer serves all tenants, too: it asks who has something to seal, and who ever had.
    r"|^SELECT DISTINCT (?P<seal>audit_waiting|audit_checkpoints)\.tenant\s+"
    r"FROM (?P=seal)\s+ORDER BY (?P=seal)\.tenant$"
    # Whoever verifies looks for tenants that nobody knows, and learns nothing else of them.
    r"|^SELECT min\((?P<any>\w+)\.tenant\) AS min_1\s+FROM (?P=any)"
    r"(\s+WHERE (?P=any)\.tenant > \S+)?\s*$"
    # A rebuild makes the cases of all tenants again: it asks whose there are.
    r"|^SELECT DISTINCT cases\.tenant\s+FROM cases\s+ORDER BY cases\.tenant$"
    # It also looks for rows that somebody put under a tenant of whom there is nothing else.
    r"|^SELECT DISTINCT "
    r"(?P<of>entries|tasks|task_roles|clocks|case_words|case_goods|outbox|comments|ledger|attachments"
    r"|attachment_erasures)\.tenant\s+"
    r"FROM (?P=of)\s+ORDER BY (?P=of)\.tenant$"
)


class StatementCheck:
    """Checks statements, and collects the tables that they touched."""

    def __init__(self) -> None:
        self.tables: set[str] = set()

    def check(self, statement: str) -> None:
        """Refuse a statement that does not name the tenant of each table it touches."""
        self.tables |= tables_in(statement)
        missing = tables_without_tenant(statement)
        assert not missing, f"no tenant for {missing} in: {statement}"


def tables_in(statement: str) -> set[str]:
    """Return the tenants' tables that a statement reads or writes."""
    listed = {name for found in LISTED.findall(statement) for name in re.findall(r"\w+", found)}
    inserted = {found[0] for found in INSERTS.findall(statement)}
    return listed | set(READS.findall(statement)) | inserted


def tables_without_tenant(statement: str) -> set[str]:
    """Return those among them whose tenant it does not name."""
    if EXEMPT.search(statement):
        return set()
    if insert := INSERTS.match(statement):
        columns = {column.strip(' "') for column in insert[2].split(",")}
        return set() if "tenant" in columns else {insert[1]}
    return {name for name in tables_in(statement) if not _names_tenant_of(name, statement)}


@contextmanager
def tenant_checked() -> Iterator[StatementCheck]:
    """Check every statement of every engine of this process; a bad one fails where it is sent."""
    check = StatementCheck()

    def before(_c: Any, _cursor: Any, statement: str, _p: Any, _x: Any, _many: bool) -> None:
        if not statement.lstrip().upper().startswith(("CREATE", "PRAGMA", "DROP", "ALTER")):
            check.check(statement)

    event.listen(Engine, "before_cursor_execute", before)
    try:
        yield check
    finally:
        event.remove(Engine, "before_cursor_execute", before)


def _names_tenant_of(table: str, statement: str) -> bool:
    _, _, where = statement.partition("WHERE")
    return re.search(rf"\b{table}\.tenant = |= {table}\.tenant\b", where) is not None

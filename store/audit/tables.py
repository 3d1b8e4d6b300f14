"""The audit log's tables: rows that wait to be sealed, sealed rows, and checkpoints of them.

These are records: never dropped or rebuilt. A row of `audit` is written once and never changed.
"""

from sqlalchemy import Column, Integer, String, Text, UniqueConstraint

from store.db.tables import table

# `kind` is "entry" (`id`: the case's number, `seq`: the entry's) or "act" (`seq` is 0). `hash` is
# that of the entry, or of `body`, which is the audit event as canonical JSON.
audit_waiting = table(
    "audit_waiting",
    Column("kind", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("hash", String, nullable=False),
    Column("body", Text),
)

audit = table(
    "audit",
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("kind", String, nullable=False),
    Column("id", String, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("hash", String, nullable=False),
    Column("body", Text),
    UniqueConstraint("tenant", "kind", "id", "seq"),
)

# `document` is the signed checkpoint as it is written outside the database; `peaks` are the roots
# of the full subtrees, from which the next checkpoint continues.
audit_checkpoints = table(
    "audit_checkpoints",
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("count", Integer, nullable=False),
    Column("peaks", Text, nullable=False),
    Column("document", Text, nullable=False),
)

"""The ledger across cases: what waits to be sealed, what is sealed, and the checkpoints of it.

Records: never dropped or built again. A row of `audit` is written once and never changed.
"""

from sqlalchemy import Column, Integer, String, Text, UniqueConstraint

from store.db.tables import table

# `kind` is "entry" (`id`: the case's number, `seq`: the entry's) or "act" (`seq` is 0). `hash` is
# the entry's, or that of `body`, which is what was done, as canonical JSON.
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

# `document` is the signed checkpoint as it is written outside the database, `peaks` the roots of
# the full subtrees, from which the next one goes on.
audit_checkpoints = table(
    "audit_checkpoints",
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("count", Integer, nullable=False),
    Column("peaks", Text, nullable=False),
    Column("document", Text, nullable=False),
)

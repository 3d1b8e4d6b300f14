"""What the built-in ports did: refunds paid, parcels sent. Records: never dropped or rebuilt."""

from sqlalchemy import Column, Integer, String

from store.tables.base import table
from store.types import Instant, Json

ledger = table(
    "ledger",
    Column("number", String, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("port", String, nullable=False),
    Column("template", String, nullable=False),
    Column("params", Json, nullable=False),
    Column("reference", String, nullable=False),
    Column("at", Instant, nullable=False),
)

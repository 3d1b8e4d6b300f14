"""Every table at once, for the migrations."""

from store.tables import audit, batches, customers, intake, ledger, people, projection, talk
from store.tables.base import metadata

__all__ = [
    "audit",
    "batches",
    "customers",
    "intake",
    "ledger",
    "metadata",
    "people",
    "projection",
    "talk",
]

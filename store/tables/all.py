"""Every table at once, for the migrations."""

from store.tables import customers, intake, people, projection, talk
from store.tables.base import metadata

__all__ = ["customers", "intake", "metadata", "people", "projection", "talk"]

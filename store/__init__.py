"""What we remember: the projection of cases, and the records that live only here."""

from store.store import Store

__all__ = ["Store"]

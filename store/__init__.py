"""The store: the projection of cases, and the records that are kept nowhere else."""

from typing import TYPE_CHECKING

__all__ = ["Store"]

if TYPE_CHECKING:
    from store.store import Store
else:

    def __getattr__(name: str) -> object:
        # SQLAlchemy takes half a second to load, and the archive and the errors do without it.
        if name != "Store":
            raise AttributeError(f"module 'store' has no attribute {name!r}")
        from store.store import Store  # noqa: PLC0415

        return Store

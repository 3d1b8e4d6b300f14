"""The projection as rows: read, compared and written case by case, for rebuilding and mending."""

from store.projection.projection import UNKNOWN, UNREADABLE, Moved, Packed, Projection, pack
from store.projection.rows import COMPARED, TABLES, Rows, none, rows_of, same

__all__ = [
    "COMPARED",
    "TABLES",
    "UNKNOWN",
    "UNREADABLE",
    "Moved",
    "Packed",
    "Projection",
    "Rows",
    "none",
    "pack",
    "rows_of",
    "same",
]

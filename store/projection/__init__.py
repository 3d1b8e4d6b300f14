"""The projection as rows: read, compared and written case by case, for rebuilding and mending."""

from store.projection.projection import UNKNOWN, Moved, Projection
from store.projection.rows import COMPARED, TABLES, Rows, none, rows_of, same

__all__ = [
    "COMPARED",
    "TABLES",
    "UNKNOWN",
    "Moved",
    "Projection",
    "Rows",
    "none",
    "rows_of",
    "same",
]

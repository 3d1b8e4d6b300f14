"""The projection as rows: read, compared and written case by case, for rebuilding and mending."""

from store.projection.projection import Projection
from store.projection.rows import COMPARED, TABLES, Rows, none, rows_of, same
from store.projection.writing import UNKNOWN, Moved

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

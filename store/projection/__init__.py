"""The projection as rows: read, compared and written case by case, for rebuilding and mending."""

from store.projection.packing import Packed, pack
from store.projection.projection import Projection
from store.projection.reading import UNREADABLE
from store.projection.rows import COMPARED, TABLES, Rows, none, rows_of, same
from store.projection.writing import UNKNOWN, Moved

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

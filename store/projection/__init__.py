"""The projection as rows: read, compared and written case by case, for rebuilding and mending."""

from store.projection.projection import Moved, Projection
from store.projection.rows import TABLES, Rows, rows_of

__all__ = ["TABLES", "Moved", "Projection", "Rows", "rows_of"]

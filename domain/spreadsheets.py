"""Values as text in a file that people open in a spreadsheet: none of them is computed there."""

import unicodedata
from datetime import UTC, datetime
from typing import Final

from domain.language.values import without_invisible

BOM: Final = "\ufeff"
"""What tells a spreadsheet that a file is UTF-8."""
FORMULA: Final = ("=", "+", "-", "@")
"""What a spreadsheet takes for the start of a formula; in full width, too, in some countries."""
LEADS_TO_FORMULA: Final = ("\t", "\r", "\n")

Scalar = str | int | float | bool | datetime


def cell(value: Scalar | None) -> str:
    """Return a value as text; what a spreadsheet would compute gets a quote before it."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case datetime():
            return instant(value)
        case str():
            return f"'{value}" if _is_computed(value) else value
    return str(value)


def instant(at: datetime) -> str:
    """Return a moment in UTC as ISO 8601, to the microsecond: readers expect one spelling."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _is_computed(text: str) -> bool:
    """Whether a spreadsheet may compute the text; what it leaves out in front is left out here."""
    plain = without_invisible(unicodedata.normalize("NFKC", text)).lstrip()
    return plain.startswith(FORMULA) or text.startswith(LEADS_TO_FORMULA)

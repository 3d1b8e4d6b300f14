"""The customers' own words in the one spelling in which they are searched."""

import unicodedata

from domain.language.entries import Entry, EntryType
from domain.language.values import without_invisible


def searchable(text: str) -> str:
    """Return a text without what people write now one way, now the other: width, case, blanks."""
    plain = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return without_invisible(plain).encode("utf-8", "ignore").decode()


def opening_words(entry: Entry) -> str | None:
    """Return the words that a case was opened with; "" if it had none, None if it opens none."""
    if entry.type is not EntryType.OPENED:
        return None
    form = entry.form.get("form")
    words = form.get("words") if isinstance(form, dict) else None
    return searchable(words) if isinstance(words, str) else ""

"""Sorts a case by the words of its opening, and by what is known of it from the start."""

from domain.engine.messages import Opening
from domain.language.sorting import Reason, Sorting, sort_words


def sort_opening(sorting: Sorting, opening: Opening) -> list[Reason]:
    """Return what the words of a case make of it, and by which of them."""
    words = opening.form.get("words")
    asked = {
        "channel": opening.channel,
        "tier": opening.tier,
        "product": opening.product,
        "product_line": next((each.product_line for each in opening.goods), None),
    }
    return sort_words(sorting, words if isinstance(words, str) else "", asked)

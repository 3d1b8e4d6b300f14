"""Codes that people write: two spellings of one order or product are the same code."""

import unicodedata

_WIDE = {each: each + 0xFEE0 for each in range(0x21, 0x7F) if chr(each).isalnum()}
"""Each letter and digit of ASCII, and the one that is as wide as a Chinese character."""


def plain_code(code: str) -> str:
    """Return a code without what people write now one way, now the other: width, case, blanks."""
    return "".join(unicodedata.normalize("NFKC", code).casefold().split())


def spellings(code: str) -> list[str]:
    """Return how a code is usually written: as it is, small, large, as a title, and each wide."""
    plain = plain_code(code)
    narrow = (
        *(code, unicodedata.normalize("NFKC", code)),
        *(plain, plain.upper(), plain.title()),
    )
    return [*dict.fromkeys((*narrow, *(each.translate(_WIDE) for each in narrow)))]

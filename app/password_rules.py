"""What a new password must be: long enough, and not one of those that are tried first."""

import unicodedata
from itertools import pairwise
from pathlib import Path
from typing import Final

from app.errors import FieldFault, Unacceptable

SHORTEST, LONGEST = 10, 200
FEWEST_CHARACTERS: Final = 4
"""A password of fewer different characters is guessed early."""
LONGEST_UNIT: Final = 4
"""A password that repeats so short a part is guessed early."""
BESIDE_ID: Final = 6
"""So many characters must stand beside one's own id, if that is in it."""

COMMON: Final = frozenset(
    (Path(__file__).parent / "common_passwords.txt").read_text(encoding="ascii").split()
)
"""The commonest that are long enough, in small letters."""


def normalised(password: str) -> str:
    """Return a password as it is hashed: the same characters, however a keyboard composes them."""
    return unicodedata.normalize("NFC", password)


def read_new_password(password: str, staff: str, pointer: str) -> str:
    """Return a new password as it is hashed.

    Raises:
        Unacceptable: it is too short, too long, too common, or hardly more than the person's id.
    """
    password = normalised(password)
    if fault := _fault(password, staff):
        code, detail, bound = fault
        raise Unacceptable(FieldFault(pointer, code, detail, bound))
    return password


def _fault(password: str, staff: str) -> tuple[str, str, dict[str, int]] | None:
    if len(password) < SHORTEST:
        return "password_short", f"Take at least {SHORTEST} characters.", {"min": SHORTEST}
    if len(password) > LONGEST:
        return "password_long", f"Take at most {LONGEST} characters.", {"max": LONGEST}
    folded = unicodedata.normalize("NFKC", password).casefold()
    if len(folded.replace(staff.casefold(), "")) < BESIDE_ID:
        return "password_is_id", "It is hardly more than your id.", {}
    if _is_common(folded):
        return "password_common", "It is one of those that are tried first.", {}
    return None


def _is_common(folded: str) -> bool:
    size = len(folded)
    repeats = any(folded == (folded[:n] * size)[:size] for n in range(1, LONGEST_UNIT + 1))
    steps = {ord(after) - ord(before) for before, after in pairwise(folded)}
    is_plain = repeats or len(set(folded)) < FEWEST_CHARACTERS or steps in ({1}, {-1})
    return is_plain or folded in COMMON

"""Contact points in the normal spelling in which they are matched."""

import re
import unicodedata
from collections.abc import Iterable

from store.customers.records import Contact, ContactKind
from store.errors import WrongContact

Point = tuple[str, str]
"""A contact point's kind and its normal spelling."""

NUMBERS = frozenset({ContactKind.PHONE.value, ContactKind.SMS.value})
_CHINA = re.compile(r"^(?:\+|00)?86(?=1\d{10}$)|^(?:\+|00)86")


def normal_spelling(contact: Contact) -> str:
    """Return a phone number as digits (no +86, others with +), an e-mail in lower case.

    Raises:
        WrongContact: nothing is left of the value.
    """
    plain = unicodedata.normalize("NFKC", contact.value).strip()
    value = _phone(plain) if contact.kind in NUMBERS else plain
    value = value.lower() if contact.kind == ContactKind.EMAIL else value
    if not value:
        raise WrongContact(f"The {contact.kind} is empty; leave it out or give one.")
    return value


def equivalent_points(point: Point) -> tuple[Point, ...]:
    """Return the points that mean the same: a number is one for calls and for text messages."""
    kind, value = point
    others = sorted(NUMBERS - {kind}) if kind in NUMBERS else []
    return (point, *((other, value) for other in others))


def stored_points(points: Iterable[Point]) -> list[Point]:
    """Return the points to store: for each number also the one for calls."""
    phone = ContactKind.PHONE.value
    groups = ([(k, v), (phone, v)] if k in NUMBERS else [(k, v)] for k, v in points)
    return list(dict.fromkeys(point for group in groups for point in group))


def _phone(plain: str) -> str:
    digits = re.sub(r"\D", "", plain)
    abroad = "+" if plain.startswith("+") else ""
    number = _CHINA.sub("", abroad + digits) if digits else ""
    return re.sub(r"^00", "+", number)

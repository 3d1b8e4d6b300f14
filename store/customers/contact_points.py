"""Contact points in the one spelling in which they are matched."""

import re
import unicodedata
from collections.abc import Iterable

from store.customers.records import Contact, ContactKind
from store.errors import WrongContact

Point = tuple[str, str]
"""A contact point's kind and its normal spelling."""

NUMBERS = frozenset({ContactKind.PHONE.value, ContactKind.SMS.value})
_CHINA = re.compile(r"^(?:\+|00)?86(?=1\d{10}$)|^(?:\+|00)86")


def normal(contact: Contact) -> str:
    """A phone as digits without +86, another country's with its plus; an e-mail in small letters.

    Raises:
        WrongContact: nothing is left of it.
    """
    plain = unicodedata.normalize("NFKC", contact.value).strip()
    found = _phone(plain) if contact.kind in NUMBERS else plain
    found = found.lower() if contact.kind == ContactKind.EMAIL else found
    if not found:
        raise WrongContact(f"The {contact.kind} is empty; leave it out or give one.")
    return found


def same_identity(point: Point) -> tuple[Point, ...]:
    """All under which this contact point may be known: a number is one for calls and messages."""
    kind, value = point
    others = sorted(NUMBERS - {kind}) if kind in NUMBERS else []
    return (point, *((other, value) for other in others))


def kept_as(points: Iterable[Point]) -> list[Point]:
    """The contact points, and for each number also the phone's."""
    phone = ContactKind.PHONE.value
    wanted = ([(k, v), (phone, v)] if k in NUMBERS else [(k, v)] for k, v in points)
    return list(dict.fromkeys(point for each in wanted for point in each))


def _phone(plain: str) -> str:
    digits = re.sub(r"\D", "", plain)
    abroad = "+" if plain.startswith("+") else ""
    number = _CHINA.sub("", abroad + digits) if digits else ""
    return re.sub(r"^00", "+", number)

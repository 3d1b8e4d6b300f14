"""Contact points in the one spelling in which they are matched."""

import re
import unicodedata

from store.errors import WrongContact
from store.records import Contact, ContactKind

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


def _phone(plain: str) -> str:
    digits = re.sub(r"\D", "", plain)
    abroad = "+" if plain.startswith("+") else ""
    number = _CHINA.sub("", abroad + digits) if digits else ""
    return re.sub(r"^00", "+", number)

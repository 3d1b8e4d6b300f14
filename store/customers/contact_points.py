"""Contact points in the normal spelling in which they are matched, and whom they are of.

Numbers are read with Google's metadata of all numbering plans (`phonenumbers`), as somebody in
China would dial them. Earlier releases kept other spellings; they are looked up as well, so that
what is stored goes on matching.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat

from domain.language.values import without_invisible
from store.customers.records import Contact, ContactKind
from store.errors import WrongContact

Point = tuple[str, str]
"""A contact point's kind and its normal spelling."""

NUMBERS = frozenset({ContactKind.PHONE.value, ContactKind.SMS.value})
REGION, COUNTRY_CODE = "CN", 86
"""Where numbers without a country are dialled."""

NOBODYS = frozenset(
    {"", "na", "nil", "no", "none", "null", "unknown", "undefined", "anonymous", "guest", "noreply",
     "donotreply", "nonegiven", "notgiven", "noemail", "nophone", "same", "sameasphone",
     "无", "没有", "暂无", "未知", "不详", "匿名", "保密", "游客", "未提供", "未填", "拒绝提供",
     "不提供", "没有电话", "无电话", "没有邮箱", "无邮箱", "微信", "手机", "电话", "邮箱", "同上",
     "同手机", "同电话", "同手机号", "手机同号", "自提", "到店自提"}
)  # fmt: skip
"""What is written where there is nothing to write, in letters and digits alone."""

LONGEST_LOCAL = 10
"""A number with more digits may begin with its country, also without a plus."""
COUNTING = "01234567890123456789"

_CHINA = re.compile(r"^(?:\+|00)?86(?=1\d{10}$)|^(?:\+|00)86")
_EXTENSION = re.compile(r"\s*(?:转|轉|分机|分機)\s*")
_AFTER_THE_NUMBER = re.compile(r"(?<=\d{7})\s*-\s*(?=\d{1,5}$)")
"""Where an extension is written like one more group of the number."""
_COUNTRY_TWICE = re.compile(r"^(?:0*86){2,}(?=1[3-9]\d{9}$)")
_BETWEEN_PARTS = re.compile(r"[\s,;、。]+")
"""What stands, or does not, between the parts of a postal address."""
_NEEDLESS_BLANK = re.compile(r"(?<![0-9a-z]) | (?![0-9a-z])")
_CONTEXT = re.compile(r";phone-context=.*$", re.IGNORECASE)
_MOBILE = re.compile(r"1[3-9]\d{9}")
"""A mobile of mainland China: new ranges are in use before any list of them has them."""
_MAIL = re.compile(r"[^\s<>()?,;:\"'：；，、（）]+@[^\s<>()?,;:\"'：；，、（）]+")
_HOST = re.compile(r"[^@.]+(?:\.[^@.]+)+")


def normal_spelling(contact: Contact) -> str:
    """Return a phone number as it is dialled in China (others with +), an e-mail in lower case.

    A postal address is without case, and without blanks and commas between Chinese characters.

    Raises:
        WrongContact: nothing is left of the value.
    """
    plain = _plain(contact.value)
    if contact.kind in NUMBERS:
        number = _number(plain)
        value = _dialled(number) if number else _digits(plain)
    elif contact.kind == ContactKind.EMAIL:
        value = _mail(plain)
    else:
        value = _place(plain) if contact.kind == ContactKind.ADDRESS else plain
    return _filled(contact, value)


def earlier_spellings(contact: Contact) -> Iterator[str]:
    """Yield the spellings under which earlier releases may have kept the same contact point."""
    plain = unicodedata.normalize("NFKC", contact.value).strip()
    if contact.kind == ContactKind.EMAIL:
        yield plain.lower()
        yield f"mailto:{_mail(_plain(contact.value))}"
    elif contact.kind not in NUMBERS:
        yield plain
    else:
        yield _digits(plain)
        if number := _number(_plain(contact.value)):
            yield from _earlier_numbers(number)


def possible_points(contact: Contact) -> list[Point]:
    """Return the points that the contact may be stored as, the normal spelling first.

    Raises:
        WrongContact: nothing is left of the value.
    """
    spellings = (normal_spelling(contact), *earlier_spellings(contact))
    points = (equivalent_points((contact.kind, spelling)) for spelling in spellings)
    return [*dict.fromkeys(chain.from_iterable(points))]


def is_nobodys(contact: Contact) -> bool:
    """Whether the contact point is of nobody: a placeholder, or nothing that tells people apart.

    Such a contact is kept as it was given, and never leads to another customer.
    """
    plain = _plain(contact.value).lower()
    if re.sub(r"[\W_]+", "", plain) in NOBODYS:
        return bool(plain)
    if contact.kind == ContactKind.EMAIL:
        name, _, host = _mail(plain).partition("@")
        return not _HOST.fullmatch(host) or re.sub(r"[\W_]+", "", name) in NOBODYS
    if contact.kind not in NUMBERS:
        return not plain.strip("0")
    digits = re.sub(r"\D", "", plain)
    if not digits:
        return False  # words that are no placeholder: no number at all, which is refused
    if len(set(digits)) <= 1 or digits in COUNTING or digits in COUNTING[::-1]:
        return bool(plain)
    return _number(plain) is None and not _MOBILE.fullmatch(_digits(plain))


def private_spelling(contact: Contact) -> str:
    """Return what is kept of a contact point of nobody.

    Raises:
        WrongContact: nothing is left of the value.
    """
    return _filled(contact, _plain(contact.value))


def kept_spelling(contact: Contact) -> str:
    """Return how a contact point is kept: in its normal spelling, or as it was given if nobody's.

    Raises:
        WrongContact: nothing is left of the value.
    """
    return private_spelling(contact) if is_nobodys(contact) else normal_spelling(contact)


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


def _filled(contact: Contact, value: str) -> str:
    if not value:
        raise WrongContact(f"The {contact.kind} is empty; leave it out or give one.")
    return value


def _plain(value: str) -> str:
    return without_invisible(unicodedata.normalize("NFKC", value)).strip()


def _number(plain: str) -> PhoneNumber | None:
    """Return the number that is written there; None if no numbering plan has it."""
    written = _EXTENSION.sub(" ext. ", _CONTEXT.sub("", plain))
    digits = re.sub(r"\D", "", written)
    spellings = [written, _AFTER_THE_NUMBER.sub(" ext. ", written)]
    if len(digits) > LONGEST_LOCAL:
        once = _COUNTRY_TWICE.sub("86", digits)
        spellings += [f"+{digits}", f"+{digits.removeprefix('0')}", f"+{once}"]
    for spelling in spellings:
        try:
            number = phonenumbers.parse(spelling, REGION)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return number
    return None


def _dialled(number: PhoneNumber) -> str:
    if number.country_code == COUNTRY_CODE:
        bare = PhoneNumber(number.country_code, number.national_number)
        national = phonenumbers.format_number(bare, PhoneNumberFormat.NATIONAL)
        value = re.sub(r"\D", "", national)
    else:
        value = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return f"{value};ext={number.extension}" if number.extension else value


def _earlier_numbers(number: PhoneNumber) -> Iterator[str]:
    code = str(number.country_code)
    own = phonenumbers.national_significant_number(number) + (number.extension or "")
    # A national number alone is Chinese: another country's would be a stranger's.
    bare = (own, f"0{own}") if number.country_code == COUNTRY_CODE else ()
    yield from bare
    for national in (own, f"0{own}"):
        yield f"{code}{national}"
        yield f"+{code}{national}"


def _digits(plain: str) -> str:
    """Return the digits of a number, +86 left out, others with +."""
    digits = re.sub(r"\D", "", plain)
    abroad = "+" if plain.startswith("+") else ""
    number = _CHINA.sub("", abroad + digits) if digits else ""
    return re.sub(r"^00", "+", number)


def _place(plain: str) -> str:
    """Return a postal address as it is matched: two numbers side by side stay two."""
    return _NEEDLESS_BLANK.sub("", _BETWEEN_PARTS.sub(" ", plain.casefold()).strip())


def _mail(plain: str) -> str:
    """Return the address in lower case, out of `Name <a@b>`, `mailto:a@b` and `a@b;`, too."""
    found = _MAIL.findall(plain.replace("%40", "@"))
    name, at, domain = (found[0] if len(found) == 1 else plain).lower().partition("@")
    domain = domain.rstrip(".")
    with suppress(UnicodeError):
        domain = domain.encode("idna").decode("ascii")
    return f"{name}{at}{domain}"

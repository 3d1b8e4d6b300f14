"""The values that people hand in, one reader for each kind: a moment, an amount, a name, a code.

Each is strict where it comes in. What history holds was taken by an earlier reader: whoever reads
it passes `STORED` as the validation context, and the strict checks are passed over, so that old
cases come out as they were.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, Self, TypeVar
from zoneinfo import ZoneInfo

from iso4217 import Currency
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    TypeAdapter,
    ValidationInfo,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError


class PersonalMark:
    """Marks a field whose content may be about a person; it never goes into ids, labels or logs."""


PERSONAL = PersonalMark()
MAX_TEXT = 4000
MAX_NAME = 200
STORED: Final[Mapping[str, Any]] = {"stored": True}
"""The validation context of what history and the store hold."""

T = TypeVar("T")


def is_stored(info: ValidationInfo) -> bool:
    """Say whether a value is read from history, which is taken as it was written."""
    return bool((info.context or {}).get("stored"))


def _strictly(check: Callable[[T], T]) -> Callable[[T, ValidationInfo], T]:
    """Return the check, passed over where history is read."""
    return lambda value, info: value if is_stored(info) else check(value)


# Times

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d.*", re.ASCII | re.DOTALL)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_NUMBER = re.compile(r"\s*[+-]?[\d_]*\.?\d+(?:[eE][+-]?\d+)?\s*")
_DURATION = re.compile(r"[+]?P(?!$)(?:\d+(?:\.\d+)?[A-Z])*(?:T(?:\d+(?:\.\d+)?[A-Z])+)?", re.ASCII)


def _utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise PydanticCustomError("no_such_time", "there is no such time in UTC") from None


def in_zone(at: datetime, zone: ZoneInfo) -> datetime:
    """Return a moment in a zone; in UTC if the zone would lead out of the years 1 to 9999."""
    try:
        return at.astimezone(zone)
    except OverflowError:
        return at.astimezone(UTC)


def _refuse_number(value: object) -> object:
    """Refuse a number: pydantic would take it for seconds since 1970, which nobody means."""
    if isinstance(value, int | float | Decimal):
        raise PydanticCustomError("number_for_time", "write a time, not a number")
    return value


def _only_moment(value: object) -> object:
    """Refuse text that is no date with a time: digits would be taken for seconds since 1970."""
    if not isinstance(value, str) or _MOMENT.fullmatch(value):
        return value
    if _NUMBER.fullmatch(value):
        raise PydanticCustomError("number_for_time", "write a time, not a number")
    raise PydanticCustomError("time_spelling", "write a time such as 2026-03-03T10:00:00+08:00")


def _only_day(value: object) -> object:
    """Refuse what is no `YYYY-MM-DD`: numbers would be taken for seconds since 1970."""
    if isinstance(value, date) or (isinstance(value, str) and _DAY.fullmatch(value)):
        return value
    raise PydanticCustomError("date_spelling", "write a date such as 2026-03-03")


def _only_duration(value: object) -> object:
    """Refuse what is no ISO 8601 duration: a number would be taken for seconds."""
    if isinstance(value, timedelta) or (isinstance(value, str) and _DURATION.fullmatch(value)):
        return value
    raise PydanticCustomError("duration_spelling", "write a length of time such as PT2H or P1D")


Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_strictly(_only_moment)),
    BeforeValidator(_refuse_number),
    AfterValidator(_utc),
]
"""A moment in UTC; a value without a zone is refused, and so is a number."""

_INSTANT: TypeAdapter[datetime] = TypeAdapter(Instant)


def read_instant(text: str) -> datetime:
    """Return the moment that a text is, in UTC.

    Raises:
        ValueError: it is none, or it has no zone.
    """
    return _INSTANT.validate_python(text)


Day = Annotated[date, BeforeValidator(_strictly(_only_day))]
"""A date, written `YYYY-MM-DD`."""


def iso_length(length: timedelta) -> str:
    """Return a length of time as RFC 3339 writes it (appendix A): no fractions, months or years.

    A unit between two others may not be left out: PT1H0M1S.
    """
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    units = ((hours, "H"), (minutes, "M"), (seconds, "S"))
    used = [place for place, (count, _) in enumerate(units) if count]
    shown = units[used[0] : used[-1] + 1] if used else units[2:] * (not days)
    time = "".join(f"{count}{unit}" for count, unit in shown)
    return "P" + f"{days}D" * bool(days) + f"T{time}" * bool(time)


Duration = Annotated[
    timedelta,
    BeforeValidator(_strictly(_only_duration)),
    PlainSerializer(iso_length, when_used="json"),
]
"""A length of time that is not negative, in ISO 8601: `PT2H`; answers give whole seconds."""


def not_after_today(zone: ZoneInfo) -> AfterValidator:
    """Return a check that a day is not in the future, by the calendar of a zone.

    What now is, is `at` in the validation context; without it the check is passed over.
    """

    def check(day: date, info: ValidationInfo) -> date:
        at = (info.context or {}).get("at")
        if at is not None and day > in_zone(at, zone).date():
            raise PydanticCustomError("day_in_the_future", "this day is in the future")
        return day

    return AfterValidator(check)


# Texts

BIDI_CONTROLS: Final = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
"""They change the direction of writing, by which a text can be made to read as another."""

_CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
_BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and signs that show nothing."""
_IGNORED = frozenset(
    "\u034f\u17b4\u17b5\u180b\u180c\u180d\u180f" + "".join(map(chr, range(0xFE00, 0xFE10)))
)
"""Marks that change nothing but how a text is compared."""
_SHOWS_NOTHING = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp", "Mn", "Me"})
_JOINERS = frozenset("\u200c\u200d")
_NOT_IN_NAMES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def is_visible(text: str) -> bool:
    """Return whether anything of a text can be seen; blanks, marks and fillers cannot."""
    return any(c not in _BLANKS and unicodedata.category(c) not in _SHOWS_NOTHING for c in text)


def without_invisible(text: str) -> str:
    """Return a text without the characters that change nothing but how it is compared."""
    return "".join(c for c in text if unicodedata.category(c) not in {"Cf", "Cc"})


def escaped(text: str, escape: Callable[[str], str] = _escape) -> str:
    """Return a text whose control characters are shown, not done; lines and tabs stay."""
    return _CONTROLS.sub(lambda match: escape(match[0]), text)


def visible(text: str) -> str:
    """Refuse text of which nothing can be seen.

    Raises:
        PydanticCustomError
    """
    if not is_visible(text):
        raise PydanticCustomError("invisible", "nothing of this can be seen")
    return text


def _filled_or_visible(value: object) -> object:
    """Refuse blanks and what shows nothing; what is empty, or no text, is refused as such."""
    return visible(value) if isinstance(value, str) and value else value


def _empty_or_visible(text: str) -> str:
    return visible(text) if text.strip() else text


def _one_line(name: str) -> str:
    if any(unicodedata.category(c) in _NOT_IN_NAMES and c not in _JOINERS for c in name):
        raise PydanticCustomError("control_characters", "a name has no control characters")
    return visible(name)


def _all_visible(code: str) -> str:
    """Refuse letters that show nothing: two codes that look the same would differ."""
    if any(c in _BLANKS or c in _IGNORED or unicodedata.category(c) == "Cf" for c in code):
        raise PydanticCustomError("invisible", "it holds characters that cannot be seen")
    return visible(code)


# No database keeps a NUL in text: a case that holds one could never be recorded.
Text = Annotated[
    str,
    Field(min_length=1, max_length=MAX_TEXT, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$"),
    BeforeValidator(_strictly(_filled_or_visible)),
    PERSONAL,
]
"""Free text of 1 to 4,000 characters of which something can be seen; treated as personal."""

Note = Annotated[
    str,
    Field(max_length=MAX_TEXT, pattern=r"^[^\x00]*$"),
    AfterValidator(_strictly(_empty_or_visible)),
    PERSONAL,
]
"""Free text that may be empty; treated as personal."""

Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_NAME, pattern=r"\S"),
    AfterValidator(_strictly(_one_line)),
    PERSONAL,
]
"""What a person or a team is called: one line of which something can be seen."""

Code = Annotated[
    str,
    Field(min_length=1, max_length=64, pattern=r"^[\w.:@/+-]+$"),
    AfterValidator(_strictly(_all_visible)),
]
"""A short reference without blanks: a staff id, an order number, a team."""


REFERS_TO: Final = "x-refers-to"

Known = Literal["staff", "vendor", "team", "owner", "case", "customer", "unit", "offer", "request"]
"""What a code in a form may be the id of; a vendor is one of the staff by the role, an owner one of
the staff or a team, a unit one of the goods of an order by its serial number."""


def refers_to(what: Known) -> Any:
    """Return a mark for what is the id of something we know: forms offer what there is.

    An `offer` and a `request` are known by the number of the entry that made them.
    """
    return Field(json_schema_extra={REFERS_TO: what})


NewId = Annotated[
    str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._@+-]*$")
]
"""An id that is given out anew. Only ASCII: letters of other scripts look like these."""

ExternalRef = Annotated[
    str,
    Field(
        min_length=1,
        max_length=128,
        pattern=r"^[\w.:/+-]+$",
        description="A reference of the caller's own, such as the number of an order or a review. "
        "No personal data (no e-mail address, no phone number): it becomes part of the history.",
    ),
    AfterValidator(_strictly(_all_visible)),
]
"""The reference that another system has for a case."""

_LOOKALIKES = str.maketrans({"0": "o", "1": "l", "i": "l", "|": "l", "5": "s"})


def skeleton(id: str) -> str:
    """Return what an id looks like: two ids with one skeleton are taken for each other."""
    plain = unicodedata.normalize("NFKC", id).casefold().translate(_LOOKALIKES)
    return plain.replace("rn", "m").replace("vv", "w")


# Priorities


class Priority(StrEnum):
    """How urgent a case is among others: 紧急 / 高 / 中 / 低."""

    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"


# Amounts

_AMOUNT = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)
MOST_DECIMALS = 4
"""No currency has more."""


def _plain_amount(value: object) -> object:
    """Refuse an amount that is not written in plain digits, and a zero below zero."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return value
    if not _AMOUNT.fullmatch(text := str(value)) or (text[0] == "-" and not Decimal(text)):
        raise PydanticCustomError("amount_spelling", "write an amount such as 129.50")
    return value


def decimals_of(currency: str) -> int | None:
    """Return how many decimals amounts in a currency have; None if nobody pays in it."""
    try:
        decimals = Currency(currency).exponent
    except ValueError:
        return None
    return None if decimals is None else int(decimals)


class Money(BaseModel):
    """An amount with its currency (ISO 4217); never a float."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    amount: Annotated[
        Decimal,
        Field(ge=0, max_digits=12 + MOST_DECIMALS, decimal_places=MOST_DECIMALS),
        BeforeValidator(_strictly(_plain_amount)),
    ]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "CNY"

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    @classmethod
    def stored(cls, data: object) -> Self:
        """Return the amount that history holds, however it was written then."""
        return cls.model_validate(data, context=dict(STORED))

    @model_validator(mode="after")
    def _fits_currency(self, info: ValidationInfo) -> Self:
        if is_stored(info):
            return self
        decimals = decimals_of(self.currency)
        if decimals is None:
            raise _fault("currency", self.currency, "no_such_currency", "there is no such currency")
        if -int(self.amount.as_tuple().exponent) > decimals:
            message = "{currency} has no more than {decimal_places} decimals"
            bound = {"currency": self.currency, "decimal_places": decimals}
            raise _fault("amount", self.amount, "currency_decimals", message, bound)
        return self


def _fault(
    field: str, value: object, code: str, message: str, context: dict[str, Any] | None = None
) -> ValidationError:
    """Return the error for one field of a model that was read as a whole."""
    error = PydanticCustomError(code, message, context)
    details = InitErrorDetails(type=error, loc=(field,), input=value)
    return ValidationError.from_exception_data("Money", [details])

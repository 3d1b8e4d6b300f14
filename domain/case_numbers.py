"""Case numbers (工单号), fit to be read out by phone: prefix, date, serial, check digit."""

import re
from datetime import date

# Damm's quasigroup of order 10: it finds every wrong digit and every swap of two neighbours.
_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)
_SHAPE = re.compile(r"[A-Z]{2}[0-9]{15,18}")
SERIAL_DIGITS = 6


def case_number(prefix: str, day: date, serial: str) -> str:
    """Return the number for a drawn serial of 6 to 9 digits: `TS20260302` + `482910` + check digit.

    `day` is the business day on which the case was opened.
    """
    digits = f"{day:%Y%m%d}{serial}"
    number = f"{prefix}{digits}{_check_digit(digits)}"
    if not is_case_number(number):
        raise ValueError(f"{number} is not a case number")
    return number


def is_case_number(text: str) -> bool:
    """Whether this is a case number whose check digit fits; one wrong digit makes it false."""
    return _SHAPE.fullmatch(text) is not None and _check_digit(text[2:]) == 0


def is_prefix(letters: str) -> bool:
    """Return whether these may be the prefix of a kind: two capitals, the pinyin of its name."""
    return re.fullmatch("[A-Z]{2}", letters) is not None


def prefix_of(number: str) -> str:
    """Return the prefix of the kind."""
    return number[:2]


def _check_digit(digits: str) -> int:
    interim = 0
    for digit in digits:
        interim = _DAMM[interim][int(digit)]
    return interim

"""Moments as people write them: in the business zone, without an offset."""

import re
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from domain.language.values import read_instant

LOCAL: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,3})?)?"
)
"""What an input of the type `datetime-local` sends, and what it can show."""


def local_text(instant: str, zone: ZoneInfo) -> str:
    """Return a moment as its field shows it; as it is written if it would not come back."""
    with suppress(ValueError, OverflowError):
        at = read_instant(instant)
        text = _shortened(at.astimezone(zone).replace(tzinfo=None))
        if LOCAL.fullmatch(text) and _moment(text, zone) == at:
            return text
    return instant


def instant_text(text: str, zone: ZoneInfo) -> str:
    """Return a local time as a moment in UTC; anything else, and an hour that is not, as it is.

    An hour that is there twice, when clocks are set back, is the first.
    """
    with suppress(ValueError, OverflowError):
        if LOCAL.fullmatch(text) and (at := _moment(text, zone)) is not None:
            return at.isoformat().replace("+00:00", "Z")
    return text


def _moment(text: str, zone: ZoneInfo) -> datetime | None:
    """Return the moment; None if the zone passes this hour over."""
    local = datetime.fromisoformat(text)
    at = local.replace(tzinfo=zone).astimezone(UTC)
    return at if at.astimezone(zone).replace(tzinfo=None) == local else None


def _shortened(local: datetime) -> str:
    """Return a local time without seconds or parts of one that it does not have."""
    if local.microsecond:
        has_millis = local.microsecond % 1000 == 0
        return local.isoformat(timespec="milliseconds" if has_millis else "microseconds")
    return local.isoformat(timespec="seconds" if local.second else "minutes")

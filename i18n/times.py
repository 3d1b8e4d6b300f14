"""Moments and days as people read them in each language."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from domain.language.values import in_zone

DAYS: Final[Mapping[str, str]] = {"zh_CN": "{0.year}年{0.month}月{0.day}日", "en": "{0:%Y-%m-%d}"}


def moment(at: datetime, zone: ZoneInfo, locale: str) -> str:
    """Return a moment in full, to the minute: 2026年3月4日 18:00."""
    local = in_zone(at, zone)
    return f"{day(local, locale)} {local:%H:%M}"


def day(on: date, locale: str) -> str:
    """Return a day: 2026年3月4日."""
    return DAYS[locale].format(on)

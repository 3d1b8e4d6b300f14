"""Times as people read them: in the business zone, 24 hours, and how long there is left."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from domain.language.values import in_zone
from i18n.times import moment
from web.rendering.texts import Sentence, translate

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def clock_time(at: datetime, zone: ZoneInfo) -> str:
    """Return the time of day, to the second."""
    return f"{in_zone(at, zone):%H:%M:%S}"


def short_moment(at: datetime, now: datetime, zone: ZoneInfo, locale: str) -> str:
    """Return a moment as short as it is clear: the hour today, the day within the year."""
    local, today = in_zone(at, zone), in_zone(now, zone)
    if local.date() == today.date():
        return f"{local:%H:%M}"
    if local.year == today.year:
        day = f"{local:%m-%d}" if locale == "en" else f"{local.month}月{local.day}日"
        return f"{day} {local:%H:%M}"
    return moment(at, zone, locale)


LENGTHS: Final[Mapping[str, Sentence]] = {
    "dayHours": Sentence("%(days)d d %(hours)d h"),
    "days": Sentence("%(days)d d"),
    "hourMinutes": Sentence("%(hours)d h %(minutes)d min"),
    "hours": Sentence("%(hours)d h"),
    "minutes": Sentence("%(minutes)d min"),
    "seconds": Sentence("%(seconds)d s"),
    "left": Sentence("%(length)s left"),
    "over": Sentence("%(length)s over"),
}
"""How lengths of time are said, by the names that the pages' own script has for them."""


def length_patterns(locale: str) -> dict[str, str]:
    """Return how lengths of time are said, for the script that counts them down."""
    return {name: translate(pattern, locale) for name, pattern in LENGTHS.items()}


def duration(length: timedelta, locale: str) -> str:
    """Return how long something takes, in its two largest units: 3小时20分."""
    length = abs(length)
    if length >= DAY:
        days, rest = divmod(length, DAY)
        pattern = LENGTHS["dayHours" if rest >= HOUR else "days"]
        return translate(pattern, locale, days=days, hours=rest // HOUR)
    if length >= HOUR:
        hours, rest = divmod(length, HOUR)
        pattern = LENGTHS["hourMinutes" if rest >= MINUTE else "hours"]
        return translate(pattern, locale, hours=hours, minutes=rest // MINUTE)
    if length >= MINUTE:
        return translate(LENGTHS["minutes"], locale, minutes=length // MINUTE)
    return translate(LENGTHS["seconds"], locale, seconds=int(length.total_seconds()))


CLOSE: Final = 10
"""Below it a length of time has a decimal."""
UNITS: Final = (
    (Sentence("%(length)s d"), 86400),
    (Sentence("%(length)s h"), 3600),
    (Sentence("%(length)s min"), 60),
    (Sentence("%(length)s s"), 1),
)


def brief(seconds: float, locale: str) -> str:
    """Return a duration in its largest unit, as short as a picture or a cell needs: 1.5小时."""
    unit, size = next((each for each in UNITS if seconds >= each[1]), UNITS[-1])
    length = seconds / size
    text = f"{length:.1f}".removesuffix(".0") if length < CLOSE else f"{length:.0f}"
    return translate(unit, locale, length=text)

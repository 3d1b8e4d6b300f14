"""Published business calendars, from which a policy may choose; one that is published stays so."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from domain.language.calendars import ALWAYS, Calendar, Hours

DAY = timedelta(days=1)
NINE_TO_SIX = (Hours(timedelta(hours=9), timedelta(hours=18)),)


def _days(first: date, last: date) -> list[date]:
    return [first + n * DAY for n in range((last - first).days + 1)]


def _special(
    holidays: Sequence[tuple[date, date]], workdays: Sequence[date], hours: Sequence[Hours]
) -> Mapping[date, Sequence[Hours]]:
    closed: dict[date, Sequence[Hours]] = {d: () for span in holidays for d in _days(*span)}
    return closed | dict.fromkeys(workdays, hours)


OFFICE_CN_2026 = Calendar(
    id="office-cn",
    version="2026-1",
    zone="Asia/Shanghai",
    week=dict.fromkeys(range(5), NINE_TO_SIX),
    # Holidays and make-up workdays (调休) of 2026 as the State Council announced them.
    special=_special(
        holidays=[
            (date(2026, 1, 1), date(2026, 1, 3)),  # 元旦
            (date(2026, 2, 15), date(2026, 2, 23)),  # 春节
            (date(2026, 4, 4), date(2026, 4, 6)),  # 清明节
            (date(2026, 5, 1), date(2026, 5, 5)),  # 劳动节
            (date(2026, 6, 19), date(2026, 6, 21)),  # 端午节
            (date(2026, 9, 25), date(2026, 9, 27)),  # 中秋节
            (date(2026, 10, 1), date(2026, 10, 7)),  # 国庆节
        ],
        workdays=[
            date(2026, 1, 4),
            date(2026, 2, 14),
            date(2026, 2, 28),
            date(2026, 5, 9),
            date(2026, 9, 20),
            date(2026, 10, 10),
        ],
        hours=NINE_TO_SIX,
    ),
)

CALENDARS: tuple[Calendar, ...] = (ALWAYS, OFFICE_CN_2026)

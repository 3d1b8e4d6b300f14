"""Why a clock reads as it does, in one sentence: what counted, what did not, and by whom."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from app.outside import ONE_OF_US
from app.texts import catalogue
from domain.language.roles import Actor, ActorKind
from domain.read_models.clock_intervals import Boundary, IntervalSort
from domain.read_models.explain import Explanation
from i18n.labels import label
from i18n.times import day, moment
from policies.documents import calendar_title, holiday_title

BETWEEN: Final = {"zh_CN": ("；", "、", "。"), "en": ("; ", ", ", ".")}
"""What stands between the parts of a sentence, between those of a list, and at its end."""
SECONDS: Final = {"hours": 3600, "minutes": 60, "seconds": 1}


def clock_sentence(
    clock: Explanation, zone: ZoneInfo, locale: str, who: Callable[[Actor], str] | None = None
) -> str:
    """Return it in a language.

    Args:
        clock: the clock, as the reader is shown it.
        zone: the business zone, in which times are told.
        locale: the language.
        who: gives what actors are called; without it, staff by their ids.
    """
    parts = [*_Speaker(clock, zone, locale, who or partial(bare_name, locale=locale)).parts()]
    semicolon, _, stop = BETWEEN[locale]
    return semicolon.join(parts) + stop


def bare_name(actor: Actor, locale: str) -> str:
    """Return the id of one of the staff, and what anybody else is called."""
    is_person = actor.is_staff and actor.id != ONE_OF_US.id
    return actor.id if is_person else label(f"role.{actor.kind.value}", locale)


def exact_length(length: timedelta, locale: str) -> str:
    """Return a length of time to the second: 48小时10分5秒."""
    rest, units = int(length.total_seconds()), list[str]()
    for unit, size in SECONDS.items():
        n, rest = divmod(rest, size)
        if n or (unit == "seconds" and not units):
            units.append(catalogue(locale)[f"clock_why.{unit}"] % {"n": n})
    return "".join(units) if locale == "zh_CN" else " ".join(units)


@dataclass(frozen=True)
class _Speaker:
    clock: Explanation
    zone: ZoneInfo
    locale: str
    who: Callable[[Actor], str]

    def parts(self) -> Iterator[str]:
        clock = self.clock
        until = clock.intervals[-1].until if clock.intervals else clock.started_at
        yield self._say(
            "counted",
            clock=label(f"clock.{clock.clock}", self.locale),
            budget=clock.budget,
            spent=clock.spent,
            since=clock.started_at,
            until=until,
            calendar=calendar_title(clock.calendar, self.locale),
            id=clock.calendar,
            policy=clock.policy,
        )
        if clock.limit:
            by = self.who(Actor(kind=ActorKind.STAFF, id=clock.limit.by))
            yield self._say("limit", who=by, entry=clock.limit.entry)
        yield from self._paused()
        yield from self._closed()
        yield self._due()
        if clock.ended_at:
            last = clock.intervals[-1].ended if clock.intervals else None
            yield self._say("ended", at=clock.ended_at, by=self._by(last))

    def _paused(self) -> Iterator[str]:
        pauses = [each for each in self.clock.intervals if each.sort is IntervalSort.PAUSED]
        if pauses:
            causes = [self._by(each.began) for each in pauses]
            length = sum((each.length for each in pauses), timedelta())
            yield self._say("paused", length=length, causes=self._listed(causes))

    def _closed(self) -> Iterator[str]:
        closed = [each for each in self.clock.intervals if each.sort is IntervalSort.CLOSED]
        if not closed:
            return
        of_holidays: dict[str, timedelta] = {}
        for each in closed:
            if each.holiday:
                of_holidays[each.holiday] = of_holidays.get(each.holiday, timedelta()) + each.length
        length = sum((each.length for each in closed), timedelta())
        if not of_holidays:
            yield self._say("closed", length=length)
            return
        named = [
            self._say(
                "holiday", name=holiday_title(self.clock.calendar, name, self.locale), length=of
            )
            for name, of in of_holidays.items()
        ]
        yield self._say("holidays", length=length, holidays=self._listed(named))

    def _due(self) -> str:
        clock = self.clock
        if clock.due_at is None:
            return self._say("due_unknown")
        if clock.provisional_after:
            return self._say("due_provisional", at=clock.due_at, after=clock.provisional_after)
        return self._say("due", at=clock.due_at)

    def _by(self, cause: Boundary | None) -> str:
        if cause is None:
            return self._say("by_calendar")
        return self._say("by", entry=cause.entry, who=self.who(cause.actor))

    def _say(self, code: str, /, **values: Any) -> str:
        shown = {key: self._shown(value) for key, value in values.items()}
        return catalogue(self.locale)[f"clock_why.{code}"] % shown

    def _shown(self, value: Any) -> str:
        if isinstance(value, timedelta):
            return exact_length(value, self.locale)
        if isinstance(value, datetime):
            return moment(value, self.zone, self.locale)
        return day(value, self.locale) if isinstance(value, date) else str(value)

    def _listed(self, each: list[str]) -> str:
        return BETWEEN[self.locale][1].join(each)

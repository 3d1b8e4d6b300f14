"""The picture of a clock: when it counted, when it was paused, when nobody was at work, its due."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum, auto
from itertools import groupby, islice
from typing import Final
from xml.etree.ElementTree import Element
from zoneinfo import ZoneInfo

from markupsafe import Markup

from domain.language.calendars import ALWAYS
from domain.read_models.clock_intervals import IntervalSort
from domain.read_models.explain import Explanation
from i18n.labels import label
from i18n.times import moment
from policies.documents import calendars
from web.rendering.texts import Sentence, translate
from web.rendering.times import short_moment

from .svg import add, markup, picture, text_width

WIDTH, HEIGHT = 720.0, 62.0
EDGE: Final = 6.0
TOP, THICK = 20.0, 14.0
SIZE: Final = 11.0
MOST: Final = 160
"""With more parts than that a picture is large and shows no more: closed hours are left out."""


class Sort(StrEnum):
    """What a part of a clock's time was, or will be."""

    COUNTED = auto()
    OVERDUE = auto()
    PAUSED = auto()
    CLOSED = auto()
    AHEAD = auto()
    UNUSED = auto()


WORDS: Final = {
    Sort.COUNTED: Sentence("counted"),
    Sort.OVERDUE: Sentence("counted, overdue"),
    Sort.PAUSED: Sentence("paused"),
    Sort.CLOSED: Sentence("closed hours"),
    Sort.AHEAD: Sentence("still to come"),
    Sort.UNUSED: Sentence("not needed"),
}


@dataclass(frozen=True)
class Part:
    """A part of a clock's time; of a pause, `entry` began it."""

    sort: Sort
    start: datetime
    end: datetime
    entry: int | None = None


def clock_picture(
    clock: Explanation,
    now: datetime,
    zone: ZoneInfo,
    locale: str,
    id: str,
    width: float = WIDTH,
) -> Markup:
    """Return the bar of a clock on the axis of time, with its due and with this moment."""
    drawing = _Drawing(clock, now, zone, locale, parts_of(clock), width)
    return markup(drawing.draw(id))


def parts_of(clock: Explanation) -> list[Part]:
    """Return the parts of a clock's time in their order, from its start to its end or due."""
    stop = clock.intervals[-1].until if clock.intervals else clock.started_at
    parts = [*_past(clock), *islice(_ahead(clock, stop), MOST + 1)]
    if len(parts) > MOST:
        parts = [*_past(clock, closed=False), *_unbroken(clock, stop)]
    if not parts:
        instant = timedelta(seconds=1)
        parts = [Part(_later(clock, is_open=True), stop, stop + instant)]
    return _joined(parts)


def _past(clock: Explanation, *, closed: bool = True) -> Iterator[Part]:
    """Yield what was; without closed hours these are part of what is before them."""
    last = Sort.COUNTED
    for each in clock.intervals:
        if closed or each.sort is not IntervalSort.CLOSED:
            last = Sort(each.sort)
        entry = each.began.entry if each.began and each.sort is IntervalSort.PAUSED else None
        yield Part(last, each.since, each.until, entry)


def _ahead(clock: Explanation, stop: datetime) -> Iterator[Part]:
    """Yield what is to come, or would have come, until it is due."""
    calendar = calendars().get(clock.calendar, ALWAYS)
    for each in calendar.stretches(stop, _end(clock, stop)):
        yield Part(_later(clock, is_open=each.is_open), each.start, each.end)


def _unbroken(clock: Explanation, stop: datetime) -> Iterator[Part]:
    if stop < (end := _end(clock, stop)):
        yield Part(_later(clock, is_open=True), stop, end)


def _later(clock: Explanation, *, is_open: bool) -> Sort:
    if clock.ended_at is not None:
        return Sort.UNUSED
    return Sort.AHEAD if is_open else Sort.CLOSED


def _end(clock: Explanation, stop: datetime) -> datetime:
    """Return where the axis ends; while a clock is paused nobody knows when it will be due."""
    if clock.due_at is not None:
        return max(clock.due_at, stop)
    return stop + (stop - clock.started_at) / 8


def _joined(parts: Iterable[Part]) -> list[Part]:
    runs = groupby(parts, key=lambda part: (part.sort, part.entry))
    joined = ([*run] for _, run in runs)
    return [replace(run[0], end=run[-1].end) for run in joined]


@dataclass(frozen=True)
class _Drawing:
    clock: Explanation
    now: datetime
    zone: ZoneInfo
    locale: str
    parts: Sequence[Part]
    width: float

    def draw(self, id: str) -> Element:
        name = label(f"clock.{self.clock.clock}", self.locale)
        state = label(f"clock_state.{self.clock.state.value}", self.locale)
        title = translate("Clock %(name)s: %(state)s", self.locale, name=name, state=state)
        root = picture(
            id, self.width, HEIGHT, title, " ".join(map(self._said, self.parts)), "clock-picture"
        )
        for part in self.parts:
            left, right = self._x(part.start), self._x(part.end)
            bar = add(
                root, "rect", f"part {part.sort.value}",
                x=left, y=TOP, width=max(right - left, 0.5), height=THICK,
            )  # fmt: skip
            add(bar, "title", text=self._said(part))
        self._marks(root)
        return root

    def _x(self, at: datetime) -> float:
        start, end = self.parts[0].start, self.parts[-1].end
        return EDGE + (self.width - 2 * EDGE) * ((at - start) / (end - start))

    def _said(self, part: Part) -> str:
        start, end = (moment(at, self.zone, self.locale) for at in (part.start, part.end))
        sort = translate(WORDS[part.sort], self.locale)
        if part.entry is None:
            return translate(
                "%(start)s to %(end)s: %(sort)s.", self.locale, start=start, end=end, sort=sort
            )
        return translate(
            "%(start)s to %(end)s: %(sort)s by entry %(entry)s.",
            self.locale,
            start=start,
            end=end,
            sort=sort,
            entry=part.entry,
        )

    def _marks(self, root: Element) -> None:
        """Draw what happened at one moment: start and due below the bar, now above it."""
        due = self.clock.due_at
        below = [(self.clock.started_at, "start", self._short(self.clock.started_at))]
        if due is not None:
            text = translate("due %(at)s", self.locale, at=self._short(due))
            below.append((due, "due", text))
        if self.clock.ended_at is None:
            self._mark(root, self.now, "now", translate("now", self.locale), TOP - 7)
        free = 0.0
        for at, css, text in below:
            free = self._mark(root, at, css, text, TOP + THICK + 16, free)

    def _mark(
        self, root: Element, at: datetime, css: str, text: str, y: float, free: float = 0.0
    ) -> float:
        """Draw a line and its text, no further left than is free; return how far it goes."""
        x, width = self._x(at), text_width(text, SIZE)
        left = max(free, min(x - width / 2, self.width - width - EDGE), 0.0)
        group = add(root, "g", f"mark {css}")
        add(group, "path", d=f"M{x:.1f} {TOP - 4:g}V{TOP + THICK + 4:g}")
        add(group, "text", text=text, x=left, y=y)
        return left + width + SIZE

    def _short(self, at: datetime) -> str:
        return short_moment(at, self.now, self.zone, self.locale)

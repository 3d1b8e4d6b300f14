"""The picture of a clock: when it counted, when it was paused, when nobody was at work, its due."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum, auto
from itertools import groupby, pairwise
from typing import Final
from xml.etree.ElementTree import Element
from zoneinfo import ZoneInfo

from markupsafe import Markup

from domain.language.calendars import ALWAYS, Calendar, Span
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
ALWAYS_OPEN: Final = f"{ALWAYS.id}@{ALWAYS.version}"


class Sort(StrEnum):
    """What a part of a clock's time was, or will be."""

    COUNTED = auto()
    LATE = auto()
    PAUSED = auto()
    CLOSED = auto()
    AHEAD = auto()
    UNUSED = auto()


WORDS: Final = {
    Sort.COUNTED: Sentence("counted"),
    Sort.LATE: Sentence("counted, overdue"),
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
    drawing = _Drawing(clock, now, zone, locale, parts_of(clock, now), width)
    return markup(drawing.draw(id))


def parts_of(clock: Explanation, now: datetime) -> list[Part]:
    """Return the parts of a clock's time in their order, from its start to its end or due."""
    calendar = calendars().get(clock.calendar, ALWAYS)
    stop = min(now, clock.ended_at or now)
    end = max(_end(clock, stop), clock.started_at + timedelta(seconds=1))
    opened = _opened(calendar, clock.started_at, end)
    if len(opened) * 2 > MOST:
        opened = [(clock.started_at, end)]
    return _joined(_cut(clock, stop, end, opened))


def _end(clock: Explanation, stop: datetime) -> datetime:
    """Return where the axis ends; while a clock is paused nobody knows when it will be due."""
    if clock.due_at is not None:
        return max(clock.due_at, stop)
    return stop + (stop - clock.started_at) / 8


def _opened(calendar: Calendar, start: datetime, end: datetime) -> list[Span]:
    spans: list[Span] = []
    for opens, closes in calendar.spans(start):
        if opens >= end or len(spans) > MOST:
            break
        spans.append((opens, min(closes, end)))
    return spans


def _cut(
    clock: Explanation, stop: datetime, end: datetime, opened: Sequence[Span]
) -> Iterator[Part]:
    pauses = [(each.since, each.until or stop, each.entry) for each in clock.pauses]
    bounds = {clock.started_at, stop, end, clock.breached_at or end}
    bounds.update(*(span[:2] for span in pauses), *opened)
    cuts = sorted(at for at in bounds if clock.started_at <= at <= end)
    for start, until in pairwise(cuts):
        entry = next((entry for since, to, entry in pauses if since <= start < to), None)
        is_open = any(opens <= start < closes for opens, closes in opened)
        yield Part(_sort(clock, start, stop, entry, is_open=is_open), start, until, entry)


def _sort(
    clock: Explanation, start: datetime, stop: datetime, entry: int | None, *, is_open: bool
) -> Sort:
    if start >= stop and clock.ended_at is not None:
        return Sort.UNUSED
    if entry is not None or not is_open:
        return Sort.CLOSED if entry is None else Sort.PAUSED
    if start >= stop:
        return Sort.AHEAD
    is_late = clock.breached_at is not None and start >= clock.breached_at
    return Sort.LATE if is_late else Sort.COUNTED


def _joined(parts: Iterator[Part]) -> list[Part]:
    runs = groupby(parts, key=lambda part: (part.sort, part.entry))
    joined = ([*run] for _, run in runs)
    return [Part(run[0].sort, run[0].start, run[-1].end, run[0].entry) for run in joined]


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

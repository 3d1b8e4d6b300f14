"""How arrows run between boxes: in the gaps beside columns, and above or below all of them.

All arrows into one side of a box share a line, so that a picture of many arrows can be read.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias, TypeVar

from domain.mining.flow import Arrow

from .layout import Box
from .svg import Point

LANE: Final = 6.0
"""Between two lines that run side by side."""
MARGIN: Final = 12.0
"""Between a box and the nearest line beside it; the head of an arrow has room there."""
LEFT, RIGHT = -1, 1

Span: TypeAlias = tuple[float, float]
Side: TypeAlias = tuple[str, int]
"""A side of a box, by its state."""
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Track:
    """A vertical line: in which gap, and to which side of which box it leads.

    `is_first`: it leads to a detour, not to the box itself.
    """

    gap: int
    to: Side
    is_first: bool = False


@dataclass(frozen=True)
class Way:
    """How one arrow runs: out of a side of its box, into a side of the other."""

    arrow: Arrow
    start: Box
    end: Box
    out_side: int
    to: Side

    @property
    def out_gap(self) -> int:
        """The gap into which it leaves."""
        return self.start.column + (self.out_side == RIGHT)

    @property
    def in_gap(self) -> int:
        """The gap out of which it comes in."""
        return self.end.column + (self.to[1] == RIGHT)

    @property
    def is_detour(self) -> bool:
        """Whether there are boxes between, so that it goes above or below them."""
        return self.out_gap != self.in_gap

    @property
    def level(self) -> float:
        """The height at which it leaves."""
        return self.start.exits()[self.arrow]

    @property
    def tracks(self) -> list[Track]:
        """The vertical lines that it takes."""
        first = [Track(self.out_gap, self.to, is_first=True)] if self.is_detour else []
        return [*first, Track(self.in_gap, self.to)]


@dataclass(frozen=True)
class Plan:
    """Where everything of a picture lies; `top` and `bottom` are the heights of its edges."""

    boxes: Mapping[str, Box]
    lines: Mapping[Arrow, Sequence[Point]]
    width: float
    top: float
    bottom: float


def plan(columns: Sequence[Sequence[Box]], arrows: Iterable[Arrow]) -> Plan:
    """Return where everything lies; boxes come in with their column and height."""
    boxes = {box.state: box for column in columns for box in column}
    ways = [_way(each, boxes[each[0]], boxes[each[1]]) for each in arrows if each[0] != each[1]]
    bottom = max(box.y + box.height for box in boxes.values())
    above = _above(ways, bottom)
    spans = _track_spans(ways, above, bottom)
    placed, xs = _placed(columns, spans)
    heights = _detour_heights(ways, above, xs, bottom)
    lines = {way.arrow: _points(way, placed, xs, heights) for way in ways}
    points = [point for line in lines.values() for point in line]
    return Plan(
        {box.state: box for box in placed.values()},
        lines,
        max([box.x + box.width for box in placed.values()] + [x for x, _ in points]),
        min([0.0, *(y for _, y in points)]),
        max([bottom, *(y for _, y in points)]),
    )


def _way(arrow: Arrow, start: Box, end: Box) -> Way:
    """Return the way of an arrow: to the right where it goes on, to the left where it goes back."""
    if end.column == start.column:
        side = RIGHT if end.y > start.y else LEFT
        return Way(arrow, start, end, side, (end.state, side))
    side = RIGHT if end.column > start.column else LEFT
    return Way(arrow, start, end, side, (end.state, -side))


def _above(ways: Iterable[Way], bottom: float) -> Mapping[Side, bool]:
    """Return whether the detours into each side go above all boxes: where that is shorter."""
    longer: dict[Side, float] = {}
    for way in ways:
        if way.is_detour:
            up = way.level + way.end.entry
            longer[way.to] = longer.get(way.to, 0.0) + up - (2 * bottom - up)
    return {side: difference <= 0 for side, difference in longer.items()}


def _track_spans(
    ways: Iterable[Way], above: Mapping[Side, bool], bottom: float
) -> Mapping[Track, Span]:
    """Return from where to where each vertical line runs."""
    spans: dict[Track, Span] = {}
    for way in ways:
        ends = [way.level, way.end.entry]
        if way.is_detour:
            ends.insert(1, -MARGIN if above[way.to] else bottom + MARGIN)
        for track, one, other in zip(way.tracks, ends, ends[1:], strict=False):
            known = spans.get(track, (one, one))
            spans[track] = (min(*known, one, other), max(*known, one, other))
    return spans


def _placed(
    columns: Sequence[Sequence[Box]], spans: Mapping[Track, Span]
) -> tuple[Mapping[str, Box], Mapping[Track, float]]:
    """Return the boxes and the vertical lines with their `x`."""
    boxes: dict[str, Box] = {}
    xs: dict[Track, float] = {}
    x = 0.0
    for gap in range(len(columns) + 1):
        lanes = _lanes({track: span for track, span in spans.items() if track.gap == gap})
        xs |= {track: x + MARGIN + lane * LANE for track, lane in lanes.items()}
        is_outside = gap in (0, len(columns))
        if lanes or not is_outside:
            x += 2 * MARGIN + max(lanes.values(), default=0) * LANE
        if gap < len(columns):
            boxes |= {box.state: replace(box, x=x) for box in columns[gap]}
            x += columns[gap][0].width
    return boxes, xs


def _detour_heights(
    ways: Iterable[Way],
    above: Mapping[Side, bool],
    xs: Mapping[Track, float],
    bottom: float,
) -> Mapping[Side, float]:
    """Return how high each detour runs."""
    spans: dict[Side, Span] = {}
    for way in ways:
        if way.is_detour:
            ends = [xs[track] for track in way.tracks]
            known = spans.get(way.to, (ends[0], ends[0]))
            spans[way.to] = (min(*known, *ends), max(*known, *ends))
    heights: dict[Side, float] = {}
    for is_above in (True, False):
        lanes = _lanes({side: span for side, span in spans.items() if above[side] is is_above})
        first, step = (-MARGIN, -LANE) if is_above else (bottom + MARGIN, LANE)
        heights |= {side: first + step * lane for side, lane in lanes.items()}
    return heights


def _points(
    way: Way,
    boxes: Mapping[str, Box],
    xs: Mapping[Track, float],
    heights: Mapping[Side, float],
) -> list[Point]:
    start, end = boxes[way.start.state], boxes[way.end.state]
    out = (start.x + start.width * (way.out_side == RIGHT), way.level)
    into = (end.x + end.width * (way.to[1] == RIGHT), way.end.entry)
    points = [out]
    for track in way.tracks:
        points.append((xs[track], points[-1][1]))
        points.append((xs[track], heights[way.to] if track.is_first else into[1]))
    return [*points, into]


def _lanes(spans: Mapping[Key, Span]) -> dict[Key, int]:
    """Return a lane for each line so that no two in one touch; the shortest lie nearest."""
    lanes: dict[Key, int] = {}
    for key in sorted(spans, key=lambda key: (spans[key][1] - spans[key][0], repr(key))):
        taken = {lanes[other] for other in lanes if _touch(spans[key], spans[other])}
        lanes[key] = next(lane for lane in range(len(spans)) if lane not in taken)
    return lanes


def _touch(one: Span, other: Span) -> bool:
    return one[0] <= other[1] + LANE and other[0] <= one[1] + LANE

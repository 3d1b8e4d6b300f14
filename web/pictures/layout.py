"""Where a process is drawn: a column for each stage, boxes with a row for each way out of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from math import ceil
from typing import Final

from domain.language.table import Stage
from domain.mining.flow import Arrow

from .svg import text_width, wrapped

SIZE, SMALL, TITLE = 12.0, 10.5, 13.5
"""The sizes of the font: of steps, of what is said of them, and of titles, which are bold."""
TITLE_LINE, ROW, NOTE = 16.0, 17.0, 13.0
PADDING: Final = 7.0
GAP: Final = 16.0
"""Between two boxes of a column."""
NARROWEST, WIDEST = 84.0, 130.0
TALL: Final = 2200.0
"""A stage that is taller has several columns."""
APART: Final = 4.0
"""At least so far apart are lines that lie side by side."""
STAGES: Final = tuple(Stage)


@dataclass(frozen=True)
class Row:
    """A line in a box: a step, or where it leads if there are several ways. `note` is under it.

    `arrow` is None where the line only names the step.
    """

    text: str
    arrow: Arrow | None
    indent: float = 0.0
    note: str = ""

    @property
    def height(self) -> float:
        """How high it is."""
        return ROW + (NOTE if self.note else 0.0)

    @property
    def width(self) -> float:
        """How wide its text is."""
        return self.indent + max(text_width(self.text, SIZE), text_width(self.note, SMALL))


@dataclass(frozen=True)
class Box:
    """A state: its title, what is said of it, its rows. It is placed by `x`, `y` and its column."""

    state: str
    stage: Stage
    title: str
    rows: tuple[Row, ...]
    note: str = ""
    lines: tuple[str, ...] = ()
    column: int = 0
    x: float = 0.0
    y: float = 0.0
    width: float = 0.0

    @property
    def head(self) -> float:
        """How high the title is, with what is said of it."""
        return PADDING + TITLE_LINE * len(self.lines) + (NOTE if self.note else 0.0) + PADDING / 2

    @property
    def height(self) -> float:
        """How high it is."""
        rows = sum(row.height for row in self.rows)
        return self.head + rows + (PADDING if self.rows else PADDING / 2)

    @property
    def entry(self) -> float:
        """The height at which arrows come in."""
        return self.y + PADDING + TITLE_LINE / 2

    def row_tops(self) -> Iterator[tuple[Row, float]]:
        """Yield the rows with their tops."""
        top = self.y + self.head
        for row in self.rows:
            yield row, top
            top += row.height

    def exits(self) -> Mapping[Arrow, float]:
        """Return the height at which each arrow leaves."""
        return {row.arrow: top + ROW / 2 for row, top in self.row_tops() if row.arrow is not None}

    def levels(self) -> list[float]:
        """Return the heights at which lines may touch it."""
        return [self.entry, *self.exits().values()]


def columns_of(boxes: Sequence[Box]) -> list[list[Box]]:
    """Return the boxes in columns, by stage and in their order, with width, column and `y`."""
    by_stage = sorted(boxes, key=lambda box: STAGES.index(box.stage))
    columns: list[list[Box]] = []
    for _, states in groupby(by_stage, key=lambda box: box.stage):
        columns += _split([_sized(box) for box in states])
    placed: list[list[Box]] = []
    for number, column in enumerate(columns):
        width = max(box.width for box in column)
        same = [_titled(replace(box, column=number), width) for box in column]
        placed.append(_stacked(same, placed[-1] if placed else ()))
    return placed


def _sized(box: Box) -> Box:
    rows = max((row.width for row in box.rows), default=0.0)
    wanted = max(rows, min(text_width(box.title, TITLE), WIDEST), text_width(box.note, SMALL))
    width = max(NARROWEST, wanted + 2 * PADDING)
    return _titled(box, width)


def _titled(box: Box, width: float) -> Box:
    lines = tuple(wrapped(box.title, TITLE, width - 2 * PADDING))
    return replace(box, width=width, lines=lines)


def _split(boxes: Sequence[Box]) -> list[list[Box]]:
    """Return the boxes of a stage in as many columns as it takes, about as high as each other."""
    total = sum(box.height + GAP for box in boxes)
    count = ceil(total / TALL)
    columns: list[list[Box]] = [[]]
    height = 0.0
    for box in boxes:
        if height + (box.height + GAP) / 2 > total / count * len(columns) and len(columns) < count:
            columns.append([])
        columns[-1].append(box)
        height += box.height + GAP
    return columns


def _stacked(column: Sequence[Box], left: Sequence[Box]) -> list[Box]:
    """Return a column with its boxes one below the other, no line level with one of the left."""
    taken = [level for box in left for level in box.levels()]
    placed: list[Box] = []
    top = 0.0
    for box in column:
        tries = [replace(box, y=top + shift) for shift in range(round(ROW))]
        best = next((each for each in tries if _clear(each, taken)), None)
        placed.append(best or max(tries, key=lambda each: _nearest(each, taken)))
        top = placed[-1].y + box.height + GAP
    return placed


def _clear(box: Box, taken: Sequence[float]) -> bool:
    return _nearest(box, taken) >= APART


def _nearest(box: Box, taken: Sequence[float]) -> float:
    return min((abs(a - b) for a in box.levels() for b in taken), default=APART)

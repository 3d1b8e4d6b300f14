"""The picture of a process: as its table has it, with one case's way, or with numbers of many."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import log1p
from typing import Final
from xml.etree.ElementTree import Element

from markupsafe import Markup

from app.flow import CaseFlow, KindFlow, all_arrows
from domain.engine.process import Process
from domain.language.table import State
from domain.mining.flow import Arrow
from i18n.labels import label
from web.rendering.texts import translate
from web.rendering.times import brief

from .layout import PADDING, ROW, STAGES, TITLE_LINE, Box, Row, columns_of
from .routes import Plan, plan
from .svg import Point, add, line, markup, number, picture

HEAD: Final = 34.0
"""The height of the band with the stages."""
BORDER: Final = 10.0
HEAT: Final = 5
"""So many colours there are from quick to slow."""
THICK: Final = 5.0
"""The width of the arrow that is taken most."""
INDENT: Final = 10.0


@dataclass(frozen=True)
class Marks:
    """What is said in a picture beside the table itself.

    Args:
        css: classes of arrows and of states.
        notes: what is said of arrows, under their text.
        about: what is said of states, under their title.
        widths: how thick arrows are.
        summary: what a reader who cannot see it is told beside the table.
    """

    css: Mapping[Arrow | str, str] = field(default_factory=dict)
    notes: Mapping[Arrow, str] = field(default_factory=dict)
    about: Mapping[str, str] = field(default_factory=dict)
    widths: Mapping[Arrow, float] = field(default_factory=dict)
    summary: Sequence[str] = ()


def process_picture(process: Process, locale: str, id: str = "process") -> Markup:
    """Return the picture of a process as its table has it."""
    return _Drawing(process, locale, id, Marks()).draw(all_arrows(process, ()))


def case_picture(process: Process, flow: CaseFlow, locale: str, id: str = "process") -> Markup:
    """Return the picture of a process with the way of one case."""
    taken = Counter((each.from_, each.to, each.step) for each in flow.path)
    visited = {each.from_ for each in flow.path} | {each.to for each in flow.path} | {flow.state}
    notes = {
        arrow: translate("%(count)s times", locale, count=count)
        for arrow, count in taken.items()
        if count > 1
    }
    css: dict[Arrow | str, str] = {**dict.fromkeys(taken, "taken")}
    css.update(dict.fromkeys(visited, "visited"))
    css[flow.state] = "visited here"
    state = label(f"state.{flow.state}", locale, process.kind)
    here = translate("%(number)s is here: %(state)s.", locale, number=flow.number, state=state)
    marks = Marks(css=css, notes=notes, summary=[here])
    return _Drawing(process, locale, id, marks).draw(all_arrows(process, taken))


def flow_picture(process: Process, flow: KindFlow, locale: str, id: str = "process") -> Markup:
    """Return the picture of a process with how often and how soon each arrow was taken."""
    marks = _heat(flow, locale)
    arrows = ((each.from_, each.to, each.step) for each in flow.arrows)
    return _Drawing(process, locale, id, marks).draw(all_arrows(process, arrows))


def _heat(flow: KindFlow, locale: str) -> Marks:
    counted = [each for each in flow.arrows if each.count]
    most = max((each.count for each in counted), default=0)
    slowest = max((each.median_seconds or 0.0 for each in counted), default=0.0)
    css: dict[Arrow | str, str] = {}
    notes, widths = {}, {}
    for each in flow.arrows:
        arrow = (each.from_, each.to, each.step)
        seconds = each.median_seconds or 0.0
        css[arrow] = f"heat heat-{heat_rank(seconds, slowest)}" if each.count else "never"
        widths[arrow] = 1.0 + (THICK - 1.0) * log1p(each.count) / log1p(most) if most else 1.0
        if each.count:
            notes[arrow] = _numbers(each.count, seconds, each.p90_seconds or 0.0, locale)
    about = {
        each.state: translate("%(count)s here now", locale, count=each.open_now)
        for each in flow.states
        if each.open_now
    }
    cases = translate("%(count)s cases were counted.", locale, count=flow.cases)
    return Marks(css=css, notes=notes, about=about, widths=widths, summary=[cases])


def heat_rank(seconds: float, slowest: float) -> int:
    """Return how slow that is, by orders of magnitude, as waiting is felt."""
    return min(int(log1p(seconds) / log1p(slowest) * HEAT), HEAT - 1) if slowest else 0


def _numbers(count: int, median: float, p90: float, locale: str) -> str:
    return f"{count}× {brief(median, locale)} / {brief(p90, locale)}"


@dataclass(frozen=True)
class _Drawing:
    process: Process
    locale: str
    id: str
    marks: Marks

    def draw(self, arrows: Sequence[Arrow]) -> Markup:
        by_name = {state.name.value: state for state in self.process.states}
        known = [each for each in arrows if each[0] in by_name and each[1] in by_name]
        columns = columns_of([self._box(state, known) for state in self.process.states])
        planned = plan(columns, known)
        root = self._frame(planned)
        offset = f"translate({BORDER:g} {BORDER + HEAD - planned.top:g})"
        self._stages(root, planned)
        inside = add(root, "g", transform=offset)
        for arrow in sorted(planned.lines, key=self._order):
            self._arrow(inside, arrow, planned.lines[arrow])
        for box in planned.boxes.values():
            self._state(inside, box)
        return markup(root)

    def _frame(self, planned: Plan) -> Element:
        kind = label(f"kind.{self.process.kind}", self.locale, self.process.kind)
        title = translate("The process of %(kind)s", self.locale, kind=kind)
        height = planned.bottom - planned.top + HEAD + 2.5 * BORDER
        described = " ".join([*self.marks.summary, *self._sentences()])
        width = planned.width + 2 * BORDER
        return picture(self.id, width, height, title, described, "process-picture")

    def _sentences(self) -> Iterator[str]:
        """Yield the picture in words: each state with the steps that lead out of it."""
        for state in self.process.states:
            steps = dict.fromkeys(self._step(step.name) for step in state.steps)
            name = self._label("state", state.name.value)
            said = translate("%(state)s: %(steps)s.", self.locale, state=name, steps="%(steps)s")
            yield said.replace("%(steps)s", ", ".join(steps)) if steps else f"{name}."

    def _box(self, state: State, arrows: Iterable[Arrow]) -> Box:
        name = state.name.value
        out = [each for each in arrows if each[0] == name]
        steps = dict.fromkeys(each[2] for each in out)
        rows = [
            row
            for step in steps
            for row in self._rows(step, [each for each in out if each[2] == step])
        ]
        title, note = self._label("state", name), self.marks.about.get(name, "")
        return Box(name, state.stage, title, tuple(rows), note)

    def _rows(self, step: str, arrows: Sequence[Arrow]) -> Iterator[Row]:
        text = self._step(step)
        if len(arrows) == 1:
            [arrow] = arrows
            sign = "↻ " if arrow[0] == arrow[1] else ""
            yield Row(f"{sign}{text}", arrow, note=self.marks.notes.get(arrow, ""))
            return
        yield Row(text, None)
        for arrow in arrows:
            sign = "↻" if arrow[0] == arrow[1] else "→"
            where = f"{sign} {self._label('state', arrow[1])}"
            yield Row(where, arrow, INDENT, self.marks.notes.get(arrow, ""))

    def _label(self, sort: str, code: str) -> str:
        return label(f"{sort}.{code}", self.locale, self.process.kind)

    def _step(self, step: str) -> str:
        """Return the label of a step; of what is none, such as a rewind, that of the entry."""
        known = self._label("step", step)
        return known if known != step else self._label("entry", step)

    def _order(self, arrow: Arrow) -> tuple[bool, float]:
        """Return the place of an arrow among all: those that were taken lie on top."""
        css = self.marks.css.get(arrow, "")
        return (css == "taken" or css.startswith("heat"), self.marks.widths.get(arrow, 0.0))

    def _stages(self, root: Element, planned: Plan) -> None:
        height = planned.bottom - planned.top + HEAD + 1.5 * BORDER
        for stage in STAGES:
            boxes = [box for box in planned.boxes.values() if box.stage is stage]
            if not boxes:
                continue
            left = min(box.x for box in boxes) + BORDER - PADDING
            right = max(box.x + box.width for box in boxes) + BORDER + PADDING
            group = add(root, "g", "stage")
            add(
                group,
                "rect",
                x=left,
                y=BORDER / 2,
                width=right - left,
                height=height,
                rx=6,
            )
            name = label(f"stage.{stage.value}", self.locale)
            add(group, "text", text=name, x=(left + right) / 2, y=BORDER + 14.0)

    def _arrow(self, parent: Element, arrow: Arrow, points: Sequence[Point]) -> None:
        css = f"arrow {self.marks.css.get(arrow, '')}".strip()
        group = add(
            parent, "g", css, data_from=arrow[0], data_to=arrow[1], data_step=arrow[2]
        )  # fmt: skip
        names = (
            self._label("state", arrow[0]),
            self._step(arrow[2]),
            self._label("state", arrow[1]),
        )
        add(group, "title", text=" → ".join(names))
        width = self.marks.widths.get(arrow, 1.0)
        add(group, "path", d=line(_shortened(points, width)), stroke_width=width)
        add(group, "path", "head", d=_head(points[-2], points[-1], width))

    def _state(self, parent: Element, box: Box) -> None:
        waits = next(s.waits_on for s in self.process.states if s.name.value == box.state)
        css = f"state waits-{waits.value} {self.marks.css.get(box.state, '')}".strip()
        group = add(parent, "g", css, data_state=box.state)
        add(group, "rect", "box", x=box.x, y=box.y, width=box.width, height=box.height, rx=5)
        add(group, "rect", "waits", x=box.x, y=box.y, width=4.0, height=box.height, rx=2)
        x, top = box.x + PADDING + 1, box.y + PADDING
        for place, text in enumerate(box.lines):
            add(group, "text", "name", text, x=x, y=top + TITLE_LINE * place + 12)
        if box.note:
            add(group, "text", "note", box.note, x=x, y=top + TITLE_LINE * len(box.lines) + 9)
        for row, at in box.row_tops():
            self._row(group, box, row, at)

    def _row(self, group: Element, box: Box, row: Row, top: float) -> None:
        is_self = row.arrow is not None and row.arrow[0] == row.arrow[1]
        css = self.marks.css.get(row.arrow, "") if row.arrow else ""
        text = add(
            group,
            "text",
            f"step {css}".strip(),
            row.text,
            x=box.x + PADDING + 1 + row.indent,
            y=top + ROW - 5,
        )
        if is_self and row.arrow:
            text.set("data-from", row.arrow[0])
            text.set("data-to", row.arrow[1])
            text.set("data-step", row.arrow[2])
        if row.note:
            add(
                group, "text", "note", row.note, x=box.x + PADDING + 1 + row.indent, y=top + ROW + 7
            )


def _head(before: Point, at: Point, width: float) -> str:
    """Return the head of an arrow that comes from the left or from the right."""
    back, half = 6.0 + width, 3.0 + width / 2
    side = -back if at[0] > before[0] else back
    return f"M{number(at[0])} {number(at[1])}l{number(side)} {number(-half)}v{number(2 * half)}z"


def _shortened(points: Sequence[Point], width: float) -> list[Point]:
    """Return a line that ends where the head of its arrow begins, so that the head is sharp."""
    (before, _), (x, y) = points[-2], points[-1]
    back = 4.0 + width
    return [*points[:-1], (x - back if x > before else x + back, y)]

"""The pictures of how cases flow: a kind with its counts and heat, a case with its path."""

from collections.abc import Iterable, Mapping, Sequence
from math import log1p

from domain.flow import Arrow, Flow, Taken, arrows_of
from domain.flowchart import Edge, Label, flowchart
from domain.process import Process
from domain.spans import span

HEAT = ("#91caff", "#ffe58f", "#ffc069", "#ff7875", "#cf1322")
"""From quick to slow, up to the slowest median; by orders of magnitude, as waiting is felt."""
NEVER = "stroke:#bfbfbf,stroke-dasharray:4"
PATH = "stroke:#1677ff,stroke-width:3px"
BUSY, BEEN, HERE = "fill:#fff1b8", "fill:#e6f4ff", "fill:#ffd666,stroke:#874d00,stroke-width:3px"


def draw_kind(process: Process, flow: Flow, here: Mapping[str, int], label: Label) -> str:
    """The whole process: how many are where, how often and how soon each arrow is taken."""
    slowest = max((times.median for times in flow.arrows.values()), default=0.0)
    edges = []
    for start, end, step in all_arrows(process, flow.arrows):
        text, times = label(f"step.{step}"), flow.arrows.get((start, end, step))
        if times is None:
            edges.append(Edge(start, end, text, NEVER))
        else:
            text = f"{text}: {times.count}×, {span(times.median)}"
            edges.append(Edge(start, end, text, _heat(times.median, slowest)))
    notes = {state: str(n) for state, n in here.items()}
    return flowchart(process, label, notes, edges, dict.fromkeys(here, BUSY))


def draw_case(process: Process, start: str, path: Sequence[Taken], label: Label) -> str:
    """The whole process with one case's way through it; numbers say in which order."""
    steps: dict[Arrow, list[str]] = {}
    for place, each in enumerate(path, start=1):
        steps.setdefault(each.arrow, []).append(f"{place}. {span(each.seconds)}")
    edges = [
        Edge(*arrow[:2], _words(label(f"step.{arrow[2]}"), steps.get(arrow, ())),
             PATH if arrow in steps else NEVER)
        for arrow in all_arrows(process, steps)
    ]  # fmt: skip
    been = [start, *(each.arrow[1] for each in path)]
    styles = {**dict.fromkeys(been, BEEN), been[-1]: HERE}
    return flowchart(process, label, {}, edges, styles)


def all_arrows(process: Process, taken: Iterable[Arrow]) -> list[Arrow]:
    """The table's arrows, and whatever else was taken, each once."""
    return list(dict.fromkeys([*arrows_of(process), *taken]))


def _heat(seconds: float, slowest: float) -> str:
    place = int(log1p(seconds) / log1p(slowest) * len(HEAT)) if slowest else 0
    return f"stroke:{HEAT[min(place, len(HEAT) - 1)]},stroke-width:2px"


def _words(step: str, times: Sequence[str]) -> str:
    return f"{step}: {', '.join(times)}" if times else step

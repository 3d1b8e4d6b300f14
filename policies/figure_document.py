"""The figures of a policy's document beside its tables, and what is wrong with them."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from cases import CURRENT
from cases.common.figures import COMMON, key_of
from domain.language.values import Duration
from domain.language.waits import Figure
from policies.document_text import DocumentFault, Lines, Path, fault_at

TimesDocument = Mapping[str, Duration]
"""Lengths of time by name; what is not named is as usual."""
CountsDocument = Mapping[str, Annotated[int, Field(strict=True, ge=0)]]
"""Numbers by name; what is not named is as usual."""

Figures = Mapping[str, timedelta | int]

_DURATION: TypeAdapter[timedelta] = TypeAdapter(Duration)


def known_figures() -> Mapping[str, Figure]:
    """Return every figure that a policy may say, by what documents call it."""
    own = {
        key_of(each, kind): each for kind, process in CURRENT.items() for each in process.figures
    }
    return {each.name: each for each in COMMON} | own


def figure_faults(
    times: TimesDocument, counts: CountsDocument, lines: Lines
) -> Iterator[DocumentFault]:
    """Yield what is wrong with the figures of a document."""
    yield from _of_part("times", times, timedelta, lines)
    yield from _of_part("counts", counts, int, lines)


def _of_part(
    part: str, said: Figures, sort: type[timedelta | int], lines: Lines
) -> Iterator[DocumentFault]:
    known = {name: each for name, each in known_figures().items() if isinstance(each.usual, sort)}
    for name, value in said.items():
        path: Path = (part, name)
        figure = known.get(name)
        if figure is None:
            yield _fault(path, "no_such_figure", lines, known=sorted(known))
        elif not _at_most(figure.least, value) or not _at_most(value, figure.most):
            bounds = {"least": written(figure.least), "most": written(figure.most)}
            yield _fault(path, "figure_out_of_bounds", lines, **bounds)
    for name, figure in known.items():
        below = _below(name, figure)
        if below is None or not {name, below} & {*said}:
            continue
        value, limit = (said.get(each, known[each].usual) for each in (name, below))
        if _at_most(limit, value):
            path = (part, name if name in said else below)
            yield _fault(path, "figure_not_below", lines, value=name, limit=below)


def _below(name: str, figure: Figure) -> str | None:
    """Return what documents call the figure than which one must be less."""
    if figure.below is None:
        return None
    own = f"{name.rpartition('.')[0]}.{figure.below}"
    return own if own in known_figures() else figure.below


def _at_most(value: timedelta | int, limit: timedelta | int) -> bool:
    if isinstance(value, timedelta) and isinstance(limit, timedelta):
        return value <= limit
    return isinstance(value, int) and isinstance(limit, int) and value <= limit


def written(value: timedelta | int) -> str:
    """Return a figure as documents write it."""
    if isinstance(value, timedelta):
        return str(_DURATION.dump_python(value, mode="json"))
    return str(value)


def _fault(path: Path, code: str, lines: Lines, **params: Any) -> DocumentFault:
    return fault_at(path, code, lines, params)

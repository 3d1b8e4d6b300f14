"""The lines of the order in the form of a new case: ticked, each with how many and which units."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import JsonValue

from app.errors import FieldFault
from domain.language.orders import Order, OrderLine
from web.forms.typed import Pairs

LINES: Final = "/lines/"
UNREAD: Final = "/order_may_be_unread"
NAME: Final = re.compile(r"/lines/([0-9]{1,3})/(id|line|quantity|serials)")
TICKED: Final = ("line", "serials")
WHOLE: Final = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True)
class LineChoice:
    """A line of the order as the form shows it; `faults` say what is wrong with it."""

    line: OrderLine
    is_taken: bool
    quantity: str
    serials: frozenset[str]
    faults: Sequence[FieldFault] = ()


def is_of_lines(name: str) -> bool:
    """Say whether a field of the form is about the order's lines."""
    return name == UNREAD or name.startswith(LINES)


def without_lines(pairs: Pairs) -> Pairs:
    """Return what was typed in the other fields."""
    return [(name, text) for name, text in pairs if not is_of_lines(name)]


def body_of(pairs: Pairs) -> dict[str, JsonValue]:
    """Return what was chosen, as a caller of the API sends it."""
    lines: list[JsonValue] = [_line(pairs, place) for place in _taken(pairs)]
    body: dict[str, JsonValue] = {"lines": lines} if lines else {}
    return body | ({"order_may_be_unread": True} if dict(pairs).get(UNREAD) else {})


def choices(order: Order, pairs: Pairs, faults: Sequence[FieldFault] = ()) -> Sequence[LineChoice]:
    """Return the lines of an order with what was chosen of them."""
    taken, typed = _taken(pairs), dict(pairs)
    return [
        LineChoice(
            line=line,
            is_taken=place in taken or len(order.lines) == 1,
            quantity=typed.get(f"{LINES}{place}/quantity", str(line.quantity)),
            serials=frozenset(_serials(pairs, place)),
            faults=[*_faults_of(faults, taken, place)],
        )
        for place, line in enumerate(order.lines)
    ]


def _taken(pairs: Pairs) -> list[int]:
    """Return the places of the lines that are ticked, or of which a unit is."""
    named = (NAME.fullmatch(name) for name, _ in pairs)
    return sorted({int(name[1]) for name in named if name and name[2] in TICKED})


def _line(pairs: Pairs, place: int) -> dict[str, JsonValue]:
    typed = dict(pairs)
    named = (typed.get(f"{LINES}{place}/{name}") for name in ("line", "id"))
    line: dict[str, JsonValue] = {"line": next(filter(None, named), "")}
    serials = _serials(pairs, place)
    quantity = typed.get(f"{LINES}{place}/quantity", "").strip()
    if serials:
        line["serials"] = [*serials]
    elif quantity:
        line["quantity"] = int(quantity) if WHOLE.fullmatch(quantity) else quantity
    return line


def _serials(pairs: Pairs, place: int) -> list[str]:
    return [text for name, text in pairs if name == f"{LINES}{place}/serials"]


def _faults_of(
    faults: Sequence[FieldFault], taken: Sequence[int], place: int
) -> Iterator[FieldFault]:
    """Yield the faults of a line; what was sent has only those that are ticked."""
    if place in taken:
        pointer: Any = f"{LINES}{taken.index(place)}/"
        yield from (each for each in faults if each.pointer.startswith(pointer))

"""Builds SVG: elements, how wide a text is, lines with round corners. Colours are left to CSS."""

import unicodedata
from collections.abc import Sequence
from typing import Final, TypeAlias
from xml.etree.ElementTree import Element, SubElement, tostring

from markupsafe import Markup

Point: TypeAlias = tuple[float, float]

WIDE: Final = frozenset("WFA")
"""East Asian widths of letters that are as wide as they are high."""
NARROW, BLANK = 0.59, 0.33
"""How wide other letters and blanks are on average, in parts of the size of the font."""
RADIUS: Final = 5.0


def picture(
    id: str, width: float, height: float, title: str, description: str, css: str
) -> Element:
    """Return an empty picture with its title and description for those who cannot see it."""
    root = Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "id": id,
            "class": css,
            "viewBox": f"0 0 {number(width)} {number(height)}",
            "width": number(width),
            "height": number(height),
            "role": "img",
            "aria-labelledby": f"{id}-title {id}-description",
        },
    )
    SubElement(root, "title", {"id": f"{id}-title"}).text = title
    SubElement(root, "desc", {"id": f"{id}-description"}).text = description
    return root


def add(
    parent: Element, tag: str, css: str = "", text: str | None = None, **more: object
) -> Element:
    """Add an element; underscores in the names of attributes stand for hyphens."""
    attributes = {"class": css} if css else {}
    for name, value in more.items():
        if value is not None:
            shown = number(value) if isinstance(value, float) else str(value)
            attributes[name.rstrip("_").replace("_", "-")] = shown
    element = SubElement(parent, tag, attributes)
    element.text = text
    return element


def markup(root: Element) -> Markup:
    """Return the picture as a page has it; what is in it was escaped when it was built."""
    return Markup(tostring(root, encoding="unicode"))  # noqa: S704 — escaped by the serialiser


def number(value: float) -> str:
    """Return a coordinate, to a tenth."""
    return f"{round(value, 1):g}"


def text_width(text: str, size: float) -> float:
    """Return about how wide a text is."""
    return sum(map(_letter_width, text)) * size


def _letter_width(letter: str) -> float:
    if letter == " ":
        return BLANK
    return 1.0 if unicodedata.east_asian_width(letter) in WIDE else NARROW


def wrapped(text: str, size: float, width: float) -> list[str]:
    """Return a text in lines that are no wider than this, as far as its words allow."""
    lines = [""]
    for word in _words(text):
        if lines[-1] and text_width((lines[-1] + word).rstrip(), size) > width:
            lines.append("")
        lines[-1] += word if lines[-1] else word.lstrip()
    return [line.rstrip() for line in lines if line.strip()] or [""]


def _words(text: str) -> list[str]:
    """Return the parts between which a line may end: blanks, and any two wide letters."""
    words = [""]
    for letter in text:
        if letter == " " or (words[-1] and unicodedata.east_asian_width(letter) in WIDE):
            words.append(letter)
        else:
            words[-1] += letter
    return words


def line(points: Sequence[Point]) -> str:
    """Return the path along points, each corner rounded."""
    kept = _without_repeats(points)
    parts = [f"M{_at(kept[0])}"]
    for before, corner, after in zip(kept, kept[1:], kept[2:], strict=False):
        parts.append(
            f"L{_at(_towards(corner, before))}Q{_at(corner)} {_at(_towards(corner, after))}"
        )
    return " ".join([*parts, f"L{_at(kept[-1])}"])


def _without_repeats(points: Sequence[Point]) -> list[Point]:
    kept = [points[0]]
    for point in points[1:]:
        if point != kept[-1]:
            kept.append(point)
    return kept


def _towards(corner: Point, other: Point) -> Point:
    """Return the point a radius away from a corner, or half-way if that is nearer."""
    length = abs(corner[0] - other[0]) + abs(corner[1] - other[1])
    share = min(RADIUS, length / 2) / length
    return (
        corner[0] + (other[0] - corner[0]) * share,
        corner[1] + (other[1] - corner[1]) * share,
    )


def _at(point: Point) -> str:
    return f"{number(point[0])} {number(point[1])}"

"""What the lines of a feed say: the body of a start for each, or why there is none."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

TAKEN_OVER = ("product", "order", "received_at", "customer", "parent")


@dataclass(frozen=True)
class Defaults:
    """What holds for all lines."""

    kind: str
    channel: str


@dataclass(frozen=True)
class Line:
    """A line by its number: the body of a start, or what is wrong with it."""

    number: int
    body: Mapping[str, Any] | None
    wrong: str = ""


def read_lines(text: str, defaults: Defaults) -> Iterator[Line]:
    """Every line that is not empty."""
    # Not splitlines: a review may hold a character that Unicode calls a line's end.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield Line(number, _body(line, defaults))
            except ValueError as error:
                yield Line(number, None, str(error))


def _body(line: str, defaults: Defaults) -> dict[str, Any]:
    read = _object(line)
    words = read.get("words", read.get("text"))
    reference = read.get("external_ref", read.get("id"))
    if not isinstance(words, str) or not words.strip():
        raise ValueError("there are no words: give text (or words)")
    if reference is None or reference == "":
        raise ValueError("nothing tells it from other lines: give id (or external_ref)")
    return {
        "kind": defaults.kind,
        "channel": read.get("channel", defaults.channel),
        "external_ref": str(reference),
        "form": {"words": words},
        **{name: read[name] for name in TAKEN_OVER if read.get(name) is not None},
    }


def _object(line: str) -> dict[str, Any]:
    try:
        line.encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("it is not UTF-8") from None
    try:
        read = json.loads(line)
    except ValueError as error:
        raise ValueError(f"it is not JSON: {error}") from None
    if isinstance(read, dict):
        return read
    raise ValueError("it is not a JSON object")

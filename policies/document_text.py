"""Reads a document from text, YAML or JSON: what it says, and all that is wrong, with lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, TypeVar

from pydantic import BaseModel, JsonValue, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from domain.language.forms import fault_params

M = TypeVar("M", bound=BaseModel)
Path = tuple[str | int, ...]

MAX_TEXT: Final = 256 * 1024
"""How many characters a document may have; a policy has some ten thousand (ours)."""

NO_TAGS: Final = "tags (!) are not read: write plain text"


@dataclass(frozen=True)
class DocumentFault:
    """Something wrong with a document: where, what, and what its sentence tells.

    `pointer` is a JSON pointer, `line` counts from 1 where the text has one. The sentence is
    `field.<code>` of the catalogues.
    """

    pointer: str
    code: str
    line: int | None = None
    params: Mapping[str, JsonValue] = field(default_factory=dict)


class DocumentRefused(ValueError):
    """A text is not the document that it should be; `faults` are all that is wrong with it."""

    def __init__(self, faults: Sequence[DocumentFault]) -> None:
        super().__init__("; ".join(f"{each.pointer or '/'}: {each.code}" for each in faults))
        self.faults = faults


@dataclass(frozen=True)
class Lines:
    """In which line each part of a document stands, counted from 1; nothing is known of none."""

    by_path: Mapping[Path, int] = field(default_factory=dict)

    def of(self, path: Path) -> int | None:
        """Return the line of a part, or of the nearest one around it."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.by_path:
                return self.by_path[path[:length]]
        return None


NO_LINES: Final = Lines()


def read_document(text: str, model: type[M]) -> tuple[M, Lines]:
    """Return the document that a text is, and in which line each of its parts stands.

    Raises:
        DocumentRefused
    """
    raw, lines = read_text(text)
    try:
        return model.model_validate(raw), lines
    except ValidationError as error:
        items = error.errors(include_url=False, include_input=False)
        faults = (fault_at(each["loc"], each["type"], lines, fault_params(each)) for each in items)
        raise DocumentRefused([*faults]) from None


def fault_at(path: Path, code: str, lines: Lines, params: Mapping[str, JsonValue]) -> DocumentFault:
    """Return a fault of the part of a document that has this path."""
    return DocumentFault("".join(f"/{part}" for part in path), code, lines.of(path), params)


def _not_readable(problem: str, line: int | None = None) -> DocumentRefused:
    params: dict[str, JsonValue] = {"problem": problem}
    return DocumentRefused([DocumentFault("", "unreadable_document", line, params)])


def read_text(text: str) -> tuple[dict[str, Any], Lines]:
    """Return what a text says, and where. JSON is YAML, too.

    YAML 1.2 is read: `no` is a word, and a key that stands twice is refused. So are anchors, by
    which a small text means a huge document.

    Raises:
        DocumentRefused
    """
    if len(text) > MAX_TEXT:
        raise _not_readable(f"it has {len(text)} characters; {MAX_TEXT} are the most")
    try:
        read = YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise _not_readable(error.problem or "it cannot be read", line) from None
    except (YAMLError, ValueError) as error:
        raise _not_readable(str(error).splitlines()[0]) from None
    if not isinstance(read, CommentedMap):
        raise _not_readable("it does not begin with the name of a part, such as version:", 1)
    lines: dict[Path, int] = {}
    return _plain(read, (), lines), Lines(lines)


def _plain(value: Any, path: Path, lines: dict[Path, int]) -> Any:
    """Return a value in Python's own types, and note the lines of its parts."""
    if type(value) not in (CommentedMap, CommentedSeq):
        return _scalar(value, lines.get(path))
    if value.tag.value is not None:
        raise _not_readable(NO_TAGS, value.lc.line + 1)
    if value.anchor.value is not None:
        raise _not_readable("anchors (&) are not read: write it out", value.lc.line + 1)
    keys = list(value) if isinstance(value, CommentedMap) else range(len(value))
    for key in keys:
        if isinstance(value, CommentedMap) and not (
            isinstance(key, str) and key in (value.lc.data or ())
        ):
            raise _not_readable(f"{key} is no name of a part", value.lc.line + 1)
        lines[(*path, key)] = value.lc.data[key][0] + 1
    plain = [_plain(value[key], (*path, key), lines) for key in keys]
    return dict(zip(keys, plain, strict=True)) if isinstance(value, CommentedMap) else plain


def _scalar(value: Any, line: int | None) -> Any:
    """Return a value that has no parts; what a tag (`!!name`) makes is refused."""
    if value is None or isinstance(value, bool | int | float | date):
        return value
    if isinstance(value, str):
        return str(value)
    raise _not_readable(NO_TAGS, line)

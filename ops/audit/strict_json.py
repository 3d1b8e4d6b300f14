"""Reads a signed document so that no two readers can see different things in it."""

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from domain.canonical import DuplicateKey, canonical_json, unambiguous_json
from runtime.message import Message

Document = TypeVar("Document", bound=BaseModel)


class NotStrict(ValueError):
    """The text does not hold what was asked for, or does not spell it as we do."""


def read_strictly(kind: type[Document], text: str | bytes) -> Document:
    """Parse a document in which every value is spelt as it is written here.

    `true`, `1.0` or `"1"` for 1, and another spelling of a time, mean the same to some readers and
    something else to others; so does a field that is there twice, or that nobody here knows.

    Raises:
        NotStrict: with the reason.
    """
    try:
        found = unambiguous_json(text)
        document = kind.model_validate_json(text, extra="forbid")
    except DuplicateKey as error:
        raise NotStrict(error.args[0]) from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise NotStrict(f"{_place(first['loc'])}: {first['msg']}") from None
    except (ValueError, RecursionError):
        raise NotStrict(Message("it is no JSON")) from None
    written = document.model_dump(mode="json", by_alias=True, exclude_unset=True)
    if canonical_json(found) != canonical_json(written):
        where = _place(_first_difference(found, written))
        raise NotStrict(Message("%(where)s is not spelt as it is signed", where=where))
    return document


def _place(loc: tuple[object, ...]) -> str:
    return ".".join(map(str, loc)) or "it"


def _first_difference(found: object, written: object) -> tuple[object, ...]:
    """Return the way to the first value that is spelt in two ways."""
    if isinstance(found, dict) and isinstance(written, dict):
        pairs = [(key, found.get(key), written.get(key)) for key in {**found, **written}]
    elif isinstance(found, list) and isinstance(written, list) and len(found) == len(written):
        pairs = [(n, *each) for n, each in enumerate(zip(found, written, strict=True))]
    else:
        return ()
    for key, one, other in pairs:
        if canonical_json(one) != canonical_json(other):
            return (key, *_first_difference(one, other))
    return ()

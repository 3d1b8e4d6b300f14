"""The hash of an entry straight from its row: what `entry_hash` says, many times as fast.

A row whose JSON was written anew in another spelling has another hash here, and is one that
somebody changed; what the rest of the code would make of it does not matter.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from json.encoder import encode_basestring as quoted
from json.scanner import make_scanner
from typing import Any

from sqlalchemy import String, type_coerce

from store.tables.projection import entries

UNREADABLE = ""
"""The hash of a row that is no entry; no entry has it."""

SCANNER = make_scanner(json.JSONDecoder())  # type: ignore[arg-type]  # the stub means itself
DEFAULTS = ('"deed":null,', '"digest":null,', '"entry":null,', ',"request":null', '"request":null')

# As text, as the database has it: reading JSON and times into objects would take most of the time.
RAW = ("actor", "at", "due_at", "detected_at", "cause", "form")
NAMES = (
    "number", "seq", "prev", "schema_version", "type", "step", "led_to", *RAW
)  # fmt: skip
COLUMNS = [
    type_coerce(entries.c[name], String).label(name) if name in RAW else entries.c[name]
    for name in NAMES
]


def row_hash(row: Sequence[Any]) -> str:
    """The hash of a row that was read by `COLUMNS`.

    No two rows make the same text, or one could stand for the other. From the front each part ends
    where it says so itself: an actor, a time, a cause. From the back each text ends at its first
    quotation mark, since those within are escaped. What is left between them is the form, all of
    it, so that the form need not be read as JSON.
    """
    _, seq, prev, version, type, step, led_to, actor, at, due_at, detected_at, cause, form = row
    try:
        said = f'{{"actor":{_actor(actor)},"at":{_time(at)}{_cause(cause)}'
        if detected_at is not None:
            said += f',"detected_at":{_time(detected_at)}'
        if due_at is not None:
            said += f',"due_at":{_time(due_at)}'
        if form != "{}":
            said += f',"form":{form}'
        return sha256(f"{said},{_end(led_to, prev, version, seq, step, type)}".encode()).hexdigest()
    except (ValueError, TypeError, AttributeError, StopIteration, RecursionError):
        return UNREADABLE


def _end(led_to: str, prev: str | None, version: int, seq: int, step: str | None, type: str) -> str:
    before = f',"prev":{quoted(prev)}' if prev is not None else ""
    by = f',"step":{quoted(step)}' if step is not None else ""
    return (
        f'"led_to":{quoted(led_to)}{before},"schema_version":{version:d},"seq":{seq:d}{by},'
        f'"type":{quoted(type)}}}'
    )


@lru_cache(4096)
def _actor(text: str) -> str:
    """The actor without what has its default."""
    said = json.loads(text)
    told = {
        name: value
        for name, value in said.items()
        if not (name == "roles" and value == []) and not (name == "on_behalf_of" and value is None)
    }
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _cause(text: str) -> str:
    """The cause without what has its default; nothing, if that is all."""
    # All of it must be one value, or it could stand in for the next column as well.
    if SCANNER(text, 0)[1] != len(text):
        raise ValueError("more than one value")
    if "null" in text:
        # Within a text of JSON these cannot stand: there a quotation mark is escaped.
        for default in DEFAULTS:
            text = text.replace(default, "")
    return "" if text == "{}" else f',"cause":{text}'


def _time(at: str | datetime) -> str:
    """A moment as pydantic spells it; SQLite gives text, PostgreSQL moments in UTC."""
    if isinstance(at, str):
        return quoted(f"{at.replace(' ', 'T', 1).removesuffix('.000000')}Z")
    return f'"{at.isoformat()[:-6]}Z"'

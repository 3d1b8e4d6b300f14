"""The hash of an entry straight from its row: what `entry_hash` says, many times as fast.

A row whose JSON was written anew in another spelling has another hash here, and is one that
somebody changed; what the rest of the code would make of it does not matter.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from json.encoder import encode_basestring
from json.scanner import make_scanner
from typing import Any

from sqlalchemy import String, type_coerce

from store.tables.projection import entries

UNREADABLE = ""
"""The hash of a row that is no entry; no entry has it."""

SCANNER = make_scanner(json.JSONDecoder())  # type: ignore[arg-type]  # the stub means itself

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
    """The hash of a row that was read by `COLUMNS`."""
    _, seq, prev, version, type, step, led_to, actor, at, due_at, detected_at, cause, form = row
    try:
        _one_value(form)
        said = [f'{{"actor":{_actor(actor)},"at":{_time(at)}', _cause(cause)]
    except (ValueError, TypeError, AttributeError, StopIteration):
        return UNREADABLE
    if detected_at is not None:
        said.append(f'"detected_at":{_time(detected_at)}')
    if due_at is not None:
        said.append(f'"due_at":{_time(due_at)}')
    if form != "{}":
        said.append(f'"form":{form}')
    said.append(f'"led_to":{encode_basestring(led_to)}')
    if prev is not None:
        said.append(f'"prev":{encode_basestring(prev)}')
    said.append(f'"schema_version":{version},"seq":{seq}')
    if step is not None:
        said.append(f'"step":{encode_basestring(step)}')
    said.append(f'"type":{encode_basestring(type)}}}')
    return hashlib.sha256(",".join(filter(None, said)).encode()).hexdigest()


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
    _one_value(text)
    if "null" in text:
        # Within a text of JSON these cannot stand: there a quotation mark is escaped.
        for name in ("deed", "digest", "entry"):
            text = text.replace(f'"{name}":null,', "")
        text = text.replace(',"request":null', "").replace('"request":null', "")
    return "" if text == "{}" else f'"cause":{text}'


def _one_value(text: str) -> None:
    """All of a text must be one value, or it could stand in for the next column as well."""
    if SCANNER(text, 0)[1] != len(text):
        raise ValueError("more than one value")


def _time(at: str | datetime) -> str:
    """A moment as pydantic spells it; SQLite gives text, PostgreSQL moments in UTC."""
    if isinstance(at, datetime):
        return f'"{at.isoformat()[:-6]}Z"'
    return encode_basestring(f"{at.replace(' ', 'T', 1).removesuffix('.000000')}Z")

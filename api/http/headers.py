"""Case numbers and task ids in paths, idempotency keys and ETags in headers."""

import re
from typing import Annotated

from fastapi import Depends, Header, Path, Request, Response
from starlette.datastructures import Headers

from app.errors import Malformed, NotFound
from app.read_cases import check_number

TASK_ID = re.compile(r"([A-Z]{2}[0-9]{15,18})-([1-9][0-9]{0,8})")
ENTITY_TAG = re.compile(r'(?P<weak>W/)?"(?P<opaque>[\x21\x23-\x7e\x80-\xff]*)"')
VERSION = re.compile(r"[1-9][0-9]{0,8}")
LIST_SPACE = " \t,"
"""What stands between the elements of a list; empty elements count for nothing."""
KEY = re.compile(r"[\x21-\x7e]{1,200}")

Number = Annotated[str, Path(description="The case number (工单号).", max_length=64)]
TaskId = Annotated[str, Path(description="`<case number>-<seq>`", max_length=64)]
_KEY_HEADER = Header(
    alias="Idempotency-Key",
    description="Makes the request happen once; 1 to 200 visible ASCII characters, and no "
    "personal data, since it becomes part of the history. It is remembered for ever: never use one "
    "again for another request.",
)
_IF_MATCH_HEADER = Header(
    alias="If-Match",
    description='The ETag that was seen, or several, or `*`: `"12"`, `"12", "14"`. 412 if the case '
    "has moved since; a weak one (`W/`) never matches.",
)


def field(headers: Headers, name: str) -> str | None:
    """Return a header field; several lines of one name are one list (RFC 9110, 5.3).

    So a second line is never passed over: where one value is due, two are malformed.
    """
    lines = headers.getlist(name)
    return ", ".join(lines) if lines else None


def _idempotency_key(request: Request, _: Annotated[str | None, _KEY_HEADER] = None) -> str | None:
    return field(request.headers, "Idempotency-Key")


def _if_match(request: Request, _: Annotated[str | None, _IF_MATCH_HEADER] = None) -> str | None:
    return field(request.headers, "If-Match")


IdempotencyKey = Annotated[str | None, Depends(_idempotency_key)]
IfMatch = Annotated[str | None, Depends(_if_match)]


def read_task_id(id: str) -> tuple[str, int]:
    """Return the case number and the seq of a task.

    Raises:
        NotFound, NumberMisread: it is no task's id.
    """
    match = TASK_ID.fullmatch(id)
    if match is None:
        raise NotFound
    check_number(match[1])
    return match[1], int(match[2])


def read_key(header: str | None) -> str | None:
    """Return the idempotency key, which may be quoted.

    Raises:
        Malformed: it has characters that a key cannot have, or too many.
    """
    if header is None:
        return None
    key = header[1:-1] if len(header) > 1 and header[0] == header[-1] == '"' else header
    if not KEY.fullmatch(key):
        raise Malformed("key")
    return key


def mark_replayed(response: Response, replayed: bool) -> None:
    """Say in the response that an earlier request with the same key did it."""
    if replayed:
        response.headers["Idempotent-Replayed"] = "true"


def read_etags(header: str | None) -> tuple[int, ...] | None:
    """Return the versions that an If-Match names (RFC 9110, 13.1.1); None if it accepts any.

    A weak ETag and one that is none of ours never match, so they are left out.

    Raises:
        Malformed: it is neither `*` nor a list of ETags.
    """
    if header is None or header.strip() == "*":
        return None
    versions: list[int] = []
    rest = header.strip(LIST_SPACE)
    while rest:
        tag = ENTITY_TAG.match(rest)
        if tag is None or rest[tag.end() :].lstrip(" \t")[:1] not in ("", ","):
            raise Malformed("etag")
        if not tag["weak"] and VERSION.fullmatch(tag["opaque"]):
            versions.append(int(tag["opaque"]))
        rest = rest[tag.end() :].lstrip(LIST_SPACE)
    if not header.strip(LIST_SPACE):
        raise Malformed("etag")
    return tuple(versions)


def etag(version: int) -> str:
    """Return the ETag of a version of a case."""
    return f'"{version}"'

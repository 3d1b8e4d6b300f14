"""Case numbers and task ids in paths, idempotency keys and ETags in headers."""

import re
from typing import Annotated

from fastapi import Header, Path

from app.errors import Malformed, NotFound
from app.read_cases import check_number

TASK_ID = re.compile(r"([A-Z]{2}[0-9]{15,18})-([1-9][0-9]{0,8})")
ETAG = re.compile(r'(?:W/)?"([0-9]{1,9})"')
KEY = re.compile(r"[\x21-\x7e]{1,200}")

Number = Annotated[str, Path(description="The case number (工单号).", max_length=64)]
TaskId = Annotated[str, Path(description="`<case number>-<seq>`", max_length=64)]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="Makes the request happen once; 1 to 200 visible ASCII characters, and no "
        "personal data, since it becomes part of the history.",
    ),
]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match", description="The ETag that was seen; 412 if the case has moved since."
    ),
]


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


def read_etag(header: str | None) -> int | None:
    """Return the version that an If-Match names; None if it accepts any.

    Raises:
        Malformed: it is not one ETag of a case.
    """
    if header is None or header.strip() == "*":
        return None
    match = ETAG.fullmatch(header.strip())
    if match is None:
        raise Malformed("etag")
    return int(match[1])


def etag(version: int) -> str:
    """Return the ETag of a version of a case."""
    return f'"{version}"'

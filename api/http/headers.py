"""Case numbers and task ids as they come in paths, and headers that say which version was seen."""

import re
from typing import Annotated

from fastapi import Header, Path

from api.http.problems import problem
from domain.case_numbers import is_case_number

LOOKS_LIKE_ONE = re.compile(r"[A-Z]{2}[0-9]{15,18}")
TASK = re.compile(r"([A-Z]{2}[0-9]{15,18})-([1-9][0-9]{0,8})")
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


def check_number(number: str) -> None:
    """Refuse what is no case number: a slip in reading one out is said to be one."""
    if is_case_number(number):
        return
    raise problem("number_misread" if misread(number) else "not_found")


def misread(number: str) -> bool:
    """Whether it looks like a case number, but its check digit does not fit."""
    looks = LOOKS_LIKE_ONE.fullmatch(number) is not None
    return looks and not is_case_number(number)


def read_task_id(id: str) -> tuple[str, int]:
    """Case number and seq of a task."""
    told = TASK.fullmatch(id)
    if told is None:
        raise problem("not_found")
    check_number(told.group(1))
    return told.group(1), int(told.group(2))


def read_key(header: str | None) -> str | None:
    """The idempotency key, bare or quoted."""
    if header is None:
        return None
    key = header[1:-1] if len(header) > 1 and header[0] == header[-1] == '"' else header
    if not KEY.fullmatch(key):
        raise problem("malformed", why="key")
    return key


def read_etag(header: str | None) -> int | None:
    """The version that an If-Match names; None if it takes any."""
    if header is None or header.strip() == "*":
        return None
    told = ETAG.fullmatch(header.strip())
    if told is None:
        raise problem("malformed", why="etag")
    return int(told.group(1))


def etag(version: int) -> str:
    """As the header writes it."""
    return f'"{version}"'

"""How large a case may become, so that a new run can always carry it and it can reach its end."""

from collections.abc import Iterable, Sequence

from domain.engine.case import Case
from domain.engine.definition import Definition
from domain.engine.messages import Request
from domain.errors import CaseFull, RequestTooLarge
from domain.language.entries import Entry

KIB = 1024
MAX_REQUEST = 64 * KIB
"""How many bytes the commands of one request may have, as JSON in UTF-8."""
FULL_FOR_MESSAGES = 512 * KIB
"""A case of so many bytes takes no more messages; what moves it is still taken."""
FULL = 1024 * KIB
"""A case of so many bytes, some 2,000 entries, can only be brought to its end.

Temporal carries 2 MiB into a new run. What is left above is for the steps to the end, and for what
time and the world do, which is never refused.
"""
MAX_REQUEST_WHEN_FULL = 16 * KIB

MAX_PART_ENTRIES, MAX_PART = 200, 512 * KIB
"""How many entries, and of how many bytes, are recorded at a time."""


def refuse_large(case: Case, request: Request) -> None:
    """Refuse a request that has more bytes than the case takes at a time.

    Raises:
        RequestTooLarge
    """
    most = MAX_REQUEST_WHEN_FULL if case.size >= FULL else MAX_REQUEST
    size = sum(len(command.model_dump_json().encode()) for command in request.commands)
    if size > most:
        raise RequestTooLarge(
            f"The steps have {size} bytes in all; this case takes {most} at a time.",
            size=size,
            most=most,
        )


def refuse_message_when_full(case: Case) -> None:
    """Refuse a message to a case that has no room for it.

    Raises:
        CaseFull
    """
    if case.size >= FULL_FOR_MESSAGES:
        raise CaseFull(
            f"The case has {case.size} bytes, so it takes no more messages. "
            "Comment on it, or bring it to its end and start a new one.",
            size=case.size,
            most=FULL_FOR_MESSAGES,
            why="messages",
        )


def refuse_when_full(definition: Definition, case: Case, destinations: Iterable[str]) -> None:
    """Refuse what leads a full case to none of the states that it may still come to.

    It may come nearer to its end, and once to each state where it has not been since it was full.
    So it can reach its end, and nobody can go round with it until nothing fits any more.

    Raises:
        CaseFull
    """
    if case.size < FULL:
        return
    left, been = definition.steps_to_end, _been_since_full(case)
    if not any(each not in been or left[each] < left[case.state] for each in destinations):
        raise CaseFull(
            f"The case has {case.size} bytes: only steps that bring it to its end are taken.",
            size=case.size,
            most=FULL,
        )


def end_of_part(entries: Sequence[Entry], after: int) -> int:
    """Return the seq up to which the entries after seq `after` are recorded at a time."""
    size, seq = 0, after
    for entry in entries[after : after + MAX_PART_ENTRIES]:
        size += entry.size
        if size > MAX_PART and seq > after:
            break
        seq = entry.seq
    return seq


def _been_since_full(case: Case) -> set[str]:
    size, been = 0, set[str]()
    for entry in case.entries:
        size += entry.size
        if size >= FULL:
            been.add(entry.led_to)
    return been

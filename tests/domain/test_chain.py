"""The chain of entries: whatever is changed in the middle of a history is seen."""

from collections.abc import Callable

import pytest

from domain.engine.chain import entry_hash, first_break
from domain.language.entries import Entry, EntryType
from tests.domain.case_driver import ACCEPTED_AND_CLASSIFIED, NINE, CaseDriver
from tests.support.cases import CHEN, LIU

Entries = list[Entry]


@pytest.fixture
def entries() -> Entries:
    run = CaseDriver()
    run.do(CHEN, *ACCEPTED_AND_CLASSIFIED)
    run.do(LIU, ("claim", {}))
    return run.case.entries


def changed(entry: Entry, **to: object) -> Entry:
    return entry.model_copy(update=to)


def broken(entries: Entries) -> int | None:
    return first_break(entries, "default", "TS202603020000000")


def test_an_untouched_history_holds(entries: Entries) -> None:
    assert broken(entries) is None


def test_a_history_of_another_case_does_not_hold(entries: Entries) -> None:
    assert first_break(entries, "default", "TS202603020000001") == 1
    assert first_break(entries, "other", "TS202603020000000") == 1


@pytest.mark.parametrize(
    ("tamper", "at"),
    [
        (lambda e: [e[0], changed(e[1], form={"reason": "x"}), *e[2:]], 3),
        (lambda e: [changed(e[0], at=e[1].at), *e[1:]], 2),
        (lambda e: [e[0], *e[2:]], 2),
        (lambda e: [e[0], e[2], e[1], *e[3:]], 2),
        (
            lambda e: [
                e[0],
                e[1],
                changed(e[1], seq=3),
                *(changed(x, seq=x.seq + 1) for x in e[2:]),
            ],
            3,
        ),
        (lambda e: [changed(e[0], prev=None), *e[1:]], 1),
    ],
    ids=["edited", "opening edited", "deleted", "swapped", "inserted", "unchained"],
)
def test_the_first_bad_entry_is_named(
    entries: Entries, tamper: Callable[[Entries], Entries], at: int
) -> None:
    assert broken(tamper(entries)) == at


def test_a_hash_survives_being_written_and_read(entries: Entries) -> None:
    again = [Entry.model_validate_json(entry.model_dump_json()) for entry in entries]
    assert [entry_hash(e) for e in again] == [entry_hash(e) for e in entries]


def test_a_hash_does_not_change_with_the_code() -> None:
    """Written down on 2026-11-22: a new field of an entry must leave old hashes alone."""
    entry = Entry(seq=2, type=EntryType.STEPPED, step="accept", actor=CHEN, at=NINE, led_to="x")
    assert entry_hash(entry) == "485371d045d8d0a3de1a06e0e051d512cbca6d91726afbe1ec93f861e7ce8aec"

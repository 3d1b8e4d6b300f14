"""How large a case may become: what a full one refuses, and that it can always reach its end."""

from collections.abc import Iterator

import pytest

from cases import CURRENT
from domain.engine.capacity import (
    FULL,
    FULL_FOR_MESSAGES,
    MAX_PART,
    MAX_PART_ENTRIES,
    MAX_REQUEST,
    MAX_REQUEST_WHEN_FULL,
    end_of_part,
    refuse_when_full,
)
from domain.engine.case import Case
from domain.engine.messages import MAX_COMMANDS, CaseInput
from domain.engine.process import Process
from domain.errors import CaseFull, RequestTooLarge
from tests.domain.case_driver import ACCEPTED_AND_CLASSIFIED, CaseDriver
from tests.support.cases import CHEN, FINDING, LIU, OFFER, SORTED, request

TEMPORAL_CARRIES = 2 * 1024 * 1024
LONGEST = "🀄" * 3990
"""Four bytes a character."""


def texts(mark: int, count: int) -> list[tuple[str, dict[str, str]]]:
    return [("notify", {"text": f"{mark}.{place} {LONGEST}"}) for place in range(count)]


def held_by_liu() -> CaseDriver:
    run = CaseDriver(customer="customer-1")
    run.do(CHEN, *ACCEPTED_AND_CLASSIFIED)
    run.do(LIU, ("claim", {}))
    return run


def full_of_messages() -> CaseDriver:
    run = held_by_liu()
    while run.case.size < FULL_FOR_MESSAGES:
        run.do(LIU, *texts(len(run.case.entries), 1))
    return run


def full() -> CaseDriver:
    run = full_of_messages()
    while run.case.size < FULL:
        note = {**SORTED, "note": f"{len(run.case.entries)} {LONGEST}"}
        run.do(LIU, ("reclassify", note), if_match=run.case.etag)
    return run


def test_a_request_of_many_long_texts_is_refused() -> None:
    run = held_by_liu()
    error = run.refuse(RequestTooLarge, LIU, *texts(0, MAX_COMMANDS))
    assert error.params["most"] == MAX_REQUEST
    run.do(LIU, *texts(0, 3))


def test_a_case_full_of_messages_takes_no_more_but_goes_its_way() -> None:
    run = full_of_messages()
    error = run.refuse(CaseFull, LIU, *texts(0, 1))
    assert error.params["why"] == "messages"
    run.do(LIU, ("release", {}))
    run.do(LIU, ("claim", {}))
    run.do(LIU, ("investigate", FINDING))
    run.do(LIU, ("propose", OFFER))


def test_a_full_case_is_only_brought_to_its_end() -> None:
    run = full()
    for command in (("release", {}), ("reclassify", SORTED), *texts(0, 1)):
        run.refuse(CaseFull, LIU, command)
    run.do(LIU, ("investigate", FINDING))
    run.refuse(RequestTooLarge, LIU, ("propose", OFFER), *texts(0, 2))
    run.do(LIU, ("propose", OFFER), ("accept_solution", {}), ("carry_out", {"done": "Paid."}))
    carried = CaseInput(opening=run.case.opening, entries=tuple(run.case.entries))
    assert len(carried.model_dump_json().encode()) < TEMPORAL_CARRIES
    assert run.process.fold(run.case.opening, run.case.entries) == run.case


def test_what_was_taken_before_there_was_a_bound_is_taken_again() -> None:
    run = full()
    late = request("old", *texts(0, MAX_COMMANDS), actor=LIU)
    assert run.process.apply_request(run.case, late, run.now).last == run.case.last.seq


@pytest.mark.parametrize("process", CURRENT.values(), ids=CURRENT)
def test_nobody_can_go_round_with_a_full_case(process: Process) -> None:
    """Whatever is chosen, there is a way on until the end, and it is short enough to be carried."""
    room = TEMPORAL_CARRIES - FULL - MAX_REQUEST
    for state in process.states:
        if not state.closed:
            for path in _paths(process, state.name.value):
                assert len(path) * (MAX_REQUEST_WHEN_FULL + 1024) < room
                assert process.state(path[-1]).closed or path[-1] in path[:-1]


def _paths(process: Process, start: str) -> Iterator[list[str]]:
    """Yield the longest walks that a full case takes: those that always take the longer way."""
    been, path = {start}, [start]
    while not process.state(path[-1]).closed:
        here = path[-1]
        destinations = {to for step in process.state(here).steps for to in step.arrows.values()}
        left = process.steps_to_end
        open_ways = [to for to in sorted(destinations) if to not in been or left[to] < left[here]]
        assert open_ways, f"{here} is a dead end after {path}"
        path.append(max(open_ways, key=lambda to: left[to]))
        been.add(path[-1])
    yield path


def test_entries_are_recorded_in_parts() -> None:
    entries = full().case.entries
    after, parts = 0, []
    while after < len(entries):
        upto = end_of_part(entries, after)
        parts.append(entries[after:upto])
        after = upto
    assert [entry for part in parts for entry in part] == entries
    assert all(1 <= len(part) <= MAX_PART_ENTRIES for part in parts)
    assert all(sum(entry.size for entry in part) <= MAX_PART for part in parts)


def test_a_case_that_is_not_full_goes_where_it_likes() -> None:
    run = held_by_liu()
    refuse_when_full(run.process, run.case, [])
    assert Case(run.case.opening).size == 0

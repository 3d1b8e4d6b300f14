"""What a newer version wrote, and this one does not know, is carried unchanged."""

import json
from typing import Any

import pytest

from domain.engine.chain import entry_hash, first_break, link
from domain.engine.messages import CaseInput
from domain.errors import NewerSchema
from domain.language.entries import ENTRY_SCHEMA, MOVES, Entry, EntryType
from tests.domain.case_driver import ACCEPTED_AND_CLASSIFIED, CaseDriver
from tests.support.cases import CHEN, LIU

NEWER: dict[str, dict[str, Any]] = {
    "cause": {"cause": {"request": "r1", "digest": None, "deed": 0, "entry": None, "channel": "x"}},
    "nested cause": {"cause": {"request": "null", "deed": 0, "seat": {"desk": 3, "floor": None}}},
    "cause at its default": {"cause": {"request": "r1", "deed": 0, "channel": None}},
    "actor": {"actor": {"kind": "staff", "id": "liu.yang", "roles": ["agent"], "grade": 3}},
    "for whom": {
        "actor": {
            "kind": "system", "id": "shop", "roles": [],
            "on_behalf_of": {"kind": "customer", "id": "cu-1", "via": "app"},
        }
    },
    "kind of actor": {"actor": {"kind": "vendor", "id": "v1", "roles": [], "on_behalf_of": None}},
    "type": {"type": "praised", "form": {"stars": 5, "anything": {"new": None}}},
}  # fmt: skip


def run_before() -> CaseDriver:
    run = CaseDriver()
    run.do(CHEN, *ACCEPTED_AND_CLASSIFIED)
    run.do(LIU, ("claim", {}))
    return run


def newer_entry(run: CaseDriver, fields: dict[str, Any]) -> dict[str, Any]:
    """The JSON of an entry that a newer version added to the case."""
    last = run.case.last
    noted = last.model_copy(
        update={
            "seq": last.seq + 1,
            "type": EntryType.NOTIFIED,
            "step": None,
            "form": {"text": "x"},
        }
    )
    linked = link(noted, last, "default", run.case.opening.number)
    document: dict[str, Any] = linked.model_dump(mode="json")
    return {**document, **fields}


@pytest.mark.parametrize("fields", NEWER.values(), ids=NEWER)
def test_it_is_carried_hashed_and_gone_on_from(fields: dict[str, Any]) -> None:
    run = run_before()
    document = newer_entry(run, fields)
    entries = (*run.case.entries, Entry.model_validate_json(json.dumps(document)))
    case_input = CaseInput(opening=run.case.opening, entries=entries)
    carried = CaseInput.model_validate_json(case_input.model_dump_json())
    written = carried.entries[-1].model_dump(mode="json")
    for part, given in fields.items():
        kept = written[part]
        assert kept if isinstance(given, str) else given.items() <= kept.items(), part
    run.case = run.process.fold(carried.opening, carried.entries)
    state = run.case.state
    run.do(LIU, ("release", {}))
    assert run.case.state == state
    assert first_break(run.case.entries, "default", run.case.opening.number) is None


@pytest.mark.parametrize(
    ("fields", "same"),
    [
        ({"cause": {"request": "r1", "deed": 0, "channel": None}}, True),
        ({"cause": {"request": "r1", "deed": 0, "channel": "x"}}, False),
        ({"cause": {"request": "r1", "deed": 0, "channel": ""}}, False),
    ],
)
def test_a_field_counts_unless_it_has_the_default_of_added_fields(
    fields: dict[str, Any], same: bool
) -> None:
    run = run_before()
    plain = Entry.model_validate(newer_entry(run, {"cause": {"request": "r1", "deed": 0}}))
    newer = Entry.model_validate(newer_entry(run, fields))
    assert (entry_hash(newer) == entry_hash(plain)) is same


def test_the_hash_that_was_recorded_is_what_the_next_entry_carries() -> None:
    """Another version may make another entry of the same request; what is recorded counts."""
    run = run_before()
    run.case.last_hash = "f" * 64
    run.do(LIU, ("release", {}))
    assert run.case.last.prev == "f" * 64
    run.do(LIU, ("claim", {}))
    assert run.case.last.prev == entry_hash(run.case.entries[-2])


def test_a_case_with_an_entry_of_a_newer_schema_stands_still() -> None:
    run = run_before()
    newer = Entry.model_validate(newer_entry(run, {"schema_version": ENTRY_SCHEMA + 1}))
    with pytest.raises(NewerSchema, match=f"entry {newer.seq}"):
        run.process.fold(run.case.opening, [*run.case.entries, newer])


def test_what_is_no_name_is_no_type() -> None:
    run = run_before()
    for wrong in ("", "No Name", "x" * 41, 7, None):
        with pytest.raises(ValueError, match="type"):
            Entry.model_validate(newer_entry(run, {"type": wrong}))
    assert EntryType("praised") not in MOVES
    assert [*EntryType] == [each for each in EntryType if each.value != "praised"]

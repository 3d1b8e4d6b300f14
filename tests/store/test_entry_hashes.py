"""The hash of a row is the hash of its entry, whatever an entry may say, on both databases."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from domain.canonical import canonical_json
from domain.engine.chain import entry_hash
from domain.language.entries import Cause, Entry, EntryType
from domain.language.roles import Actor, ActorKind, Party
from store import Store
from store.cases.entry_hashes import COLUMNS, NAMES, UNREADABLE, row_hash
from store.cases.tables import entries
from tests.store import sample_cases

EVERYTHING = (None, None)

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
MOMENTS = st.datetimes(
    datetime(2020, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)  # noqa: DTZ001
) | st.just(sample_cases.DAWN.replace(microsecond=0))  # fmt: skip
PARTIES = st.builds(Party, kind=st.sampled_from(ActorKind), id=TEXTS)
ENTRIES = st.builds(
    Entry,
    schema_version=st.integers(1, 9),
    seq=st.just(1),
    type=st.sampled_from(EntryType),
    step=st.none() | TEXTS,
    actor=st.builds(
        Actor,
        kind=st.sampled_from(ActorKind),
        id=TEXTS,
        roles=st.lists(TEXTS, max_size=2).map(tuple),
        on_behalf_of=st.none() | PARTIES,
    ),
    at=MOMENTS,
    due_at=st.none() | MOMENTS,
    detected_at=st.none() | MOMENTS,
    cause=st.builds(
        Cause,
        request=st.none() | TEXTS,
        digest=st.none() | TEXTS,
        command=st.none() | st.integers(0, 9),
        entry=st.none() | st.integers(1, 9),
    ),
    form=st.dictionaries(TEXTS, VALUES, max_size=3),
    led_to=TEXTS,
    prev=st.none() | TEXTS,
)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(drawn=st.lists(ENTRIES, min_size=1, max_size=40))
async def test_a_row_has_the_hash_of_its_entry(store: Store, drawn: list[Entry]) -> None:
    case = sample_cases.opened("hashed")
    told = tuple(entry.model_copy(update={"seq": at}) for at, entry in enumerate(drawn, start=1))
    await store.recorder.write(sample_cases.update_after(case).model_copy(update={"entries": told}))
    part = await store.entry_hashes.read("hashed", EVERYTHING)
    number = case.opening.number
    assert [e.hash for e in part.entries if e.number == number] == [entry_hash(e) for e in told]
    assert [e.prev for e in part.entries if e.number == number] == [e.prev for e in told]
    found = {(n, seq): told for n, hashes in part.waiting.items() for seq, told in hashes.items()}
    assert found == {(each.number, each.seq): each.hash for each in part.entries}


def test_every_field_of_an_entry_is_hashed_from_its_row() -> None:
    assert set(NAMES) == set(Entry.model_fields) | {"number"}
    assert set(Cause.model_fields) == {"command", "digest", "entry", "request"}
    assert set(Actor.model_fields) == {"kind", "id", "roles", "on_behalf_of"}
    assert set(Party.model_fields) == {"kind", "id"}


EDITS: dict[str, dict[str, Any]] = {
    "seq": {"seq": 9},
    "schema_version": {"schema_version": 2},
    "type": {"type": "claimed"},
    "step": {"step": None},
    "actor": {"actor": {"kind": "staff", "id": "somebody", "roles": ["agent"]}},
    "at": {"at": sample_cases.DAWN},
    "due_at": {"due_at": sample_cases.DAWN},
    "detected_at": {"detected_at": sample_cases.DAWN},
    "cause": {"cause": {"request": "another"}},
    "form": {"form": {"severity": "minor "}},
    "led_to": {"led_to": "closed"},
    "prev": {"prev": "0" * 64},
}
"""Another value for each column of an entry."""


@pytest.mark.parametrize("column", EDITS)
async def test_an_edit_of_any_column_is_another_hash(
    store: Store, tenant: str, column: str
) -> None:
    case = sample_cases.classified(sample_cases.opened(tenant))
    await store.recorder.write(sample_cases.update_after(case))
    before = (await store.entry_hashes.read(tenant, EVERYTHING)).entries
    this = update(entries).where(entries.c.tenant == tenant, entries.c.seq == 2)
    async with store.recorder._sessions.writing() as connection:
        await connection.execute(this.values(EDITS[column]))
    after = (await store.entry_hashes.read(tenant, EVERYTHING)).entries
    assert {each.hash for each in before} - {each.hash for each in after} == {before[1].hash}


def test_all_columns_are_edited() -> None:
    assert set(EDITS) == set(Entry.model_fields)


async def test_a_text_that_reaches_into_the_next_column_is_no_entry(
    store: Store, tenant: str
) -> None:
    """What is one value less here and one more there must not add up to the same."""
    case = sample_cases.classified(sample_cases.opened(tenant))
    await store.recorder.write(sample_cases.update_after(case))
    wanted = select(*COLUMNS).where(entries.c.tenant == tenant, entries.c.seq == 2)
    async with store.recorder._sessions.reading() as connection:
        row = dict(zip(NAMES, (await connection.execute(wanted)).one(), strict=True))
    row["due_at"] = "2026-03-02 08:00:00.123456"
    cause, due = row["cause"], "2026-03-02T08:00:00.123456Z"
    shifted = {**row, "due_at": None, "cause": f'{cause},"due_at":"{due}"'}
    whole = {**row, "due_at": None, "detected_at": f'2026-03-02","due_at":"{due}'}
    assert row_hash(list(row.values())) != UNREADABLE
    assert row_hash(list(shifted.values())) == UNREADABLE
    assert row_hash(list(whole.values())) != row_hash(list(row.values()))
    assert row_hash(list({**row, "cause": f"{cause[:-1]}"}.values())) == UNREADABLE


NASTY: dict[str, Any] = {
    "a": {"detected_at": "2026-03-02T08:00:00Z", "due_at": "2026-03-02T08:00:00Z", "form": {}},
    "cause": {"entry": 3},
    "due_at": "2026-03-02T08:00:00Z",
    "form": {"cause": {"entry": 3}, "led_to": "closed", "prev": "0", "schema_version": 1},
    "led_to": "closed",
    "prev": "0",
    "schema_version": 1,
    "seq": 1,
    "step": "close",
    "type": "stepped",
}
"""A form that looks like an entry."""
TIMES = ("due_at", "detected_at")


@pytest.mark.parametrize("present", [(), ("due_at",), ("detected_at",), TIMES])
async def test_no_other_cut_of_the_same_text_is_the_same_entry(
    store: Store, tenant: str, present: tuple[str, ...]
) -> None:
    """Whatever columns hold: only one row makes one text, though the form is not read as JSON."""
    case = sample_cases.opened(tenant)
    changes = {"form": NASTY, "cause": Cause(entry=3), **dict.fromkeys(present, sample_cases.DAWN)}
    entry = case.last.model_copy(update=changes)
    await store.recorder.write(
        sample_cases.update_after(case).model_copy(update={"entries": (entry,)})
    )
    wanted = select(*COLUMNS).where(entries.c.tenant == tenant)
    async with store.recorder._sessions.reading() as connection:
        row = dict(zip(NAMES, (await connection.execute(wanted)).one(), strict=True))
    assert row_hash(list(row.values())) == entry_hash(entry)
    text = canonical_json(entry.model_dump(mode="json", exclude_defaults=True))
    others = [other for other in _cuts(text, row) if other != row]
    assert len(others) > 50
    assert entry_hash(entry) not in {row_hash(list(other.values())) for other in others}


def _cuts(text: str, row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The row with each column as any stretch of the text between two names of columns."""
    names = [f',"{name}":' for name in ("cause", *TIMES, "form", "led_to")]
    marks = [(at.start(), at.end()) for name in names for at in re.finditer(re.escape(name), text)]
    values = [text[a:b] for (_, a), (b, _) in product(marks, marks) if a < b]
    for name, value in product(("cause", *TIMES, "form"), values):
        if value in {'{"entry":3}', sample_cases.DAWN.strftime('"%Y-%m-%dT%H:%M:%S.%fZ"')}:
            continue  # the same in another spelling
        times = {other: None for other in TIMES if other != name}
        for more in ({}, {"form": "{}"}, {"cause": "{}"}, times):
            said = value.strip('"').removesuffix("Z") if name in TIMES else value
            yield {**row, **more, name: said}

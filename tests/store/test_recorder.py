"""What is recorded is read back as it was, whatever comes twice or late."""

from itertools import permutations

import pytest

from domain.canonical import canonical_json
from domain.language.entries import Cause, Entry
from domain.read_models.projection import CaseView, ClockView, TaskView, case_view
from store import Store
from store.cases.tables import cases, clocks, entries, tasks
from store.outbox.records import Delivery
from tests.store import sample_cases


async def test_a_case_is_read_back_as_it_was(store: Store, tenant: str) -> None:
    case = sample_cases.opened(tenant, external_ref="R-1", order="O-1", customer="cu-1")
    number = case.opening.number
    for batch in sample_cases.updates(case):
        await store.recorder.write(batch)
        assert await store.cases.get(tenant, number) == batch.case
    assert await store.entries.of(tenant, number) == case.entries
    assert await store.cases.get(tenant, number) == case_view(sample_cases.COMPLAINT, case)


async def test_every_field_of_an_entry_is_kept(store: Store, tenant: str) -> None:
    case = sample_cases.opened(tenant)
    whole = case.entries[0].model_copy(
        update={
            "schema_version": 7,
            "step": "accept",
            "due_at": sample_cases.DAWN,
            "detected_at": sample_cases.DAWN + sample_cases.MINUTE,
            "cause": Cause(request="r", digest="d", entry=3),
            "form": {"b": "字", "a": [1, None, {"z": 1.5, "y": True}]},
        }
    )
    assert all(getattr(whole, name) is not None for name in Entry.model_fields)
    batch = sample_cases.update_after(case).model_copy(update={"entries": (whole,)})
    await store.recorder.write(batch)
    assert await store.entries.of(tenant, case.opening.number) == [whole]


def test_a_row_has_a_column_for_every_field() -> None:
    assert set(cases.c.keys()) == set(CaseView.model_fields) | {"rank"}
    assert set(tasks.c.keys()) == set(TaskView.model_fields) | {"rank"}
    assert set(clocks.c.keys()) == set(ClockView.model_fields)
    assert set(entries.c.keys()) == set(Entry.model_fields) | {"tenant", "number"}


def test_canonical_json_has_one_spelling() -> None:
    assert canonical_json({"b": [1, "字"], "a": None}) == '{"a":null,"b":[1,"字"]}'
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json(float("nan"))


async def test_history_is_read_in_parts(store: Store, tenant: str) -> None:
    case = sample_cases.claimed(sample_cases.classified(sample_cases.opened(tenant)))
    number = case.opening.number
    await store.recorder.write(sample_cases.update_after(case))
    assert [e.seq for e in await store.entries.of(tenant, number, after=1, limit=2)] == [2, 3]
    assert [e.seq for e in await store.entries.of(tenant, number, after=3)] == [4]


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
async def test_batches_in_any_order_and_twice_end_alike(
    store: Store, tenant: str, order: tuple[int, ...]
) -> None:
    case = sample_cases.opened(tenant)
    number = case.opening.number
    told = [sample_cases.update_after(case)]
    told.append(sample_cases.update_after(sample_cases.classified(case), 1))
    told.append(sample_cases.update_after(sample_cases.claimed(case), 3))
    for index in (*order, *order):
        await store.recorder.write(told[index])
    assert await store.entries.of(tenant, number) == case.entries
    assert await store.cases.get(tenant, number) == told[-1].case
    expected = {task.seq: task for batch in told for task in batch.tasks}
    assert {task.seq: task for task in await store.tasks.of(tenant, number)} == expected
    outbox = await store.outbox.of(tenant, number)
    assert [(row.seq, row.template, row.status) for row in outbox] == [
        (1, "received", Delivery.PENDING)
    ]


async def test_a_batch_that_fails_leaves_nothing(store: Store, tenant: str) -> None:
    case = sample_cases.opened(tenant)
    batch = sample_cases.update_after(case)
    broken = batch.model_copy(
        update={"notices": (batch.notices[0].model_copy(update={"params": {"n": float("nan")}}),)}
    )
    with pytest.raises(Exception, match="not JSON compliant"):
        await store.recorder.write(broken)
    assert await store.cases.get(tenant, case.opening.number) is None
    assert await store.entries.of(tenant, case.opening.number) == []


async def test_who_did_a_task_is_kept(store: Store, tenant: str) -> None:
    case = sample_cases.opened(tenant)
    for batch in sample_cases.updates(case):
        await store.recorder.write(batch)
    done = await store.tasks.of(tenant, case.opening.number)
    assert [(task.state, task.done_by) for task in done][:2] == [
        ("received", "liu.yang"),
        ("accepted", "liu.yang"),
    ]
    assert done[-1].done_at is not None
    first = done[0]
    assert await store.tasks.get(tenant, first.number, first.seq) == first


async def test_the_customers_words_are_found_by_case(store: Store, tenant: str) -> None:
    spoken = [sample_cases.opened(tenant, form={"words": f"第{n}个问题"}) for n in (1, 2)]
    silent = sample_cases.opened(tenant)
    for case in spoken:
        await store.recorder.write(sample_cases.update_after(sample_cases.classified(case)))
    wordless = silent.entries[0].model_copy(update={"form": {"form": {}}})
    batch = sample_cases.update_after(silent).model_copy(update={"entries": (wordless,)})
    await store.recorder.write(batch)
    numbers = [case.opening.number for case in (*spoken, silent)]
    assert await store.entries.opening_words(tenant, [*numbers, "none"]) == {
        numbers[0]: "第1个问题",
        numbers[1]: "第2个问题",
    }
    assert await store.entries.opening_words(tenant, []) == {}
    assert await store.entries.opening_words("another", numbers) == {}

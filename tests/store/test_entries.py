"""Flow is counted from all entries that move cases, in parts, of one kind and version."""

from datetime import datetime, timedelta

import pytest

from cases import CURRENT
from domain.mining.flow import Tally, moves_of, taken_arrows
from store import Store
from store.cases import entries as reading
from tests.store import sample_cases
from tests.support.cases import SHOP, request

KIND = ("complaint", CURRENT["complaint"].version)


async def test_parts_make_the_whole(
    store: Store, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "CASES_PER_READ", 2)
    known = {}
    for day in range(5):
        case = sample_cases.opened(tenant, sample_cases.DAWN + timedelta(days=day))
        for batch in sample_cases.updates(case):
            await store.recorder.write(batch)
        known[case.opening.number] = taken_arrows(moves_of(case.entries))
    found = [taken_arrows(moves) async for moves in store.entries.moves(tenant, *KIND)]
    assert found == [path for _, path in sorted(known.items())]
    assert len(found[0]) > 5
    assert await store.counts.open_by_state(tenant, *KIND) == {"telling": 5}
    assert [moves async for moves in store.entries.moves(tenant, "complaint", 1)] == []
    assert [moves async for moves in store.entries.moves("nobody", *KIND)] == []
    assert await store.counts.open_by_state(tenant, "inquiry", 1) == {}


async def test_a_case_is_left_out_that_did_not_move_in_the_time(store: Store, tenant: str) -> None:
    case = sample_cases.opened(tenant)
    closed = sample_cases.applied(case, request("r1", ("withdraw", {}), actor=SHOP))
    await store.recorder.write(sample_cases.update_after(closed))
    at, later = closed.last.at, closed.last.at + sample_cases.MINUTE

    async def cases(since: datetime | None, until: datetime | None) -> int:
        tally = Tally(since, until)
        read = 0
        async for moves in store.entries.moves(tenant, *KIND, since, until):
            tally.add(moves)
            read += 1
        assert tally.flow().cases == read
        return read

    assert await cases(None, None) == 1
    assert await cases(at, later) == 1
    assert await cases(later, None) == 0
    assert await cases(None, case.entries[0].at) == 0
    assert await store.counts.open_by_state(tenant, *KIND) == {}

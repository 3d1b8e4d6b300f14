"""A case that is opened again claims its units before; a case that goes on for it takes them."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app.unit_claims import claim_again
from cases import CURRENT, KINDS, stories_of
from domain.engine.case import Case
from domain.engine.messages import Command, Request
from domain.errors import UnitInCase
from domain.read_models.projection import projection_update
from domain.stories import play
from store import Store
from store.orders.records import claims_of
from tests.support.cases import CHEN, new_number

RETURNS = CURRENT["returns"]
TENANT = "default"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'banjie.db'}", migrate=True)
    yield opened
    await opened.close()


@pytest.fixture
async def closed(store: Store) -> Case:
    """A return of an order's goods that is closed, as the store has it."""
    stories = stories_of("returns")
    story = next(each for each in stories if each.goods and RETURNS.state(each.ends).closed)
    case = play(RETURNS, story, new_number()).case
    await store.recorder.write(projection_update(RETURNS, case, 0))
    return case


def asking(case: Case, step: str = "reopen") -> tuple[str, Request, datetime]:
    command = Command(step=step, form={"reason": "It broke again."})
    request = Request(id="r", actor=CHEN, commands=(command,))
    return case.opening.number, request, case.last.at + timedelta(hours=1)


async def test_a_reopening_claims_the_units_again(store: Store, closed: Case) -> None:
    number, request, now = asking(closed)
    assert await store.unit_claims.of(TENANT, number) == []
    await claim_again(store, KINDS, number, request, now)
    claimed = await store.unit_claims.of(TENANT, number)
    assert len(claimed) == sum(goods.quantity for goods in closed.opening.goods)


async def test_a_reopening_whose_units_are_elsewhere_is_refused(store: Store, closed: Case) -> None:
    number, request, now = asking(closed)
    claims = claims_of(closed.opening.order, closed.opening.goods)
    await store.unit_claims.take(TENANT, "TH-other", claims)
    with pytest.raises(UnitInCase) as refused:
        await claim_again(store, KINDS, number, request, now)
    assert refused.value.cases == ("TH-other",)


async def test_what_opens_nothing_claims_nothing(store: Store, closed: Case) -> None:
    number, request, now = asking(closed, "late_receipt")
    await claim_again(store, KINDS, number, request, now)
    late = now + timedelta(days=30)
    _, again, _ = asking(closed)
    await claim_again(store, KINDS, number, again, late)
    assert await store.unit_claims.of(TENANT, number) == []

"""Turns at an order: one has it, until it is given back or its time is over."""

import asyncio
from datetime import timedelta

from store import Store
from store.orders.turns import OrderTurns
from tests.support.moved_clock import MovedClock

LEASE = timedelta(seconds=30)


async def test_one_of_many_has_the_turn(store: Store, tenant: str) -> None:
    turns = store.order_turns
    came = await asyncio.gather(*(turns.take(tenant, "so-1", str(n), LEASE) for n in range(8)))
    assert came.count(True) == 1
    winner = str(came.index(True))
    assert await turns.take(tenant, "so-1", winner, LEASE), "the same may go on"
    assert await turns.take(tenant, "so-2", "another", LEASE)
    assert await turns.take(f"not-{tenant}", "so-1", "another", LEASE)
    await turns.give_back(tenant, "so-1", "another")
    assert not await turns.take(tenant, "so-1", "another", LEASE)
    await turns.give_back(tenant, "so-1", winner)
    assert await turns.take(tenant, "so-1", "another", LEASE)


async def test_a_turn_that_is_not_given_back_ends(store: Store, tenant: str) -> None:
    clock = MovedClock()
    turns = OrderTurns(store.order_turns._sessions, clock)
    assert await turns.take(tenant, "so-3", "a", LEASE)
    clock.ahead = LEASE - timedelta(seconds=1)
    assert not await turns.take(tenant, "so-3", "b", LEASE)
    clock.ahead = LEASE + timedelta(seconds=1)
    assert await turns.take(tenant, "so-3", "b", LEASE)
    await turns.give_back(tenant, "so-3", "a")
    assert not await turns.take(tenant, "so-3", "a", LEASE)

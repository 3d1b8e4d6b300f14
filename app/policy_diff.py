"""What another policy would change in the cases that there are: the open ones, the last closed."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.authentication import Principal
from app.authorization import Right, check_right
from app.policy import known_policy, read_draft
from app.read_cases import fold_case
from app.services import Services
from cases.common.policy_effects import PolicyEffect, policy_effect
from domain.engine.kept_policy import KeptPolicy, PolicyChange
from domain.language.entries import Entry
from domain.language.roles import Actor
from store.db.clock import utc_now
from store.db.pages import Cursor
from store.errors import CorruptRow

OPEN, CLOSED = "open", "closed"
MAX_CLOSED: Final = 10_000


@dataclass(frozen=True)
class PolicyDiff:
    """A page of the cases that were looked at, and what would change in those that change.

    `total` is how many there are to look at, on the first page. `left_out` cannot be read.
    """

    policy: str
    looked_at: int
    effects: Sequence[PolicyEffect]
    next: Cursor | None
    left_out: Sequence[str]
    total: int | None = None


async def find_policy(
    services: Services, caller: Principal, version: str | None, document: str | None
) -> KeptPolicy:
    """Return a policy by its text or, without one, by its version.

    Raises:
        Forbidden: only management and administrators compare by cases.
        Unacceptable, NoSuchPolicy
        StoreDown
    """
    check_right(caller, Right.SET_POLICIES)
    if document is not None:
        return read_draft(document)
    return await known_policy(services, caller, version or "")


async def diff_policy(
    services: Services,
    caller: Principal,
    kept: KeptPolicy,
    closed: int,
    after: Cursor | None,
    limit: int,
) -> PolicyDiff:
    """Return what a policy would change: a page of all open cases, then of the last closed ones.

    Args:
        services: of the process.
        caller: who asks.
        kept: the policy.
        closed: how many of the cases that were closed last are looked at.
        after: `next` of the page before.
        limit: how many cases are looked at.

    Raises:
        Forbidden: only management and administrators compare by cases.
        StoreDown
    """
    check_right(caller, Right.SET_POLICIES)
    store, tenant = services.store, caller.tenant
    total = None if after else await _total(services, tenant, closed)
    numbers, next_ = await _numbers(services, tenant, closed, after, limit)
    change = PolicyChange(policy=kept.version, document=kept.document, reason="-")
    actor = caller.actor()
    effects, left_out = list[PolicyEffect](), list[str]()
    for number in numbers:
        try:
            entries = await store.entries.of(tenant, number)
            effects.append(await asyncio.to_thread(_effect, number, entries, change, actor))
        except CorruptRow as error:
            left_out += services.corrupt_rows.note(error.table, [number])
    changed = [each for each in effects if each.changes]
    return PolicyDiff(kept.version, len(numbers), changed, next_, left_out, total)


def _effect(
    number: str, entries: Sequence[Entry], change: PolicyChange, actor: Actor
) -> PolicyEffect:
    process, case = fold_case(number, entries)
    return policy_effect(process, case, change, actor, utc_now())


async def _numbers(
    services: Services, tenant: str, closed: int, after: Cursor | None, limit: int
) -> tuple[list[str], Cursor | None]:
    """Return the cases of a page, and where the next one begins; open ones come first."""
    cases = services.store.cases
    if after is None or after[0] == OPEN:
        numbers = await cases.open_numbers(tenant, after[1] if after else "", limit)
        if len(numbers) == limit:
            return numbers, (OPEN, numbers[-1])
        return numbers, (CLOSED, "0") if closed else None
    seen, *place = after[1:]
    before = (datetime.fromisoformat(place[0]), place[1]) if place else None
    found = await cases.last_closed(tenant, before, min(limit, closed - int(seen)))
    count = int(seen) + len(found)
    is_over = len(found) < limit or count >= closed
    numbers = [number for _, number in found]
    return numbers, None if is_over else (CLOSED, str(count), found[-1][0].isoformat(), numbers[-1])


async def _total(services: Services, tenant: str, closed: int) -> int:
    opened, ended = await services.store.cases.count_open_and_closed(tenant)
    return opened + min(closed, ended)

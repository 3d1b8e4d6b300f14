"""Cases are assigned by rule: in the order of lists, to those on duty with the skill and the room.

Who decides writes the decision down, then tells the case as the router. Whoever dies in between is
made up for: another one tells the case the same, which takes it once.
"""

import asyncio
import hashlib
import logging
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from pydantic import JsonValue

from app.errors import Fault
from app.expected_errors import EXPECTED, app_error
from app.leavers import return_if_off_duty
from app.policy import policies_of_tenant
from app.read_cases import fold_case
from app.services import Services
from app.texts import DEFAULT, catalogue
from cases.common.policy import asked_of
from domain.assignment import Agent, Choice, Preference, TeamRules, WaitingCase, busier_by, drain
from domain.engine.assignability import assignable_roles, declined_by
from domain.engine.messages import Command, Request
from domain.language.roles import the_router
from i18n.labels import label
from store.assignments.records import Assignment, WaitingRow
from store.customers.records import ContactKind
from store.db.clock import Clock, utc_now
from store.errors import CorruptRow

log = logging.getLogger("banjie.assignment")
RulesByPolicy = Mapping[str, Mapping[str, TeamRules]]
"""By a policy's version, the teams whose cases are assigned by rule, and how."""

PAGE: Final = 200
AT_ONCE: Final = 8
PENDING_FOR: Final = timedelta(seconds=10)
"""Longer than telling a case takes; what is pending for longer, somebody left."""
LOOK_AGAIN_AFTER: Final = timedelta(minutes=1)
"""After this it is looked again though nothing changed: a case that refused may take another."""
MOST_KEPT: Final = 10_000
"""Of so many cases what they are is kept in memory, at most."""
ASSIGN: Final = "assign"


@dataclass
class RuleAssigner:
    """Decides and tells. There may be one in each of many workers."""

    services: Services
    clock: Clock = utc_now

    def __post_init__(self) -> None:
        self._seen: tuple[int, datetime] | None = None
        self._cases: dict[tuple[str, str, int], WaitingCase] = {}

    async def once(self) -> int:
        """Give out what can be given now, and return how many cases that were.

        Raises:
            StoreDown
        """
        newest, now = await self.services.store.changes.newest(), self.clock()
        if self._is_seen(newest, now):
            return 0
        given = 0
        for tenant in await self.services.store.assignments.tenants():
            given += await self._tell_pending(tenant)
            if rules := await rules_of(self.services, tenant):
                given += await self._assign(tenant, rules)
        if not given:
            self._seen = (newest, now)
        return given

    def _is_seen(self, newest: int, now: datetime) -> bool:
        if self._seen is None:
            return False
        change, at = self._seen
        return change == newest and timedelta() <= now - at < LOOK_AGAIN_AFTER

    async def _tell_pending(self, tenant: str) -> int:
        pending = await self.services.store.assignments.pending(tenant, self.clock() - PENDING_FOR)
        return await self._tell(pending)

    async def _assign(self, tenant: str, rules: RulesByPolicy) -> int:
        store, given, after = self.services.store.assignments, 0, None
        teams = {version: [*each] for version, each in rules.items()}
        agents = {each.id: each for each in await store.agents(tenant)}
        while any(each.is_free for each in agents.values()):
            if not (rows := await store.waiting(tenant, teams, after, PAGE)):
                break
            by_number = {row.number: row for row in rows}
            queue = await self._queue(tenant, rows, [*agents.values()], rules)
            decided = list[Assignment]()
            for choice in drain(queue, [*agents.values()], self.clock()):
                agents[choice.agent] = busier_by(agents[choice.agent], self.clock())
                assignment = _assignment(tenant, by_number[choice.number], choice, self.clock())
                if await store.decide(assignment):
                    decided.append(assignment)
            given += await self._tell(decided)
            after = (rows[-1].rank.isoformat(), rows[-1].number)
        return given

    async def _queue(
        self,
        tenant: str,
        rows: Sequence[WaitingRow],
        agents: Sequence[Agent],
        rules: RulesByPolicy,
    ) -> list[WaitingCase]:
        """Return what the rows are as far as anybody who is free could have them."""
        teams = frozenset[str]().union(*(each.teams for each in agents if each.is_free))
        own = ((row, rules[row.policy_version][row.team]) for row in rows if row.team in teams)
        queue = [await self._case(tenant, row, rule) for row, rule in own]
        return [case for case in queue if case is not None]

    async def _case(self, tenant: str, row: WaitingRow, rules: TeamRules) -> WaitingCase | None:
        """Return a case that waits; None if it is damaged. It is read again when it changed."""
        key = (tenant, row.number, row.last_seq)
        if key not in self._cases:
            try:
                case = await _read_case(self.services, tenant, row, rules, self.clock())
            except CorruptRow:
                return None
            if len(self._cases) >= MOST_KEPT:
                self._cases.clear()
            self._cases[key] = case
        return replace(self._cases[key], rules=rules)

    async def _tell(self, assignments: Sequence[Assignment]) -> int:
        """Tell cases what was decided, and return how many took it."""
        turns = asyncio.Semaphore(AT_ONCE)

        async def tell(each: Assignment) -> bool:
            async with turns:
                return await tell_case(self.services, each)

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(tell(each)) for each in assignments]
        return sum(task.result() for task in tasks)


async def tell_case(services: Services, assignment: Assignment) -> bool:
    """Tell a case who was decided on; return whether it took it, or had taken it.

    Whoever does so again submits the same: the case takes it once. What does not answer now is told
    again later; what refuses is decided anew.

    Raises:
        StoreDown
    """
    store, tenant = services.store, assignment.tenant
    person = await store.people.get(tenant, assignment.person)
    if person is None or not person.active:
        await store.assignments.settle(assignment, "unknown_staff")
        return False
    form: dict[str, JsonValue] = {
        "assignee": person.id,
        "roles": [*person.roles],
        "reason": assignment.reason,
    }
    told = f"{assignment.request}\n{person.id}"
    request = Request(
        tenant=tenant,
        id=assignment.request,
        actor=the_router(),
        commands=(Command(step=ASSIGN, form=form),),
        if_match=assignment.etag,
        task=assignment.task,
        digest=hashlib.sha256(told.encode()).hexdigest(),
        attempt=uuid.uuid4().hex,
    )
    try:
        result = await services.case_client.submit(
            assignment.number, request, services.record_timeout
        )
    except EXPECTED as error:
        refusal = app_error(error)
        if refusal is not None and refusal.category is not Fault.UNAVAILABLE:
            log.info("%s refused to be assigned: %s", assignment.number, refusal.code)
            await store.assignments.settle(assignment, refusal.code)
        return False
    if result.recorded:
        await store.assignments.settle(assignment)
        await return_if_off_duty(services, tenant, assignment.number, person.id)
    return True


async def rules_of(services: Services, tenant: str) -> RulesByPolicy:
    """Return the teams whose cases are assigned by rule, by the policy that says so."""
    policies = (await policies_of_tenant(services, tenant)).items()
    return {version: each.assignment for version, each in policies if each.assignment}


async def _read_case(
    services: Services, tenant: str, row: WaitingRow, rules: TeamRules, now: datetime
) -> WaitingCase:
    """Return what a case is as assigning sees it.

    Raises:
        CorruptRow
    """
    process, case = fold_case(row.number, await services.store.entries.of(tenant, row.number))
    asked = asked_of(case, process.facts(case))
    earlier = None
    if row.customer and Preference.EARLIER_AGENT in rules.prefers:
        since = now - rules.earlier_within
        earlier = await services.store.assignments.earlier_agent(tenant, row.customer, since)
    return WaitingCase(
        row.number,
        row.team,
        frozenset(assignable_roles(process, case).names),
        {**asked, "region": await _address(services, tenant, row.customer)},
        declined_by(process, case),
        earlier,
        rules,
    )


async def _address(services: Services, tenant: str, customer: str | None) -> str | None:
    """Return where a customer is, as far as it is known."""
    record = await services.store.customers.get(tenant, customer) if customer else None
    contacts = record.contacts if record else ()
    return next((each.value for each in contacts if each.kind is ContactKind.ADDRESS), None)


def _assignment(tenant: str, row: WaitingRow, choice: Choice, now: datetime) -> Assignment:
    return Assignment(
        tenant=tenant,
        number=row.number,
        etag=row.etag,
        attempt=row.attempts + 1,
        task=row.task,
        person=choice.agent,
        reason=_reason(choice),
        decided_at=now,
    )


def _label(name: str, value: str) -> str:
    """Return what a value of a skill is called; regions and product lines are their own names."""
    return label(f"{name}.{value}", DEFAULT, value if name == "kind" else "")


def _reason(choice: Choice) -> str:
    """Return why somebody gets a case, as its history tells it."""
    texts: Mapping[str, str] = catalogue(DEFAULT)
    named = "；".join(
        "、".join(_label(name, value) for value in values)
        for name, values in choice.skill.named.items()
    )
    params = {
        "skill": named or texts["assigned.any_skill"],
        "load": choice.load,
        "capacity": choice.capacity,
    }
    return texts["assigned.earlier" if choice.is_earlier else "assigned.by_rule"] % params

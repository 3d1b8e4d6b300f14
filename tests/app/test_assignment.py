"""Cases are assigned by rule on the real engine: to whom, why, once, and again after a kill."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.assignment import RuleAssigner, rules_of, tell_case
from app.authentication import Principal
from app.duty import set_duty
from app.people import change_staff
from app.services import Services
from app.start_case import NewCase, start_case
from app.submit_steps import submit_steps
from cases.common.policy import publish
from domain.assignment import Skill
from domain.engine.messages import Command
from domain.language.channels import Channel
from domain.language.entries import Entry, EntryType
from domain.language.roles import ActorKind, the_router
from policies.check import read_policy
from policies.documents import calendars
from store.assignments.records import Assignment
from store.db.clock import utc_now
from tests.app.test_inbox import TENANTS, staff, start
from tests.cases.test_policy_documents import TEXT
from tests.support.cases import SORTED

pytestmark = pytest.mark.xdist_group("app")

RULES = """\
ordering:
  head_starts:
    - {when: {priority: P1}, head_start: PT8H}
    - {head_start: PT0S}
assignment:
  teams:
    - {team: complaints}
    - {team: repairs, prefers: [skill, load]}
"""
VERSION = "2027-assigned"
POLICY = read_policy(TEXT.replace("2027-1", VERSION) + RULES, calendars())[1]
GAS = Skill(kind=("repair",), region=("成华区",))


@pytest.fixture
def tenant() -> str:
    """A tenant of the test's own."""
    return f"assigned-{next(TENANTS)}"


@pytest.fixture
def ruled(services: Services) -> Services:
    """New cases get the policy that assigns by rule."""
    publish([POLICY])
    return replace(services, policy_version=VERSION)


async def on_duty(
    services: Services, tenant: str, id: str, role: str = "agent", **fields: Any
) -> Principal:
    """One of the staff in all teams, who is here."""
    people = services.store.people
    if not await people.teams(tenant):
        for team in ("complaints", "repairs"):
            await people.add_team(tenant, team, team)
    if await people.get(tenant, id) is None:
        await people.add_staff(tenant, id, id, [role], ["complaints", "repairs"])
    profile: dict[str, Any] = {"skills": [Skill()], "capacity": 2, "on_duty": True, **fields}
    await services.store.profiles.change(tenant, id, **profile)
    return replace(staff(tenant, id, role), teams=("complaints", "repairs"))


async def holders(services: Services, tenant: str, numbers: list[str]) -> list[str | None]:
    rows = await services.store.cases.some(tenant, numbers)
    return [rows[number].assignee for number in numbers]


async def newest(services: Services, tenant: str, number: str) -> Entry:
    return (await services.store.entries.of(tenant, number))[-1]


async def test_cases_go_to_whoever_is_here_in_the_order_of_the_list(
    ruled: Services, tenant: str
) -> None:
    assigner = RuleAssigner(ruled)
    numbers = await start(ruled, tenant, 3)
    zhao = staff(tenant, "zhao.fang", "service_manager")
    press = Command(step="prioritise", form={"priority": "P1", "reason": "press"})
    await submit_steps(ruled, zhao, numbers[2], [press])
    await on_duty(ruled, tenant, "liu.yang")
    assert await assigner.once() == 2
    assert await holders(ruled, tenant, numbers) == ["liu.yang", None, "liu.yang"]
    entry = await newest(ruled, tenant, numbers[2])
    assert (entry.type, entry.actor) == (EntryType.ASSIGNED, the_router())
    assert entry.form["reason"] == "系统派单：不限技能；在手 0 单，上限 2 单。"
    assert await assigner.once() == 0
    # Whoever comes gets what waits, and so does whoever has room again.
    await on_duty(ruled, tenant, "zhang.qian", capacity=1)
    assert await assigner.once() == 1
    assert await holders(ruled, tenant, numbers) == ["liu.yang", "zhang.qian", "liu.yang"]
    (fourth,) = (await start(ruled, f"{tenant}", 4))[3:]
    assert await assigner.once() == 0
    liu = await on_duty(ruled, tenant, "liu.yang")
    hold: dict[str, Any] = {"reason": "等仓库", "until": (utc_now() + timedelta(1)).isoformat()}
    await submit_steps(ruled, liu, numbers[0], [Command(step="hold", form=hold)])
    assert await assigner.once() == 1
    assert await holders(ruled, tenant, [fourth]) == ["liu.yang"]


async def test_a_classified_case_is_assigned_to_be_worked_on(ruled: Services, tenant: str) -> None:
    (number,) = await start(ruled, tenant, 1)
    await on_duty(ruled, tenant, "liu.yang")
    assigner = RuleAssigner(ruled)
    assert await assigner.once() == 1
    liu = staff(tenant, "liu.yang", "agent")
    steps = [Command(step="accept"), Command(step="classify", form={**SORTED})]
    await submit_steps(ruled, liu, number, steps, pointers=("", ""))
    assert await assigner.once() == 1
    entry = await newest(ruled, tenant, number)
    assert (entry.step, entry.led_to, entry.actor) == ("assign", "investigating", the_router())


async def test_older_policies_assign_nothing(services: Services, tenant: str) -> None:
    numbers = await start(services, tenant, 1)
    await on_duty(services, tenant, "liu.yang")
    publish([POLICY])
    assert "2026-1" not in await rules_of(services, tenant)
    await RuleAssigner(services).once()
    assert await holders(services, tenant, numbers) == [None]


async def dispatched(services: Services, tenant: str) -> str:
    """The number of a repair that waits to be dispatched."""
    new = NewCase(
        kind="repair",
        channel=Channel.PHONE,
        form={"words": "不打火"},
        external_ref=f"{tenant}-repair",
    )
    shop = Principal(tenant, ActorKind.SYSTEM, "shop")
    number = (await start_case(services, shop, new, None)).number
    sorted_: dict[str, Any] = {"category": "ignition"}
    chen = staff(tenant, "chen.min", "seat")
    steps = [Command(step="accept"), Command(step="classify", form=sorted_)]
    await submit_steps(services, chen, number, steps, pointers=("", ""))
    return number


async def test_a_repair_is_dispatched_to_the_next_when_one_declines(
    ruled: Services, tenant: str
) -> None:
    number = await dispatched(ruled, tenant)
    assigner = RuleAssigner(ruled)
    ma = await on_duty(ruled, tenant, "ma.qiang", "repairer", skills=[Skill(kind=("repair",))])
    assert await assigner.once() == 1
    entry = await newest(ruled, tenant, number)
    assert (entry.step, entry.led_to) == ("assign", "dispatched")
    assert entry.form["assignee"] == "ma.qiang"
    decline = Command(step="decline_job", form={"reason": "no_parts"})
    await submit_steps(ruled, ma, number, [decline])
    assert await holders(ruled, tenant, [number]) == [None]
    assert await assigner.once() == 0
    await on_duty(ruled, tenant, "he.wei", "repairer")
    assert await assigner.once() == 1
    assert await holders(ruled, tenant, [number]) == ["he.wei"]


def late(by: timedelta) -> Any:
    def clock() -> datetime:
        return utc_now() + by

    return clock


async def decide(services: Services, tenant: str, number: str, person: str) -> Assignment:
    teams = {version: [*each] for version, each in (await rules_of(services, tenant)).items()}
    waiting = await services.store.assignments.waiting(tenant, teams, None, 10)
    row = next(each for each in waiting if each.number == number)
    made = Assignment(
        tenant=tenant,
        number=number,
        etag=row.etag,
        attempt=1,
        task=row.task,
        person=person,
        reason="系统派单",
        decided_at=utc_now(),
    )
    assert await services.store.assignments.decide(made)
    return made


@pytest.mark.parametrize("killed", ["before the case was told", "after the case was told"])
async def test_what_one_decided_and_left_another_brings_to_its_end_once(
    ruled: Services, tenant: str, killed: str
) -> None:
    (number,) = await start(ruled, tenant, 1)
    for id in ("liu.yang", "zhang.qian"):
        await on_duty(ruled, tenant, id)
    made = await decide(ruled, tenant, number, "zhang.qian")
    if killed.startswith("after"):
        assert await tell_case(ruled, made)
    others = RuleAssigner(ruled, late(timedelta(seconds=11)))
    if killed.startswith("before"):
        assert await RuleAssigner(ruled).once() == 0, "it is being told"
    await others.once()
    assert await holders(ruled, tenant, [number]) == ["zhang.qian"]
    assert await tell_case(ruled, made), "it took it before"
    entries = await ruled.store.entries.of(tenant, number)
    assert [each.type for each in entries].count(EntryType.ASSIGNED) == 1
    assert await ruled.store.assignments.pending(tenant, utc_now()) == []


async def test_who_claims_it_meanwhile_keeps_it(ruled: Services, tenant: str) -> None:
    (number,) = await start(ruled, tenant, 1)
    await on_duty(ruled, tenant, "liu.yang")
    made = await decide(ruled, tenant, number, "liu.yang")
    zhang = staff(tenant, "zhang.qian", "agent")
    await submit_steps(ruled, zhang, number, [Command(step="claim")])
    assert not await tell_case(ruled, made)
    assert await holders(ruled, tenant, [number]) == ["zhang.qian"]
    assert await ruled.store.assignments.pending(tenant, utc_now()) == []


async def test_going_off_duty_gives_back_what_was_not_begun(ruled: Services, tenant: str) -> None:
    numbers = await start(ruled, tenant, 3)
    liu = await on_duty(ruled, tenant, "liu.yang", capacity=2)
    assigner = RuleAssigner(ruled)
    assert await assigner.once() == 2
    await submit_steps(ruled, liu, numbers[0], [Command(step="accept")])
    await submit_steps(ruled, liu, numbers[2], [Command(step="claim")])
    await set_duty(ruled, liu, "liu.yang", on_duty=False)
    assert await holders(ruled, tenant, numbers) == ["liu.yang", None, "liu.yang"]
    entry = await newest(ruled, tenant, numbers[1])
    assert entry.form["reason"] == "liu.yang 下班时尚未开始处理，工单已放回团队。"
    assert await assigner.once() == 0
    await set_duty(ruled, liu, "liu.yang", on_duty=True)
    await on_duty(ruled, tenant, "liu.yang", capacity=3)
    assert await assigner.once() == 1
    assert await holders(ruled, tenant, numbers) == ["liu.yang"] * 3


async def test_who_leaves_gives_back_all_and_is_given_nothing(ruled: Services, tenant: str) -> None:
    numbers = await start(ruled, tenant, 3)
    liu = await on_duty(ruled, tenant, "liu.yang", capacity=2)
    await ruled.store.people.add_staff(tenant, "boss", "boss", ["administrator"], ())
    await ruled.store.people.change(tenant, "boss", active=True)
    assigner = RuleAssigner(ruled)
    assert await assigner.once() == 2
    await submit_steps(ruled, liu, numbers[0], [Command(step="accept")])
    boss = staff(tenant, "boss", "administrator")
    await _leave(ruled, boss, "liu.yang")
    assert await holders(ruled, tenant, numbers) == [None] * 3
    assert await assigner.once() == 0


async def _leave(services: Services, boss: Principal, id: str) -> None:
    from store.people.records import KeyOwner, OwnerKind

    await services.store.keys.add(boss.tenant, KeyOwner(OwnerKind.STAFF, boss.id))
    await change_staff(services, boss, id, active=False, roles=None, teams=None, reason="left")

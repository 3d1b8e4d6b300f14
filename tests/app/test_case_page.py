"""What the page of a case is made of: one timeline, the steps for its reader and why not others."""

from typing import Any

import pytest

from app.authentication import Principal
from app.case_page import assignable_staff, read_case_page, read_step_form
from app.comments import add_comment
from app.errors import NoSuchStep, NotFound
from app.offers import offers, withheld_steps
from app.read_cases import load_case
from app.services import Services
from app.start_case import NewCase, start_case
from app.step_forms import AUTOMATIC_ROLES
from app.submit_steps import submit_steps
from app.timeline import Place, Sort, TimelineItem, read_timeline
from cases import CURRENT, stories_of
from cases.common.roles import STAFF_ROLES
from domain.engine.messages import Command
from domain.language.channels import Channel
from domain.language.roles import Actor, ActorKind
from domain.stories import play
from store.comments import Visibility
from tests.app.conftest import colleague
from tests.support.cases import new_number

pytestmark = pytest.mark.xdist_group("app")


async def a_case(services: Services, shop: Principal, kind: str = "complaint") -> str:
    new = NewCase(kind=kind, channel=Channel.REVIEW, form={"words": "屏坏了。"})
    return (await start_case(services, shop, new, f"page-{new_number()}")).number


async def take(services: Services, by: Principal, number: str, step: str, **form: Any) -> None:
    await submit_steps(services, by, number, [Command(step=step, form=form)])


async def timeline(
    services: Services, by: Principal, number: str, sort: Sort | None = None, limit: int = 50
) -> list[TimelineItem]:
    """Return all items of a timeline, read page by page."""
    loaded = await load_case(services, by, number, "en")
    items: list[TimelineItem] = []
    before: Place | None = None
    while True:
        page = await read_timeline(services, by, loaded, sort, before, limit)
        assert len(page.items) <= limit
        items += page.items
        if (before := page.next) is None:
            return items


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
async def test_pages_of_a_timeline_hold_each_item_once(
    services: Services, shop: Principal, agent: Principal, limit: int
) -> None:
    number = await a_case(services, shop)
    await take(services, agent, number, "accept")
    for place in range(4):
        visibility = Visibility.PUBLIC if place % 2 else Visibility.INTERNAL
        await add_comment(services, agent, number, f"{place}", visibility)
    await take(services, agent, number, "notify", text="Soon.")
    whole = await timeline(services, agent, number)
    assert [item.place for item in whole] == sorted((i.place for i in whole), reverse=True)
    assert len(whole) == 3 + 4
    assert await timeline(services, agent, number, None, limit) == whole
    for sort in Sort:
        some = await timeline(services, agent, number, sort, limit)
        assert some == [item for item in whole if sort in item.sorts]
    notes = await timeline(services, agent, number, Sort.NOTES)
    assert [item.comment.body for item in notes if item.comment] == ["2", "0"]
    assert all(item.sorts for item in whole)


async def test_an_entry_has_the_messages_that_followed_from_it(
    services: Services, shop: Principal, agent: Principal
) -> None:
    number = await a_case(services, shop)
    await add_comment(services, shop, number, "Well?", None)
    items = await timeline(services, agent, number, Sort.MESSAGES)
    assert [item.comment.body if item.comment else item.notices[0].template for item in items] == [
        "Well?",
        "received",
    ]


async def test_who_is_outside_is_shown_no_more_than_elsewhere(
    services: Services, shop: Principal, agent: Principal, manager: Principal
) -> None:
    vendor = await colleague(services, "vendor.one", "vendor")
    number = await a_case(services, shop, "repair")
    with pytest.raises(NotFound):
        await read_case_page(services, vendor, number, "en")
    with pytest.raises(NotFound):
        await read_step_form(services, vendor, number, "accept")
    await take(services, agent, number, "accept", note="among us")
    await take(services, agent, number, "classify", category="screen")
    await take(services, agent, number, "assign", assignee=vendor.id)
    await take(services, vendor, number, "take_job")
    await add_comment(services, agent, number, "among us", None)
    page = await read_case_page(services, vendor, number, "en")
    assert (page.colleagues.staff, page.details.case.hardness) == ((), None)
    assert "visit" in [offer.name for offer in page.details.offers]
    assert not page.may_rewind
    assert "among us" not in str(await timeline(services, vendor, number))
    ours = await read_case_page(services, manager, number, "en")
    assert ours.colleagues.name(vendor.id) == vendor.id
    assert ours.may_rewind


async def test_the_form_of_a_step_says_what_the_customer_reads(
    services: Services, shop: Principal, agent: Principal
) -> None:
    number = await a_case(services, shop)
    propose = await read_step_form(services, agent, number, "propose")
    assert propose.public == {"solution"}
    assert (await read_step_form(services, agent, number, "notify")).public == {"text"}
    assert (await read_step_form(services, agent, number, "hold")).public == frozenset()
    with pytest.raises(NoSuchStep):
        await read_step_form(services, agent, number, "fly")


async def test_a_task_is_assigned_to_those_whom_the_engine_takes(
    services: Services, shop: Principal, agent: Principal, manager: Principal
) -> None:
    number = await a_case(services, shop)
    auditor = await colleague(services, "auditor.one", "auditor")
    await take(services, agent, number, "accept")
    await take(services, agent, number, "classify", category="price", severity="minor")
    page = await read_case_page(services, manager, number, "en")
    ids = [person.id for person in assignable_staff(page)]
    assert agent.id in ids
    assert auditor.id not in ids
    assert not assignable_staff(await read_case_page(services, auditor, number, "en"))


@pytest.mark.parametrize("kind", CURRENT)
def test_each_step_is_offered_or_withheld_with_its_reason(kind: str) -> None:
    process = CURRENT[kind]
    reported = set()
    for story in stories_of(kind):
        whole = play(process, story, f"{process.prefix}1").case
        for seq in range(1, whole.last.seq + 1):
            case = process.as_of(whole, seq).copy()
            at = whole.entries[seq - 1].at
            process.settle(case, at)
            steps = [*process.steps(case, at)]
            people = {step.name for step in steps if step.by.names - AUTOMATIC_ROLES}
            for role in STAFF_ROLES:
                actor = Actor(kind=ActorKind.STAFF, id=f"one.{role}", roles=(role,))
                offered = {each.name for each in offers(process, case, actor, at, "en")}
                withheld = dict(withheld_steps(process, case, actor, at))
                assert offered | set(withheld) == people
                assert not offered & set(withheld)
                reports = {s.name for s in steps if s.reports and s.by & actor.stands_for}
                assert reports <= offered
                reported |= reports
    assert reported or not any(s.reports for state in process.states for s in state.steps)

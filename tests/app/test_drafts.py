"""Drafts: only their author reads them, and only of cases that one sees are they taken."""

from dataclasses import replace

import pytest

from app.authentication import Principal
from app.drafts import (
    MAX_BYTES,
    discard_draft,
    get_draft,
    list_drafts,
    mark_draft_sent,
    save_draft,
)
from app.errors import (
    AppError,
    Forbidden,
    Malformed,
    NoSuchStep,
    NotFound,
    NumberMisread,
    Unacceptable,
)
from app.services import Services
from app.start_case import NewCase, start_case
from domain.language.channels import Channel
from tests.app.conftest import colleague
from tests.support.cases import new_number

pytestmark = pytest.mark.xdist_group("app")

PAIRS = [("finding", "门店没有讲清保价规则。\r\n"), ("tag", "a"), ("tag", "b")]


@pytest.fixture(scope="session")
async def vendor(services: Services) -> Principal:
    """One from another company, who sees what is for vendors only."""
    return await colleague(services, "vendor.d", "vendor")


async def complaint(services: Services, by: Principal) -> str:
    new = NewCase(kind="complaint", channel=Channel.REVIEW, form={"words": "屏坏了。"})
    return (await start_case(services, by, new, f"complaint-{new_number()}")).number


async def test_it_is_kept_for_its_author(
    services: Services, shop: Principal, agent: Principal, manager: Principal
) -> None:
    number = await complaint(services, shop)
    subject = f"{number}/investigate"
    saved = await save_draft(services, agent, subject, PAIRS, 1, version=1)
    assert saved.is_saved
    assert await get_draft(services, agent, subject) == saved.draft
    assert saved.draft.content == tuple(PAIRS)
    mine = [each for each in await list_drafts(services, agent) if each.draft.number == number]
    assert [(each.draft, each.about) for each in mine] == [(saved.draft, "investigate")]
    assert mine[0].case is not None
    assert await get_draft(services, manager, subject) is None
    assert await list_drafts(services, manager) == []

    late = await save_draft(services, agent, subject, [("finding", "older")], 1)
    assert (late.is_saved, late.draft) == (False, saved.draft)
    assert await mark_draft_sent(services, agent, subject, 2)
    late = await save_draft(services, agent, subject, PAIRS, 2)
    assert (late.is_saved, late.draft.content, late.draft.counter) == (False, None, 2)


async def test_of_a_new_case(services: Services, agent: Principal) -> None:
    await save_draft(services, agent, "new/complaint", [("words", "……")], 5)
    (draft,) = [e for e in await list_drafts(services, agent) if e.draft.number is None]
    assert (draft.about, draft.case) == ("complaint", None)
    assert await discard_draft(services, agent, "new/complaint", 5)
    assert not [e for e in await list_drafts(services, agent) if e.draft.number is None]


async def test_only_of_what_one_sees(
    services: Services, shop: Principal, agent: Principal, vendor: Principal
) -> None:
    number = await complaint(services, shop)
    misread = number[:-1] + str((int(number[-1]) + 1) % 10)
    refusals: list[tuple[Principal, str, type[AppError]]] = [
        (shop, f"{number}/note", Forbidden),
        (vendor, f"{number}/note", NotFound),
        (agent, f"{new_number()}/note", NotFound),
        (agent, f"{misread}/note", NumberMisread),
        (agent, f"{number}/fly", NoSuchStep),
        (agent, number, NoSuchStep),
        (agent, "new/nothing", Unacceptable),
        (agent, "", NotFound),
    ]
    for caller, subject, error in refusals:
        with pytest.raises(error):
            await save_draft(services, caller, subject, PAIRS, 1)
        if caller.is_staff:
            assert await get_draft(services, caller, subject) is None
    for read in (get_draft(services, shop, "x/note"), list_drafts(services, shop)):
        with pytest.raises(Forbidden):
            await read


async def test_what_one_no_longer_sees_is_still_ones_own_text(
    services: Services, shop: Principal
) -> None:
    number = await complaint(services, shop)
    agent = await colleague(services, "hu.yan.d", "agent")
    await save_draft(services, agent, f"{number}/note", PAIRS, 1)
    outside = replace(agent, roles=("vendor",))
    with pytest.raises(NotFound):
        await save_draft(services, outside, f"{number}/note", PAIRS, 2)
    (listed,) = await list_drafts(services, outside)
    assert (listed.draft.content, listed.case) == (tuple(PAIRS), None)
    assert await discard_draft(services, outside, f"{number}/note", 2)
    assert await list_drafts(services, outside) == []


async def test_its_size_and_its_counter_are_bounded(
    services: Services, shop: Principal, agent: Principal
) -> None:
    subject = f"{await complaint(services, shop)}/note"
    most = MAX_BYTES - len('[["body",""]]')
    assert (await save_draft(services, agent, subject, [("body", "x" * most)], 1)).is_saved
    with pytest.raises(Unacceptable) as refused:
        await save_draft(services, agent, subject, [("body", "字" * (most // 2))], 2)
    assert refused.value.faults[0].code == "draft_too_large"
    for counter in (0, -1, 2**60):
        with pytest.raises(Unacceptable):
            await save_draft(services, agent, subject, PAIRS, counter)
        with pytest.raises(Unacceptable):
            await mark_draft_sent(services, agent, subject, counter)
    with pytest.raises(Malformed):
        await save_draft(services, agent, subject, [("body", "\ud800")], 3)

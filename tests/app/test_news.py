"""What came since a page was shown stops what is sent from it, unless its author sent it all."""

import pytest

from app.authentication import Principal
from app.comments import add_comment
from app.errors import NotFound, Unacceptable
from app.news import Seen, check_seen, seen_of
from app.read_cases import COMMENTS_SHOWN, read_case
from app.services import Services
from app.start_case import NewCase, start_case
from app.submit_steps import submit_steps
from domain.engine.messages import Command
from domain.language.channels import Channel
from store.comments import Visibility
from tests.support.cases import new_number

pytestmark = pytest.mark.xdist_group("app")


async def complaint(services: Services, shop: Principal) -> str:
    new = NewCase(kind="complaint", channel=Channel.REVIEW, form={"words": "屏坏了。"})
    return (await start_case(services, shop, new, f"news-{new_number()}")).number


async def shown(services: Services, caller: Principal, number: str) -> Seen:
    """What the page carries, as it comes back from the browser."""
    return Seen.read(str(seen_of(await read_case(services, caller, number, "en"))))


async def test_nothing_is_new(services: Services, shop: Principal, agent: Principal) -> None:
    number = await complaint(services, shop)
    for body in ("Well?", "Hello?"):
        seen = await shown(services, agent, number)
        news = await check_seen(services, agent, number, seen)
        assert (news.stops, news.entries, news.comments, news.seen) == (False, (), (), seen)
        await add_comment(services, shop, number, body, None)


async def test_a_message_of_the_customer_stops_it_once(
    services: Services, shop: Principal, agent: Principal
) -> None:
    number = await complaint(services, shop)
    await add_comment(services, shop, number, "Well?", None)
    seen = await shown(services, agent, number)
    await add_comment(services, shop, number, "I found it.", None)
    news = await check_seen(services, agent, number, seen)
    assert news.stops
    assert [each.body for each in news.comments] == ["I found it."]
    anyway = await check_seen(services, agent, number, Seen.read(str(news.seen)))
    assert (anyway.stops, anyway.comments) == (False, ())


async def test_what_one_did_oneself_elsewhere(
    services: Services, shop: Principal, agent: Principal, manager: Principal
) -> None:
    """One's own note stops nothing; what moves the case does, whoever did it."""
    number = await complaint(services, shop)
    seen = await shown(services, agent, number)
    await add_comment(services, agent, number, "For us.", None)
    news = await check_seen(services, agent, number, seen)
    assert (news.stops, [each.body for each in news.comments]) == (False, ["For us."])
    assert (await check_seen(services, manager, number, seen)).stops
    await submit_steps(services, agent, number, [Command(step="claim")])
    news = await check_seen(services, agent, number, seen)
    assert (news.stops, [each.type for each in news.entries]) == (True, ["claimed"])
    assert news.case.assignee == agent.id


async def test_what_somebody_else_said_to_the_customer(
    services: Services, shop: Principal, agent: Principal, manager: Principal
) -> None:
    number = await complaint(services, shop)
    seen = await shown(services, agent, number)
    notify = Command(step="notify", form={"text": "我们明天答复。"})
    await submit_steps(services, manager, number, [notify])
    news = await check_seen(services, agent, number, seen)
    assert news.case.etag == seen.version, "it moves nothing"
    assert (news.stops, [each.actor.id for each in news.entries]) == (True, [manager.id])


async def test_each_is_told_what_they_may_read(
    services: Services, shop: Principal, agent: Principal
) -> None:
    number = await complaint(services, shop)
    seen = await shown(services, shop, number)
    await add_comment(services, agent, number, "For us.", Visibility.INTERNAL)
    assert not (await check_seen(services, shop, number, seen)).stops
    await add_comment(services, agent, number, "For you.", Visibility.PUBLIC)
    news = await check_seen(services, shop, number, seen)
    assert (news.stops, [each.body for each in news.comments]) == (True, ["For you."])
    assert news.comments[0].author.id == "staff"
    other = Principal(agent.tenant, shop.kind, "app")
    with pytest.raises(NotFound):
        await check_seen(services, other, number, seen)


async def test_of_many_comments_only_the_new_ones_are_new(
    services: Services, shop: Principal, agent: Principal
) -> None:
    number = await complaint(services, shop)
    for place in range(COMMENTS_SHOWN + 5):
        await add_comment(services, shop, number, f"{place}", None)
    seen = await shown(services, agent, number)
    assert not (await check_seen(services, agent, number, seen)).comments
    await add_comment(services, shop, number, "new", None)
    news = await check_seen(services, agent, number, seen)
    assert [each.body for each in news.comments] == ["new"]
    assert not (await check_seen(services, agent, number, news.seen)).comments


@pytest.mark.parametrize(
    "text", ["", "1", "1 2", "1 2 yesterday", "x 2 -", "1 -2 -", "² 2 -", f"{10**12} 1 -"]
)
def test_what_no_page_wrote_is_refused(text: str) -> None:
    with pytest.raises(Unacceptable) as refused:
        Seen.read(text)
    assert refused.value.faults[0].code == "seen_marks"

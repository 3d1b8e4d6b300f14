"""Who is at a case: told to those who see it, with names only to our own people."""

import pytest

from app.authentication import Principal
from app.errors import Forbidden, NotFound
from app.presence import leave, renew_presence, viewers
from app.services import Services
from app.start_case import NewCase, start_case
from domain.language.channels import Channel
from tests.app.conftest import colleague
from tests.support.cases import new_number

pytestmark = pytest.mark.xdist_group("app")


@pytest.fixture(scope="session")
async def vendor(services: Services) -> Principal:
    return await colleague(services, "vendor.p", "vendor")


async def test_colleagues_see_each_other(
    services: Services, shop: Principal, agent: Principal, manager: Principal, vendor: Principal
) -> None:
    new = NewCase(kind="complaint", channel=Channel.REVIEW, form={"words": "屏坏了。"})
    number = (await start_case(services, shop, new, "presence")).number
    assert await renew_presence(services, agent, number, writing=True) == []
    (other,) = await renew_presence(services, manager, number, writing=False)
    assert (other.id, other.name, other.writing) == (agent.id, agent.name, True)
    (other,) = await viewers(services, agent, number)
    assert (other.id, other.writing) == (manager.id, False)
    await leave(services, manager, number)
    assert await viewers(services, agent, number) == []

    with pytest.raises(Forbidden):
        await renew_presence(services, shop, number, writing=False)
    for caller in (vendor,):
        with pytest.raises(NotFound):
            await renew_presence(services, caller, number, writing=False)
        with pytest.raises(NotFound):
            await viewers(services, caller, number)
    with pytest.raises(NotFound):
        await renew_presence(services, agent, new_number(), writing=False)
    assert await viewers(services, manager, number) == await viewers(services, manager, number)
    assert [each.id for each in await viewers(services, manager, number)] == [agent.id]

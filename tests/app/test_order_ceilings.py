"""What a person may decide on holds over all cases of an order, also on request; repetitions go."""

from itertools import count
from typing import Any

import pytest

from app.authentication import Principal
from app.errors import FormRefused, Refused
from app.services import Services
from tests.app.conftest import colleague
from tests.app.test_related_cases import opened, take

pytestmark = pytest.mark.xdist_group("app")
PRODUCTS = count(1)


def yuan(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


def ask_for(amount: str) -> tuple[str, dict[str, Any]]:
    return "ask_approval", {"amount": yuan(amount), "reason": "as agreed"}


def review(amount: str) -> tuple[str, dict[str, Any]]:
    return "review", {
        "ground": "transport_damage",
        "damaged": True,
        "ruling": "refund",
        "amount": yuan(amount),
        "paid": yuan(amount),
    }


async def reviewing(services: Services, shop: Principal, agent: Principal, order: str) -> str:
    product = f"P-{next(PRODUCTS)}"
    number = await opened(services, shop, "returns", order=order, product=product)
    sort = ("classify", {"category": "transport_damage"})
    await take(services, agent, number, ("accept", {}), sort, ("claim", {}))
    return number


async def test_an_agents_thousand_is_for_all_cases_of_an_order(
    services: Services, shop: Principal, agent: Principal
) -> None:
    first = await reviewing(services, shop, agent, "CEILING-1")
    other = await reviewing(services, shop, agent, "ceiling-1")
    paid = await take(services, agent, first, review("900.00"), key=f"review-{first}")
    with pytest.raises(Refused) as refused:
        await take(services, agent, other, review("100.01"))
    assert (refused.value.code, refused.value.params["elsewhere"]) == ("above_ceiling", "900.00")
    ask = ("ask_approval", {"amount": yuan("2500.00"), "reason": "as agreed"})
    asked = await take(services, agent, other, ask)
    request = asked.receipt.last
    # A service manager may decide on 10,000 in all, so not on 9,100.01 more than those 900.
    manager = await colleague(services, "ma.lin", "service_manager")
    approve = ("approve_amount", {"amount": yuan("9100.01"), "reason": "as agreed"})
    with pytest.raises(Refused) as above:
        await take(services, manager, other, approve)
    assert above.value.code == "above_ceiling"
    await take(services, manager, other, ("approve_request", {"request": request}))
    await take(services, agent, other, review("2500.00"))
    again = await take(services, agent, first, review("900.00"), key=f"review-{first}")
    assert again.replayed
    assert again.receipt == paid.receipt


async def test_a_request_is_granted_within_what_is_left_of_the_order(
    services: Services, shop: Principal, agent: Principal
) -> None:
    first = await reviewing(services, shop, agent, "CEILING-2")
    await take(services, agent, first, review("900.00"))
    other = await reviewing(services, shop, agent, "CEILING-2")
    asked = await take(
        services, agent, other, ("ask_approval", {"amount": yuan("9500.00"), "reason": "all"})
    )
    manager = await colleague(services, "ma.li", "service_manager")
    task = await services.store.tasks.get("default", other, asked.receipt.last)
    assert task is not None
    assert task.candidates == ("management",), "with those 900 it is above a service manager's"
    grant = ("approve_request", {"request": asked.receipt.last})
    with pytest.raises(Refused) as above:
        await take(services, manager, other, grant)
    assert above.value.code == "above_ceiling"
    with pytest.raises(Refused) as above:
        await take(services, manager, other, ("claim_request", {"request": asked.receipt.last}))
    assert above.value.code == "above_ceiling"
    less = {"request": asked.receipt.last, "amount": yuan("9100.00")}
    await take(services, manager, other, ("approve_request", less))


async def test_who_is_offered_a_request_may_grant_it(
    services: Services, shop: Principal, agent: Principal
) -> None:
    """What the order's other cases give counts for the candidates as it does for the decision."""
    alone = await reviewing(services, shop, agent, "CEILING-3")
    asked = await take(services, agent, alone, ask_for("9500.00"))
    task = await services.store.tasks.get("default", alone, asked.receipt.last)
    assert task is not None
    assert {"management", "service_manager"} <= {*task.candidates}
    first = await reviewing(services, shop, agent, "CEILING-4")
    await take(services, agent, first, review("400.00"))
    other = await reviewing(services, shop, agent, "CEILING-4")
    asked = await take(services, agent, other, ask_for("9600.00"))
    task = await services.store.tasks.get("default", other, asked.receipt.last)
    assert task is not None
    assert {"management", "service_manager"} <= {*task.candidates}
    manager = await colleague(services, "ma.ling", "service_manager")
    await take(services, manager, other, ("approve_request", {"request": asked.receipt.last}))
    said = {
        "amount": yuan("1.00"),
        "reason": "x",
        "elsewhere": [{"amount": yuan("1.00"), "priced": False}],
    }
    with pytest.raises(FormRefused):
        await take(services, agent, first, ("ask_approval", said))

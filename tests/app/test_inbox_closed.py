"""Closed cases whose customers wrote since: in the inbox's views until somebody answers."""

from typing import Any

from app.inbox import InboxQuery, View, count_views, list_inbox
from app.services import Services
from domain.engine.messages import Receipt
from domain.language.roles import Actor
from tests.app.test_inbox import listed, record, staff
from tests.domain.case_driver import CaseDriver, StepForm
from tests.support.cases import CHEN, LIU, SHOP, new_number


class DriverOf(CaseDriver):
    """Drives a case of its tenant, whichever that is."""

    def do(self, actor: Actor, *commands: StepForm, **more: Any) -> Receipt:
        return super().do(actor, *commands, tenant=self.case.opening.tenant, **more)


async def test_what_is_closed_is_somebodys_work_while_its_customer_waits_for_an_answer(
    services: Services,
) -> None:
    tenant = "closed-brand"
    liu = staff(tenant, "liu.yang", "agent", teams=["inquiries"])
    numbers = {}
    for name in ("mine", "nobodys"):
        number = new_number("ZX")
        run = DriverOf("inquiry", actor=SHOP, customer="cu-1", tenant=tenant, number=number)
        run.do(CHEN, ("accept", {}), ("classify", {"category": "invoice"}))
        run.do(LIU, ("claim", {}), ("answer", {"answer": "Here it is."}))
        run.tell_customer()
        run.do(LIU, ("follow_up", {"reached": True, "solved": True, "satisfaction": "satisfied"}))
        hear = {"message": "co-1", "written_at": run.now.isoformat()}
        run.do(SHOP, ("hear", hear), id="message:co-1")
        if name == "nobodys":
            run.do(LIU, ("release", {"reason": "I leave."}))
        assert run.process.state_of(run.case).closed
        numbers[name] = await record(services, run.case)
    assert await listed(services, liu, View.MINE) == [numbers["mine"]]
    assert {*await listed(services, liu, View.TEAMS)} == {*numbers.values()}
    assert await listed(services, liu, View.UNASSIGNED) == [numbers["nobodys"]]
    assert await listed(services, liu, View.TEAMS, open=True) == []
    assert await listed(services, liu, View.ALL) == []
    page = await list_inbox(services, liu, InboxQuery(view=View.TEAMS), None, 1)
    rest = await list_inbox(services, liu, InboxQuery(view=View.TEAMS), page.next, 1)
    assert {row.number for row in (*page.items, *rest.items)} == {*numbers.values()}
    assert rest.next is None
    assert all(row.customer_wrote and row.task for row in (*page.items, *rest.items))
    counts = await count_views(services, liu)
    assert (counts[View.MINE], counts[View.TEAMS], counts[View.UNASSIGNED]) == (1, 2, 1)

"""Complaints moved through their requests on a running engine."""

from temporal.case_client import CaseClient
from tests.support.cases import WHOLE_COMPLAINT, request
from tests.support.waiting import until


async def submit_complaint(case_client: CaseClient, number: str, upto: int, start: int = 0) -> None:
    """Submit a complaint's requests from the one at `start` to the one before `upto`."""
    for index in range(start, upto):
        await case_client.submit(number, request(f"{number}-{index}", *WHOLE_COMPLAINT[index]))


async def tell_by_hand(case_client: CaseClient, number: str) -> None:
    """Tell the customer in person, once the case has found that there is no other way."""
    await until_state(case_client, number, "telling_by_hand")
    told = request(f"{number}-told", ("told_by_hand", {"how": "by phone"}))
    await case_client.submit(number, told)


async def until_state(case_client: CaseClient, number: str, state: str) -> None:
    """Wait until the case is in this state."""

    async def reached() -> bool:
        return (await case_client.snapshot(number)).state == state

    await until(reached)

"""A corrupt row: lists leave it out and say so, what the entries know is answered all the same."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.api.callers import WORDS, Callers
from tests.support.corrupted_rows import corrupted_rows

pytestmark = pytest.mark.xdist_group("api")

NO_MOMENT = ("cases", "received_at = 'soon'")
NO_KIND = ("cases", "kind = 'gift'")
NO_STEPS = ("tasks", "steps = '{'")
NO_FORM = ("entries", "form = '{'", "seq = 1")
OTHER_FORM = ("entries", "form = '{}'", "seq = 1")


@pytest.fixture
def file(callers: Callers) -> Path:
    """The database of the callers."""
    return Path(callers.engine.url.partition(":///")[2])


async def test_a_list_leaves_it_out_and_says_so(callers: Callers, file: Path) -> None:
    numbers = [await callers.complaint() for _ in range(3)]
    path = "/v1/cases?source=shop&limit=2"
    with corrupted_rows(file, numbers[2], *NO_MOMENT), capture_logs() as logged:
        for _ in range(2):
            page = (await callers["liu.yang"].get(path)).json()
            assert [each["number"] for each in page["items"]] == numbers[1::-1]
            assert page["left_out"] == [numbers[2]]
    told = [each for each in logged if each["event"] == "row_damaged"]
    assert [(each["table"], each["number"]) for each in told] == [("cases", numbers[2])]
    page = (await callers["liu.yang"].get(path)).json()
    assert (page["items"][0]["number"], page["left_out"]) == (numbers[2], [])


async def test_so_does_the_list_of_tasks(callers: Callers, file: Path) -> None:
    number = await callers.complaint()
    with corrupted_rows(file, number, *NO_STEPS):
        seen, left_out = await all_tasks(callers)
        assert number not in seen
        assert number in left_out
        task = (await callers["chen.min"].get(f"/v1/tasks/{number}-1")).json()
        assert (task["task"]["number"], task["task"]["words"]) == (number, WORDS)


async def all_tasks(callers: Callers) -> tuple[set[str], set[str]]:
    """Return the cases on all pages of the list, and those that were left out."""
    seen, left_out, params = set[str](), set[str](), {"scope": "all", "limit": "100"}
    while True:
        page = (await callers["chen.min"].get("/v1/tasks", params=params)).json()
        seen |= {each["number"] for each in page["items"]}
        left_out |= set(page["left_out"])
        if page["next"] is None:
            return seen, left_out
        params["cursor"] = page["next"]


@pytest.mark.parametrize("spoilt", [NO_MOMENT, NO_KIND], ids=["moment", "kind"])
async def test_the_case_itself_is_answered_from_its_entries(
    callers: Callers, file: Path, spoilt: tuple[str, str]
) -> None:
    number = await callers.complaint()
    paths = [f"/v1/cases/{number}{more}" for more in ("", "/history", "/diff", "/flow", "/notices")]
    before = [(await callers["liu.yang"].get(path)).json() for path in paths]
    with corrupted_rows(file, number, *spoilt):
        for path, right in zip(paths, before, strict=True):
            answer = await callers["liu.yang"].get(path)
            found = answer.json()
            assert answer.status_code == 200
            for moved in ("clocks", "offers"):  # of what is spent, each second is another
                found.pop(moved, None), right.pop(moved, None)
            assert found == right


async def test_a_step_goes_on_as_if_nothing_were(callers: Callers, file: Path) -> None:
    number = await callers.complaint()
    with corrupted_rows(file, number, "cases", "since = 'soon'"):
        assert (await callers.step(number, "accept"))["state"] == "accepted"
    assert (await callers["liu.yang"].get(f"/v1/cases/{number}")).status_code == 200


@pytest.mark.parametrize("spoilt", [NO_FORM, OTHER_FORM], ids=["torn", "other"])
async def test_without_readable_entries_it_is_a_clear_problem(
    callers: Callers, file: Path, spoilt: tuple[str, str, str]
) -> None:
    number = await callers.complaint()
    with corrupted_rows(file, number, *spoilt):
        answer = await callers["liu.yang"].get(f"/v1/cases/{number}")
        lists = await callers["liu.yang"].get("/v1/cases?limit=1")
    found = answer.json()
    assert (answer.status_code, found["type"]) == (500, "urn:banjie:problem:row_damaged")
    assert found["params"] == {"table": "entries", "number": number}
    assert "banjie store reconcile" in found["detail"]
    assert lists.json()["items"][0]["words"] is None

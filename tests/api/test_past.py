"""A case as of a moment is what the API returned at that moment."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cases import CURRENT
from cases.complaint.stories import RUDE_CLERK
from domain.read_models.projection import projection_update
from domain.stories import play
from tests.api.callers import Callers, add_people, open_clients
from tests.support.cases import FINDING, OFFER, SORTED, new_number

pytestmark = pytest.mark.xdist_group("api")

NOON = "2026-03-02T12:00:00+08:00"
STEPS: dict[str, list[tuple[str, Any]]] = {
    "complaint": [
        *(("accept", {}), ("classify", SORTED), ("claim", {}), ("investigate", FINDING)),
        *(("propose", OFFER), ("accept_solution", {}), ("carry_out", {"done": "已道歉。"})),
    ],
    "inquiry": [("accept", {}), ("claim", {}), ("release", {}), ("withdraw", {"reason": "x"})],
    "repair": [("withdraw", {"reason": "x"})],
}
OPENINGS = {
    "inquiry": {"words": "发票怎么开?"},
    "repair": {"words": "热水器点不着火。"},
}


def told(whole: dict[str, Any]) -> dict[str, Any]:
    """Return what of a case depends neither on the caller nor on the time."""
    clocks = [{**clock, "spent": None} for clock in whole["clocks"]]
    return {
        **{name: whole[name] for name in ("case", "task", "words", "proposal")},
        "clocks": clocks,
    }


@pytest.mark.parametrize("kind", ["complaint", "inquiry", "repair"])
async def test_each_moment_is_what_was_said_then(callers: Callers, kind: str) -> None:
    more: dict[str, Any] = {"form": OPENINGS[kind]} if kind in OPENINGS else {}
    late = (datetime.now(UTC) - timedelta(hours=30)).isoformat()
    number = await callers.complaint(kind=kind, received_at=late, **more)
    live = [(await callers["liu.yang"].get(f"/v1/cases/{number}")).json()]
    for step, form in STEPS[kind]:
        await callers.step(
            number, step, form, by="shop" if step == "accept_solution" else "liu.yang"
        )
        live.append((await callers["liu.yang"].get(f"/v1/cases/{number}")).json())
    assert all(seen["as_of"] is None for seen in live)
    for seen in live:
        seq = seen["case"]["last_seq"]
        answer = await callers["liu.yang"].get(f"/v1/cases/{number}", params={"seq": seq})
        then = answer.json()
        assert told(then) == told(seen)
        assert then["as_of"]["seq"] == seq
        assert (then["offers"], then["task_actions"], then["customer"], then["children"]) == (
            [],
            [],
            None,
            [],
        )
        assert "etag" not in answer.headers
        by_time = await callers["liu.yang"].get(
            f"/v1/cases/{number}", params={"as_of": then["as_of"]["at"]}
        )
        assert by_time.json()["case"]["last_seq"] >= seq
        assert by_time.json()["case"]["since"] <= then["as_of"]["at"]


async def test_what_cannot_be_seen_is_said_why(callers: Callers) -> None:
    number = await callers.complaint()
    opened_at = (await callers["shop"].get(f"/v1/cases/{number}")).json()["case"]["opened_at"]
    cases: tuple[tuple[dict[str, Any], int, str, str], ...] = (
        ({"as_of": NOON}, 404, "not_open_yet", opened_at[:4]),
        ({"as_of": "2999-01-01T00:00:00Z"}, 422, "in_the_future", "nobody knows"),
        ({"as_of": "2026-03-02T12:00:00"}, 422, "bad_instant", "2026-03-02T12:00:00+08:00"),
        ({"as_of": "2026-03-02T12:00:00 08:00"}, 422, "bad_instant", "%2B"),
        ({"as_of": ""}, 422, "bad_instant", "offset"),
        ({"as_of": "0001-01-01T00:00:00+14:00"}, 422, "bad_instant", "offset"),
        ({"as_of": "9999-12-31T23:59:59-14:00"}, 422, "bad_instant", "offset"),
        ({"seq": 0}, 422, "seq_unknown", "1 to 1"),
        ({"seq": 2}, 422, "seq_unknown", "1 to 1"),
        ({"seq": -1}, 422, "seq_unknown", "1 to 1"),
        ({"seq": "x"}, 422, "invalid", ""),
        ({"seq": 1, "as_of": NOON}, 422, "invalid", ""),
        ({"asof": NOON}, 422, "invalid", ""),
    )
    for asked, status, code, says in cases:
        answer = await callers["shop"].get(f"/v1/cases/{number}", params=asked)
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (status, code), asked
        assert says in problem["detail"], problem
    before = await callers["shop"].get(f"/v1/cases/{number}", params={"as_of": NOON})
    assert datetime.fromisoformat(before.json()["params"]["opened_at"]) == datetime.fromisoformat(
        opened_at
    )
    both = await callers["shop"].get(f"/v1/cases/{number}", params={"seq": 1, "as_of": NOON})
    assert both.json()["errors"][0]["detail"] == "Give as_of or seq, not both."


async def test_the_past_is_seen_by_those_who_see_the_present(callers: Callers) -> None:
    number = await callers.complaint()
    for path in ("?seq=1", "/diff", "/flow"):
        theirs = await callers["shop"].get(f"/v1/cases/{number}{path}")
        others = await callers["app"].get(f"/v1/cases/{number}{path}")
        assert (theirs.status_code, others.status_code) == (200, 404), path


async def test_a_walk_says_what_each_entry_changed(callers: Callers) -> None:
    number = await callers.complaint()
    await callers.step(number, "accept")
    await callers.step(number, "claim")
    first = (await callers["liu.yang"].get(f"/v1/cases/{number}/diff", params={"limit": 2})).json()
    rest = (
        await callers["liu.yang"].get(f"/v1/cases/{number}/diff", params={"after": first["next"]})
    ).json()
    items = [*first["items"], *rest["items"]]
    history = (await callers["liu.yang"].get(f"/v1/cases/{number}/history")).json()["items"]
    assert (first["next"], rest["next"]) == (2, None)
    assert [each["entry"] for each in items] == history
    assert {"what": "assignee", "before": None, "after": "liu.yang"} in items[2]["changes"]
    assert items[0]["notices"] == [{"template": "received", "to": "customer", "params": {}}]


@pytest.fixture(scope="module")
async def march(callers: Callers) -> AsyncIterator[Callers]:
    """A tenant whose only case is that of the story C1, in March."""
    keys = await add_people(callers.store, "march")
    async with open_clients(callers.app, callers.engine, keys) as office_in_march:
        yield office_in_march


async def test_c1_at_noon_was_in_the_hands_of_liu_yang(march: Callers) -> None:
    process = CURRENT["complaint"]
    played = play(process, RUDE_CLERK, number := new_number())
    told_then = projection_update(process, played.case, 0)
    mine: dict[str, Any] = {"case": told_then.case.model_copy(update={"tenant": "march"})}
    for part in ("tasks", "clocks", "notices"):
        rows = getattr(told_then, part)
        mine[part] = tuple(row.model_copy(update={"tenant": "march"}) for row in rows)
    await march.store.recorder.write(told_then.model_copy(update=mine))
    then = (await march["chen.min"].get(f"/v1/cases/{number}", params={"as_of": NOON})).json()
    assert (then["case"]["assignee"], then["case"]["state"]) == ("liu.yang", "investigating")
    assert then["as_of"]["at"] == "2026-03-02T04:00:00Z"
    (resolution,) = (clock for clock in then["clocks"] if clock["clock"] == "resolution")
    assert (resolution["state"], resolution["spent"]) == ("running", "PT2H")
    assert then["task"]["assignee"] == "liu.yang"

    flow = (await march["chen.min"].get("/v1/kinds/complaint/flow")).json()
    assert flow["cases"] == 1
    counted = {(a["from"], a["to"], a["step"]): a["count"] for a in flow["arrows"]}
    assert counted["received", "accepted", "accept"] == 1
    assert sum(counted.values()) == len(played.path) - 1
    way = (await march["chen.min"].get(f"/v1/cases/{number}/flow")).json()
    assert [each["to"] for each in way["path"]] == played.path[1:]
    assert way["path"][0]["seconds"] == timedelta(minutes=6).total_seconds()


async def test_flow_is_for_staff_and_for_times_that_make_sense(callers: Callers) -> None:
    path = "/v1/kinds/complaint/flow"
    assert (await callers["shop"].get(path)).status_code == 403
    assert (await callers["liu.yang"].get("/v1/kinds/nonsense/flow")).status_code == 404
    assert (await callers["liu.yang"].get(path, params={"version": 99})).status_code == 404
    backwards = {"since": "2026-03-02T00:00:00Z", "until": "2026-03-01T00:00:00Z"}
    refused = (await callers["liu.yang"].get(path, params=backwards)).json()
    assert refused["errors"][0]["detail"] == "until must be after since."
    before = {"until": "2026-03-01T00:00:00Z"}
    nothing = (await callers["liu.yang"].get(path, params=before)).json()
    assert nothing["cases"] == 0
    assert {arrow["median_seconds"] for arrow in nothing["arrows"]} == {None}
    assert nothing["mermaid"].startswith("flowchart TD\n")

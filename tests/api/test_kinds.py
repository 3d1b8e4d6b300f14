"""The API shows the kinds as their tables have them."""

import jsonschema
import pytest

from cases import CURRENT
from tests.api.callers import Callers

pytestmark = pytest.mark.xdist_group("api")


async def test_every_kind_is_listed(callers: Callers) -> None:
    items = (await callers["shop"].get("/v1/kinds")).json()["items"]
    assert {item["kind"]: item["prefix"] for item in items} == {
        kind: process.prefix for kind, process in CURRENT.items()
    }
    assert all(item["labels"].keys() == {"zh-CN", "en"} for item in items)


@pytest.mark.parametrize("kind", sorted(CURRENT))
async def test_a_kind_is_told_as_its_table_is(callers: Callers, kind: str) -> None:
    told = (await callers["liu.yang"].get(f"/v1/kinds/{kind}")).json()
    process = CURRENT[kind]
    assert [state["name"] for state in told["states"]] == [s.name.value for s in process.states]
    for state, row in zip(told["states"], process.states, strict=True):
        assert state["stage"] == row.stage.value
        for step, of in zip(state["steps"], row.steps, strict=True):
            assert (step["name"], step["by"]) == (of.name, sorted(of.by.names))
            assert set(step["leads_to"].values()) == set(of.arrows.values())
            jsonschema.Draft202012Validator.check_schema(step["form"])
    jsonschema.Draft202012Validator.check_schema(told["opens_with"])
    assert told["diagram"].startswith("stateDiagram-v2")

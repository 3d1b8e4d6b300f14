"""A kind whose folder was copied is a working kind: steps, description, pages, and no other edit.

The tutorial's commands are run in a copy of the checkout, and everything is started from there: the
worker and the API as processes, the makers of the pages, the stories' tests.
"""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest

from store import Store
from temporal.connection import connect
from tests.support.agents import Agents, agents
from tests.support.copied_kind import KIND, PREFIX, copied_checkout
from tests.support.files import PNG
from tests.support.process_group import ProcessGroup

pytestmark = pytest.mark.xdist_group("copied")

OF_US = {"timer", "world", "router"}


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied_checkout(tmp_path_factory.mktemp("checkout"))


@pytest.fixture(scope="module")
async def processes(
    code: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[ProcessGroup]:
    """Temporal, a worker and the API, the last two run from the copied checkout."""
    processes = ProcessGroup(tmp_path_factory.mktemp("lab"), code=code)
    try:
        await processes.start()
        yield processes
    finally:
        processes.stop()


@pytest.fixture(scope="module")
async def store(processes: ProcessGroup) -> AsyncIterator[Store]:
    store = await Store.open(processes.database_url)
    yield store
    await store.close()


@pytest.fixture(scope="module")
async def staff(processes: ProcessGroup, store: Store) -> AsyncIterator[Agents]:
    """People and a system with keys, as the new kind knows no others."""
    people = await agents(store, processes.url)
    yield people
    await people.close()


def made(code: Path, *words: str) -> str:
    """What Python says when it is run from the copied checkout."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    done = subprocess.run(
        [sys.executable, *words], cwd=code, env=outside, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


async def read(http: httpx.AsyncClient, path: str, **asked: str) -> Any:
    answer = await http.get(path, params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture(scope="module")
async def carried(staff: Agents) -> str:
    """A case of the new kind, taken from start to closed in seven requests."""
    number = await staff.whole_case(1, KIND)
    await staff.reach(number, "closed")
    return number


async def test_a_case_of_it_is_carried_to_its_end(
    processes: ProcessGroup, store: Store, staff: Agents, carried: str
) -> None:
    number = carried
    assert number.startswith(PREFIX)
    found = await read(staff.http("liu.yang"), f"/v1/cases/{number}")
    assert (found["case"]["kind"], found["case"]["outcome"]) == (KIND, "solved")
    listed = await read(staff.http("shop"), "/v1/cases", kind=KIND, outcome="solved")
    assert [case["number"] for case in listed["items"]] == [number]
    client = await connect(processes.temporal.target)
    described = await client.get_workflow_handle(number).describe()
    assert described.workflow_type == KIND
    entries = await store.entries.of("default", number)
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    assert entries[-1].led_to == "closed"


def test_the_oracle_knows_it(code: Path, processes: ProcessGroup, carried: str) -> None:
    assert carried
    where = (
        "--database-url",
        processes.database_url,
        "--temporal-target",
        processes.temporal.target,
    )
    command = "from cli.main import main; main()"
    told = json.loads(made(code, "-c", command, "ops", "verify", *where, "--json"))
    assert told == {"verified": True, "findings": []}


async def test_it_has_tasks_with_forms(staff: Agents) -> None:
    number = await staff.start(2, KIND)
    await staff.reach(number, "received")
    agent = staff.http("liu.yang")
    waiting = await read(agent, "/v1/tasks", kind=KIND, scope="all")
    assert [task["id"] for task in waiting["items"]] == [f"{number}-1"]
    claimed = await agent.post(f"/v1/tasks/{number}-1/claim")
    assert claimed.is_success, claimed.text
    wrong = await agent.post(f"/v1/cases/{number}/steps/accept", json={"nonsense": 1})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "wrong_form")
    offers = (await read(agent, f"/v1/tasks/{number}-1"))["offers"]
    assert [offer["name"] for offer in offers] == ["accept", "withdraw"]


async def test_it_takes_attachments(staff: Agents) -> None:
    number = await staff.start(3, KIND)
    await staff.reach(number, "received")
    agent, path = staff.http("liu.yang"), f"/v1/cases/{number}/attachments"
    made = await agent.post(path, content=PNG, params={"name": "裂屏.png"})
    assert made.status_code == 201, made.text
    seq = made.json()["attachment"]["seq"]
    assert (await agent.get(f"{path}/{seq}")).content == PNG


async def test_the_api_tells_of_it(staff: Agents) -> None:
    http = staff.http("shop")
    lines = {line["kind"]: line["prefix"] for line in (await read(http, "/v1/kinds"))["items"]}
    assert lines[KIND] == PREFIX
    told, copied = await read(http, f"/v1/kinds/{KIND}"), await read(http, "/v1/kinds/complaint")
    for name in ("states", "opens_with", "diagram"):
        assert told[name] == copied[name]


async def test_its_forms_are_in_the_description(code: Path, staff: Agents) -> None:
    http = staff.http("shop")
    described = await read(http, "/openapi.json")
    assert described == json.loads(made(code, "-m", "api.openapi"))
    schemas = described["components"]["schemas"]
    of_kind = {"$ref": f"#/components/schemas/NewCase.{KIND}"}
    assert of_kind in schemas["NewCase"]["oneOf"]
    opening = {"kind": KIND, "channel": "phone", "form": {"words": "x"}, "external_ref": "x"}
    for body, fits in ((opening, True), ({**opening, "form": {}}, False)):
        schema = {**of_kind, "components": described["components"]}
        assert jsonschema.Draft202012Validator(schema).is_valid(body) is fits
    table = await read(http, f"/v1/kinds/{KIND}")
    steps = [s for each in table["states"] for s in each["steps"] if not OF_US & set(s["by"])]
    assert len(steps) > 5
    mapping = schemas["StepRequest"]["discriminator"]["mapping"]
    for step in steps:
        form = schemas[mapping[step["name"]].rpartition("/")[2]]["properties"]["form"]
        refs = [each["$ref"].rpartition("/")[2] for each in form.get("anyOf", [form])]
        assert len(refs) == len(set(refs))
        fields = [set(schemas[ref].get("properties", {})) for ref in refs]
        shown = set(step["form"].get("properties", {}))
        # Another policy may divide the categories: then there is a sub-category to choose, too.
        assert any(each in (shown, shown | {"subcategory"}) for each in fields), step["name"]
    classify = schemas["StepRequest.classify"]["properties"]["form"]["anyOf"]
    assert any(KIND in each["$ref"] for each in classify)


def test_it_has_its_page_and_its_stories_go_as_told(code: Path) -> None:
    made(code, "-m", "ops.describe", "docs")
    page = (code / f"docs/processes/{KIND}.md").read_text(encoding="utf-8")
    assert f"Kind `{KIND}`, version 1. Case numbers start with `{PREFIX}`" in page
    files = [f"tests/{floor}/test_stories.py" for floor in ("cases", "workflows")]
    played = made(code, "-m", "pytest", *files, "-q", "-n0", "-k", KIND)
    assert " passed" in played
    docs = ("tests/architecture/test_docs.py", "-k", "kinds or index")
    assert " passed" in made(code, "-m", "pytest", "-q", "-n0", *docs)

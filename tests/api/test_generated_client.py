"""A client that a generator makes from the description: it has every operation, and it works."""

import json
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from api.http.openapi import form_examples, opening_examples
from tests.api.callers import Callers, new_case
from tests.api.server import serving
from tests.support.client_generator import generate, install_generator

pytestmark = pytest.mark.xdist_group("api")

PACKAGE = "generated_client"
DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.json"


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    description: dict[str, Any] = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    return description


@pytest.fixture(scope="module")
def client(
    described: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator["Generated"]:
    folder = tmp_path_factory.mktemp("client")
    generate(install_generator(folder / "generator"), described, folder / PACKAGE)
    sys.path.insert(0, str(folder))
    yield Generated(folder / PACKAGE)
    sys.path.remove(str(folder))


class Generated:
    """The generated package: its models, and its operations by tag and name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def model(self, name: str) -> Any:
        return getattr(import_module(f"{PACKAGE}.models"), name)

    def operation(self, tag: str, name: str) -> Any:
        return import_module(f"{PACKAGE}.api.{tag}.{name}").asyncio_detailed

    def client(self, url: str, key: str) -> Any:
        return import_module(f"{PACKAGE}.client").AuthenticatedClient(base_url=url, token=key)


def test_no_operation_is_left_out(described: dict[str, Any], client: Generated) -> None:
    modules = {file.stem for file in client.folder.glob("api/*/*.py")} - {"__init__"}
    operations = [each for path in described["paths"].values() for each in path.values()]
    assert modules == {each["operationId"] for each in operations}


def test_every_typed_body_has_a_class(client: Generated) -> None:
    for kind, example in opening_examples().items():
        body = client.model(f"NewCase{kind.title()}").from_dict(example)
        assert body.to_dict()["form"] == example["form"]
    for request in form_examples().values():
        class_name = "StepRequest" + request["step"].title().replace("_", "")
        body = client.model(class_name).from_dict(request)
        assert body.to_dict()["step"] == request["step"]


async def test_it_starts_a_case_and_takes_steps(callers: Callers, client: Generated) -> None:
    async with (
        serving(callers.app) as url,
        client.client(url, callers.keys["shop"]) as shop,
        client.client(url, callers.keys["liu.yang"]) as agent,
    ):
        new = client.model("NewCaseComplaint").from_dict(new_case())
        started = await client.operation("cases", "start_case")(client=shop, body=new)
        assert started.status_code == 201, started.content
        number = started.parsed.case.number

        step = client.model("TakeStepStep")("accept")
        accepted = await client.operation("steps", "take_step")(
            number, step, client=agent, body=client.model("CommonAcceptance")()
        )
        assert accepted.status_code == 200, accepted.content
        assert accepted.parsed.case.state == "accepted"

        commands = [
            {"step": "classify", "form": {"category": "logistics", "severity": "minor"}},
            {"step": "claim"},
        ]
        sorted_ = await client.operation("steps", "take_steps")(
            number, client=agent, body=client.model("StepsRequest").from_dict({"steps": commands})
        )
        assert sorted_.status_code == 200, sorted_.content

        page = await client.operation("cases", "get_case")(number, client=agent)
        assert page.parsed.case.assignee == "liu.yang"
        history = await client.operation("cases", "get_history")(number, client=agent)
        assert [each.step for each in history.parsed.items][:3] == [None, "accept", "classify"]
        refused = await client.operation("steps", "take_step")(
            number, step, client=agent, body=client.model("CommonAcceptance")()
        )
        assert (refused.status_code, refused.parsed.code) == (409, "step_not_offered")

"""What a case asks of the world is there: a port's activity, an address' setting in the doctor."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import HttpUrl
from temporalio.activity import _Definition as ActivityDefinition
from temporalio.client import Client

from cases import KINDS
from domain.engine.process import Process
from domain.language.effects import Call
from ops.doctor.running import OUTSIDE
from runtime.settings import variable
from store import Store
from worker.build import activities_of
from worker.settings import WorkerSettings

ADDRESSES = [
    name
    for name, field in WorkerSettings.model_fields.items()
    if field.annotation == HttpUrl | None
]


@pytest.fixture
async def ports(tmp_path: Path) -> AsyncIterator[set[str | None]]:
    """The names of the worker's activities."""
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'banjie.db'}", migrate=True)
    client = await Client.connect("127.0.0.1:1", lazy=True)
    activities = activities_of(client, store, WorkerSettings(), None)
    yield {ActivityDefinition.must_from_callable(each).name for each in activities}
    await store.close()


@pytest.mark.parametrize("process", KINDS.values(), ids=lambda process: process.kind)
def test_every_port_of_a_table_is_an_activity(process: Process, ports: set[str | None]) -> None:
    effects = [effect for state in process.states for effect in state.does]
    effects += [effect for state in process.states for step in state.steps for effect in step.does]
    asked = {effect.port for effect in effects if isinstance(effect, Call)}
    assert asked
    assert asked <= ports, "it would be tried for ever: docs/outside-systems.md"


def test_the_doctor_knows_every_address() -> None:
    """That each can be set in compose and .env is for `test_compose.py` to say."""
    assert {variable(name) for name in ADDRESSES} == {*OUTSIDE.values()}
    assert WorkerSettings().configuration().keys() == OUTSIDE.keys()

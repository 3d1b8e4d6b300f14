"""One system for all tests of the command; those that stop it leave it running again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.running import System
from tests.support.command_runner import CommandRunner, preloaded_runner


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All that share the system share the worker, and nobody else starts a second one."""
    here = Path(__file__).parent
    for item in items:
        starts = item.path.name == "test_up.py" or "system" in getattr(item, "fixturenames", ())
        if here in item.path.parents and starts:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.xdist_group("up"))


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    started = System(tmp_path_factory.mktemp("up") / "data")
    try:
        started.start()
        started.wait_for_samples()
        yield started
    finally:
        if started.process:
            started.stop()


@pytest.fixture(scope="session")
def command_runner() -> Iterator[CommandRunner]:
    with preloaded_runner() as command_runner:
        yield command_runner

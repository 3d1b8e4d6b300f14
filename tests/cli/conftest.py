"""One running system for all tests of commands; those that stop it start it again."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.system import System, shared_runner
from tests.support.command_runner import CommandRunner


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put all tests that use the system on one worker, so that no other starts a second one."""
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
        started.stop_cleanly(signal.SIGINT)
    finally:
        if started.process:
            started.stop()


@pytest.fixture(scope="session")
def runner() -> CommandRunner:
    return shared_runner()

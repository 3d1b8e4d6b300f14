"""What all tests share: the groups that must stay on one worker, and figures told at the end."""

import os

import pytest
from _pytest.nodeid import coerce_node_id
from hypothesis import settings

from policies.documents import hand_in

hand_in()

# A change is judged by the same random cases each time; other ones are looked for at night.
settings.register_profile("same", derandomize=True, database=None)
settings.register_profile("other", derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

NIGHTLY_TIMEOUT = 1800
"""Seconds after which a test that runs at night hangs; pyproject.toml says it of the others."""
MEASURED = "measured"
"""The property under which a test records a line of figures."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give tests of the night their time, and xdist's groups a voice again.

    xdist 3.8 writes a test's group behind its id, into `_nodeid`, which pytest reads no longer
    since 9.2; without this each worker would start every server. Goes when xdist knows `_id`.
    """
    for item in items:
        if item.get_closest_marker("nightly"):
            item.add_marker(pytest.mark.timeout(NIGHTLY_TIMEOUT))
        if named := item.__dict__.get("_nodeid"):
            item._id = coerce_node_id(named)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was measured, wherever it ran."""
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            if name == MEASURED:
                terminalreporter.write_line(f"{report.head_line}: {value}")

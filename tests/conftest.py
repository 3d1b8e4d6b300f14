"""What all tests share: the groups of tests that must stay on one worker."""

import pytest
from _pytest.nodeid import coerce_node_id


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give xdist's groups a voice again.

    xdist 3.8 writes a test's group behind its id, into `_nodeid`, which pytest reads no longer
    since 9.2; without this each worker would start every server. Goes when xdist knows `_id`.
    """
    for item in items:
        if named := item.__dict__.get("_nodeid"):
            item._id = coerce_node_id(named)

"""The audit log's events: the list of them is whole, and the page for auditors has each."""

import re

from store.audit.records import AUDIT_EVENTS
from tests.architecture.source import PACKAGES, ROOT

NAME = re.compile(r'"((?!title\.)[a-z]+\.(?:[a-z]+ed|set|made))"')
"""What a name looks like; titles of errors look alike."""


def test_all_events_that_are_written_are_listed() -> None:
    files = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    written = {name for path in files for name in NAME.findall(path.read_text(encoding="utf-8"))}
    assert written == set(AUDIT_EVENTS)
    assert list(AUDIT_EVENTS) == sorted(AUDIT_EVENTS)


def test_auditors_can_read_of_all_events() -> None:
    page = (ROOT / "docs/audit.md").read_text(encoding="utf-8")
    assert not [name for name in AUDIT_EVENTS if f"`{name}`" not in page]

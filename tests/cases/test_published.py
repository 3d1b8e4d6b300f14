"""What is published stays: a running case must be promised tomorrow what it was promised today."""

import hashlib
import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import BaseModel, ValidationError

from cases.common.policy import UnknownPolicy, publish, published_policy
from domain.canonical import canonical_json
from domain.language.calendars import due_at
from policies.calendar_document import CalendarDocument
from policies.check import build_checked
from policies.documents import DEFAULT, calendars, policies, raw_documents
from policies.policy_document import PolicyDocument
from tests.architecture.source import ROOT

HASHES = {
    "calendar office-cn@2026-1": "25454e97bb30c7a6",
    "calendar office-cn@2026-2": "03c12949a796d2ab",
    "policy 2026-1": "4fc6159ce63252c7",
    "policy 2026-1-office": "a79e0f799accc33d",
    "policy 2026-2-office": "27d182acf6d9809f",
}
"""Of the figures as they are written. Never change a line: publish a new version beside it."""

SCHEMAS: dict[str, type[BaseModel]] = {"calendar": CalendarDocument, "policy": PolicyDocument}
WORDS = {"title", "source"}
ZONE = ZoneInfo("Asia/Shanghai")


def figures(value: Any) -> Any:
    """Return what is written in a document, but for the words that explain it."""
    if isinstance(value, list):
        return [figures(each) for each in value]
    if isinstance(value, dict):
        return {key: figures(each) for key, each in value.items() if key not in WORDS}
    return value


def test_no_published_policy_or_calendar_changes() -> None:
    published = {
        **{f"calendar {raw['id']}@{raw['version']}": raw for raw in raw_documents("calendars")},
        **{f"policy {raw['version']}": raw for raw in raw_documents("published")},
    }
    hashes = {
        name: hashlib.sha256(canonical_json(figures(raw)).encode()).hexdigest()[:16]
        for name, raw in published.items()
    }
    new = "".join(
        f'\n    "{name}": "{digest}",' for name, digest in hashes.items() - HASHES.items()
    )
    assert hashes == HASHES, (
        "What is published stays as it is, since cases were opened under it: make a new document "
        f"beside it, with a new version (docs/policies.md). A new one is added to HASHES:{new}"
    )


def test_a_document_is_found_by_its_version() -> None:
    for folder in ("published", "calendars"):
        for file in (ROOT / "policies" / folder).glob("*.json"):
            raw = json.loads(file.read_text(encoding="utf-8"))
            assert file.stem == "-".join(filter(None, [raw.get("id"), raw["version"]]))


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_schema_is_that_of_the_documents(name: str) -> None:
    path: Path = ROOT / f"policies/schema/{name}.json"
    schema = SCHEMAS[name].model_json_schema()
    assert json.loads(path.read_text(encoding="utf-8")) == schema, "run `make docs`"


def test_a_document_with_a_fault_is_refused() -> None:
    raw = next(iter(raw_documents("published")))
    faults: list[dict[str, Any]] = [{"budgets": {}}, {"ladders": []}, {"calendar": None}]
    for fault in faults:
        with pytest.raises(ValidationError):
            PolicyDocument.model_validate({**raw, **fault})


def test_nothing_is_wrong_with_what_is_published() -> None:
    for raw in raw_documents("published"):
        build_checked(PolicyDocument.model_validate(raw), calendars())


def test_the_manuals_figures_are_read_as_written() -> None:
    manual = policies()[DEFAULT]
    hours = {
        name: [row.then and row.then / timedelta(hours=1) for row in table.rows]
        for name, table in manual.budgets.items()
    }
    assert hours == {
        "response": [0.25],
        "acceptance": [24],
        "solution": [48, None],
        "resolution": [48],
        "follow_up": [72],
        "progress": [24, 48],
    }
    assert [milestone.name for milestone in manual.milestones["resolution"]] == [
        *("half", "three_quarters", "breach", "management")
    ]
    assert policies()["2026-2-office"].budgets == manual.budgets


def test_a_policy_is_known_by_its_version_and_never_replaced() -> None:
    manual = policies()[DEFAULT]
    assert published_policy(DEFAULT) is manual
    publish([manual])
    with pytest.raises(ValueError, match="other figures"):
        publish([replace(manual, budgets={})])
    with pytest.raises(UnknownPolicy, match="1999-1"):
        published_policy("1999-1")


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-02-13T17:00", 2, "2026-02-14T10:00"),  # a Saturday to work on
        ("2026-02-14T17:00", 2, "2026-02-24T10:00"),  # over the Spring Festival
        ("2026-09-30T17:30", 1, "2026-10-08T09:30"),  # over the National Day
        ("2026-03-06T12:00", 48, "2026-03-13T15:00"),  # weekends do not count
    ],
)
def test_office_hours_of_2026(start: str, hours: int, due: str) -> None:
    begins = datetime.fromisoformat(start).replace(tzinfo=ZONE)
    ends = due_at(calendars()["office-cn@2026-1"], begins, timedelta(hours=hours))
    assert ends == datetime.fromisoformat(due).replace(tzinfo=ZONE)

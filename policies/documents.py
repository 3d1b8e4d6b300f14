"""Reads the published documents, and hands their policies in to the kinds."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

from cases.common.policy import Policy, publish
from domain.language.calendars import ALWAYS, Calendar
from policies.calendar_document import CalendarDocument
from policies.policy_document import PolicyDocument

DEFAULT: Final = "2026-1"
"""The policy that new cases are opened under, unless `BANJIE_POLICY` names another one."""


def hand_in() -> None:
    """Make the published policies known to the kinds, in this process; again changes nothing."""
    publish(policies().values())


@cache
def policies() -> Mapping[str, Policy]:
    """Return every published policy by its version."""
    documents = (PolicyDocument.model_validate(each) for each in raw_documents("published"))
    return MappingProxyType({each.version: each.build(calendars()) for each in documents})


@cache
def calendars() -> Mapping[str, Calendar]:
    """Return every published calendar by `id@version`, the one that is always open included."""
    documents = (CalendarDocument.model_validate(each) for each in raw_documents("calendars"))
    built = (ALWAYS, *(each.build() for each in documents))
    return MappingProxyType({f"{each.id}@{each.version}": each for each in built})


def raw_documents(folder: str) -> Iterator[Mapping[str, Any]]:
    """Yield the documents of a folder as they are written, in the order of their file names."""
    for file in sorted(files(__package__).joinpath(folder).iterdir(), key=lambda each: each.name):
        if file.name.endswith(".json"):
            yield json.loads(file.read_text(encoding="utf-8"))

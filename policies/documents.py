"""Reads the published documents, and hands their policies in to the kinds."""

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

from cases.common.policy import Policy, publish, read_carried_with
from domain.language.calendars import ALWAYS, Calendar
from policies.calendar_document import CalendarDocument, Title
from policies.policy_document import PolicyDocument

DEFAULT: Final = "2026-1"
"""The policy that new cases are opened under, unless `BANJIE_POLICY` names another one."""

ALWAYS_TITLE: Final = Title(zh_CN="全天计时", en="around the clock")


def hand_in() -> None:
    """Make the published policies known to the kinds, in this process; again changes nothing.

    Those that are published while programs run are carried by the cases that keep them.
    """
    publish(policies().values())
    read_carried_with(carried_policy)


def carried_policy(text: str) -> Policy:
    """Return the policy of a text that a case carries, which was checked when it was published.

    Raises:
        ValueError, LookupError: this release cannot read it.
    """
    return PolicyDocument.model_validate_json(text).build(calendars())


@cache
def policies() -> Mapping[str, Policy]:
    """Return every published policy by its version."""
    documents = (PolicyDocument.model_validate(each) for each in raw_documents("published"))
    return MappingProxyType({each.version: each.build(calendars()) for each in documents})


@cache
def calendars() -> Mapping[str, Calendar]:
    """Return every published calendar by `id@version`, the one that is always open included."""
    built = (ALWAYS, *(each.build() for each in calendar_documents().values()))
    return MappingProxyType({each.name: each for each in built})


@cache
def calendar_documents() -> Mapping[str, CalendarDocument]:
    """Return the document of every published calendar by `id@version`."""
    documents = (CalendarDocument.model_validate(each) for each in raw_documents("calendars"))
    return MappingProxyType({f"{each.id}@{each.version}": each for each in documents})


def calendar_title(name: str, locale: str) -> str:
    """Return what a calendar is called on screen; its bare name if this release lacks it."""
    if name == ALWAYS.name:
        return ALWAYS_TITLE.said(locale)
    document = calendar_documents().get(name)
    return document.title.said(locale) if document and document.title else name


def holiday_title(name: str, holiday: str, locale: str) -> str:
    """Return what a holiday of a calendar is called on screen."""
    document = calendar_documents().get(name)
    titles = (each.title for each in document.holidays if each.name == holiday) if document else ()
    title = next(iter(titles), None)
    return title.said(locale) if title else holiday


def provisional_after(name: str, due: datetime | None) -> date | None:
    """Return the last day whose holidays a calendar knows, if a due time lies after it."""
    calendar = calendars().get(name)
    return calendar.provisional_after(due) if calendar else None


def raw_documents(folder: str) -> Iterator[Mapping[str, Any]]:
    """Yield the documents of a folder as they are written, in the order of their file names."""
    for file in sorted(files(__package__).joinpath(folder).iterdir(), key=lambda each: each.name):
        if file.name.endswith(".json"):
            yield json.loads(file.read_text(encoding="utf-8"))

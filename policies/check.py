"""Reads a policy that somebody wrote, and tells everything that is wrong with it, and where."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from pydantic import JsonValue

from cases import CURRENT
from cases.common.policy import Policy
from domain.canonical import canonical_json
from domain.language.calendars import Calendar
from domain.language.decision_table import DecisionTable, Fault, FaultKind
from policies.category_document import category_faults
from policies.document_text import (
    NO_LINES,
    DocumentFault,
    DocumentRefused,
    Lines,
    Path,
    fault_at,
    read_document,
    read_text,
)
from policies.figure_document import figure_faults
from policies.policy_document import MilestoneDocument, PolicyDocument
from policies.sorting_document import sorting_faults

MAX_CARRIED: Final = 32 * 1024
"""How many bytes a policy may have that each case carries; the largest of ours has 1,300 (ours)."""


VERSION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
"""What a version is made of that stands in addresses."""


@dataclass(frozen=True)
class CheckedPolicy:
    """A policy that could be published; `carried` is its text as cases carry it."""

    document: PolicyDocument
    policy: Policy
    carried: str
    lines: Lines

    @property
    def hash(self) -> str:
        """The hash of what it says, however it is written."""
        return hashlib.sha256(self.carried.encode()).hexdigest()


def check_for_publication(text: str, calendars: Mapping[str, Calendar]) -> CheckedPolicy:
    """Return a policy as it is published: nothing is wrong with it, and cases can carry it.

    Raises:
        DocumentRefused
    """
    document, lines = read_document(text, PolicyDocument)
    policy = build_checked(document, calendars, lines)
    carried = canonical_json(read_text(text)[0])
    if not VERSION.fullmatch(document.version):
        fault = fault_at(
            ("version",), "string_pattern_mismatch", lines, {"pattern": VERSION.pattern}
        )
        raise DocumentRefused([fault])
    if (size := len(carried.encode())) > MAX_CARRIED:
        fault = DocumentFault("", "document_too_long", None, {"size": size, "most": MAX_CARRIED})
        raise DocumentRefused([fault])
    return CheckedPolicy(document, policy, carried, lines)


def read_policy(text: str, calendars: Mapping[str, Calendar]) -> tuple[PolicyDocument, Policy]:
    """Return the policy that a text is, as it is written and as cases keep it.

    Raises:
        DocumentRefused
    """
    document, lines = read_document(text, PolicyDocument)
    return document, build_checked(document, calendars, lines)


def build_checked(
    document: PolicyDocument, calendars: Mapping[str, Calendar], lines: Lines = NO_LINES
) -> Policy:
    """Return the policy of a document whose parts are right by themselves.

    Raises:
        DocumentRefused
    """
    if faults := [*_of_whole(document, lines, calendars)]:
        raise DocumentRefused(faults)
    policy = document.build(calendars, lines)
    if faults := [*_of_tables(policy, lines)]:
        raise DocumentRefused(faults)
    return policy


def _of_whole(
    document: PolicyDocument, lines: Lines, calendars: Mapping[str, Calendar]
) -> Iterator[DocumentFault]:
    """Yield where parts do not fit each other, or what there is beside them."""
    if document.calendar not in calendars:
        yield _fault(("calendar",), "no_such_calendar", lines, known=sorted(calendars))
    known = {
        clock.name for process in CURRENT.values() for clock in process.clocks if clock.by_policy
    }
    for name in sorted(known - set(document.clocks)):
        yield _fault(("clocks",), "clock_missing", lines, name=name)
    for name, clock in document.clocks.items():
        if name not in known:
            yield _fault(("clocks", name), "no_such_clock", lines, known=sorted(known))
        if clock.ladder not in document.ladders:
            path: Path = ("clocks", name, "ladder")
            yield _fault(path, "no_such_ladder", lines, known=sorted(document.ladders))
    for name, ladder in document.ladders.items():
        yield from _of_ladder(("ladders", name), ladder, lines)
    yield from category_faults(document.categories, lines)
    yield from sorting_faults(document.classification, document.categories, lines)
    yield from figure_faults(document.times, document.counts, lines)


def _of_ladder(
    path: Path, ladder: Sequence[MilestoneDocument], lines: Lines
) -> Iterator[DocumentFault]:
    """Yield milestones that stand after one that comes later, or are called as another is."""
    for number, (before, each) in enumerate(pairwise(ladder), start=1):
        if (each.share, each.later) < (before.share, before.later):
            yield _fault((*path, number), "ladder_out_of_order", lines, before=before.name)
    for number, each in enumerate(ladder):
        if each.name in {earlier.name for earlier in ladder[:number]}:
            yield _fault((*path, number), "milestone_twice", lines, name=each.name)


def _of_tables(policy: Policy, lines: Lines) -> Iterator[DocumentFault]:
    tables: dict[Path, DecisionTable[Any]] = {
        **{("clocks", name, "budgets"): table for name, table in policy.budgets.items()},
        ("priorities",): policy.priorities,
        ("teams",): policy.teams,
        ("authority", "amounts"): policy.authority,
        ("ordering", "head_starts"): policy.head_starts,
    }
    for path, table in tables.items():
        for fault in table.faults():
            yield _of_table(path, fault, lines)


def _of_table(path: Path, fault: Fault, lines: Lines) -> DocumentFault:
    where = path if fault.row is None else (*path, fault.row - 1)
    example = [f"{name}: {value}" for name, value in fault.example.items()]
    params: dict[str, JsonValue] = {
        "name": fault.name or "",
        "value": fault.value or "",
        "known": [*fault.choices],
        "other": fault.other or 0,
        "example": [*example],
    }
    if fault.kind is FaultKind.GAP and not example:
        return _fault(where, "table_empty", lines)
    return _fault(where, f"table_{fault.kind.value}", lines, **params)


def _fault(path: Path, code: str, lines: Lines, **params: Any) -> DocumentFault:
    return fault_at(path, code, lines, params)

"""Reads a policy that somebody wrote, and tells everything that is wrong with it, and where."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from pydantic import JsonValue, ValidationError

from cases import CURRENT
from cases.common.policy import Policy
from domain.language.calendars import Calendar
from domain.language.decision_table import DecisionTable, Fault, FaultKind
from domain.language.forms import fault_params
from policies.policy_document import MilestoneDocument, PolicyDocument
from policies.yaml_text import NO_LINES, Lines, NotReadable, Path, read_text


@dataclass(frozen=True)
class DocumentFault:
    """Something wrong with a document: where, what, and what its sentence tells.

    `pointer` is a JSON pointer, `line` counts from 1 where the text has one. The sentence is
    `field.<code>` of the catalogues.
    """

    pointer: str
    code: str
    line: int | None = None
    params: Mapping[str, JsonValue] = field(default_factory=dict)


class PolicyRefused(ValueError):
    """A text is no policy that could be published; `faults` are all that is wrong with it."""

    def __init__(self, faults: list[DocumentFault]) -> None:
        super().__init__("; ".join(f"{each.pointer or '/'}: {each.code}" for each in faults))
        self.faults = faults


def read_policy(text: str, calendars: Mapping[str, Calendar]) -> tuple[PolicyDocument, Policy]:
    """Return the policy that a text is, as it is written and as cases keep it.

    Raises:
        PolicyRefused
    """
    try:
        raw, lines = read_text(text)
    except NotReadable as error:
        params: dict[str, JsonValue] = {"problem": str(error)}
        fault = DocumentFault("", "unreadable_document", error.line, params)
        raise PolicyRefused([fault]) from None
    try:
        document = PolicyDocument.model_validate(raw)
    except ValidationError as error:
        raise PolicyRefused([*_of_fields(error, lines)]) from None
    return document, build_checked(document, calendars, lines)


def build_checked(
    document: PolicyDocument, calendars: Mapping[str, Calendar], lines: Lines = NO_LINES
) -> Policy:
    """Return the policy of a document whose parts are right by themselves.

    Raises:
        PolicyRefused
    """
    if faults := [*_of_whole(document, lines, calendars)]:
        raise PolicyRefused(faults)
    policy = document.build(calendars, lines)
    if faults := [*_of_tables(policy, lines)]:
        raise PolicyRefused(faults)
    return policy


def _of_fields(error: ValidationError, lines: Lines) -> Iterator[DocumentFault]:
    """Yield what is wrong with single parts."""
    for item in error.errors(include_url=False, include_input=False):
        path: Path = item["loc"]
        yield DocumentFault(_pointer(path), item["type"], lines.of(path), fault_params(item))


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
    return DocumentFault(_pointer(path), code, lines.of(path), params)


def _pointer(path: Path) -> str:
    return "".join(f"/{part}" for part in path)

"""The document of a policy: its parts as they are written, and the tables that they become."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from cases.common.policy import Policy
from domain.language.calendars import Calendar
from domain.language.clocks import Milestone, Retarget
from domain.language.decision_table import DecisionTable, Row
from domain.language.entries import EntryType
from domain.language.values import Code, Duration, Priority
from policies.calendar_document import Document
from policies.inputs import BUDGET_INPUTS, PRIORITY_INPUTS, TEAM_INPUTS
from policies.yaml_text import NO_LINES, Lines, Path

OWN: Final = "own"
"""Names the kind's own team, whichever that is."""
NONE: Final = "none"
"""Stands where a budget would: nothing is promised."""


def _as_list(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Values = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], BeforeValidator(_as_list)]
"""The values of an input that fit: one, or a list of them."""


def _none_is_null(value: object) -> object:
    return None if value == NONE else value


class ConditionedRow(Document):
    """A row of a table: it fits where each of its conditions (`when`) holds; none is always."""

    when: Mapping[str, Values] = {}

    def conditions(self) -> Mapping[str, frozenset[str]]:
        """Return the conditions as tables know them."""
        return {name: frozenset(values) for name, values in self.when.items()}


class BudgetRow(ConditionedRow):
    """What is promised: an ISO 8601 duration in the clock's own time, or `none`."""

    budget: Annotated[Duration | None, BeforeValidator(_none_is_null)]


class PriorityRow(ConditionedRow):
    """The priority of a case, by impact and urgency (M 6.2)."""

    priority: Priority


class TeamRow(ConditionedRow):
    """The team whose list shows a case; `own` is that of its kind."""

    team: Code

    @property
    def routed(self) -> str | None:
        """The team; None for the kind's own."""
        return None if self.team == OWN else self.team


class MilestoneDocument(Document):
    """What happens when so much of a budget is used up.

    Args:
        name: stable, as histories keep it.
        entry: the type of the entry that it makes.
        share: of the budget, in the clock's own time.
        later: elapsed time on top of that.
        notifies: roles; "assignee" is whoever holds the case, or the lead while nobody does.
        escalates_by: by how many tiers it raises who may take the case.
    """

    name: str
    entry: Literal["warned", "breached", "escalated", "informed"]
    share: Annotated[float, Field(gt=0, le=1)] = 1.0
    later: Duration = timedelta()
    notifies: tuple[str, ...] = ()
    escalates_by: Annotated[int, Field(ge=0)] = 0

    def build(self) -> Milestone:
        """Return the milestone as clocks know it."""
        return Milestone(
            self.name,
            EntryType(self.entry),
            share=self.share,
            later=self.later,
            tells=self.notifies,
            raises=self.escalates_by,
        )


class ClockDocument(Document):
    """What is promised for a clock, its source, and its ladder.

    Args:
        budget: one for every case; or else
        budgets: rows, of which the first that fits counts.
        source: where the figure comes from, in words.
        ladder: the name of a list of milestones.
    """

    budget: Duration | None = None
    budgets: tuple[BudgetRow, ...] = ()
    source: str
    ladder: str

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.budget is None) == (not self.budgets):
            raise PydanticCustomError("one_budget", "give either 'budget' or 'budgets'")
        return self

    @property
    def rows(self) -> Sequence[BudgetRow]:
        """Its rows; a single budget is one that always fits."""
        return self.budgets or (BudgetRow(budget=self.budget),)


class PolicyDocument(Document):
    """A policy: what is promised for each clock, which priority a case has, whose team handles it.

    Args:
        schema: of documents; those of the first have budgets only.
        version: under which a case keeps it.
        title: in words.
        calendar: when time counts, as `id@version`.
        retarget: from when another target counts for a clock that runs already.
        clocks: by name.
        ladders: lists of milestones, by the name that clocks use.
        priorities: rows, of which the first that fits counts.
        teams: likewise.
    """

    schema_: Annotated[Literal[1, 2], Field(alias="schema")] = 1
    version: Code
    title: str
    calendar: str
    retarget: Literal["from_start", "from_now", "remaining_ratio"] = "from_start"
    clocks: Mapping[str, ClockDocument]
    ladders: Mapping[str, tuple[MilestoneDocument, ...]]
    priorities: Annotated[tuple[PriorityRow, ...], Field(min_length=1)]
    teams: Annotated[tuple[TeamRow, ...], Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def _of_the_first_schema(cls, raw: Any) -> Any:
        return as_second_schema(raw) if _is_of_first_schema(raw) else raw

    def build(self, calendars: Mapping[str, Calendar], lines: Lines = NO_LINES) -> Policy:
        """Return the policy as the kinds know it; `lines` say where its rows stand."""
        ladders = {
            name: tuple(each.build() for each in milestones)
            for name, milestones in self.ladders.items()
        }
        return Policy(
            version=self.version,
            budgets={name: _budgets(name, clock, lines) for name, clock in self.clocks.items()},
            milestones={name: ladders[clock.ladder] for name, clock in self.clocks.items()},
            priorities=DecisionTable(
                PRIORITY_INPUTS,
                tuple(
                    Row(row.priority, row.conditions(), lines.of(path))
                    for path, row in _numbered(("priorities",), self.priorities)
                ),
            ),
            teams=DecisionTable(
                TEAM_INPUTS,
                tuple(
                    Row(row.routed, row.conditions(), lines.of(path))
                    for path, row in _numbered(("teams",), self.teams)
                ),
            ),
            calendar=calendars[self.calendar],
            retarget=Retarget(self.retarget),
        )


def _budgets(name: str, clock: ClockDocument, lines: Lines) -> DecisionTable[timedelta | None]:
    rows = (
        Row(row.budget, row.conditions(), lines.of(path))
        for path, row in _numbered(("clocks", name, "budgets"), clock.rows)
    )
    return DecisionTable(BUDGET_INPUTS, tuple(rows))


def _numbered(path: Path, rows: Sequence[Any]) -> Iterator[tuple[Path, Any]]:
    return (((*path, number), row) for number, row in enumerate(rows))


AS_IN_THE_FIRST: Final[Mapping[str, Any]] = {
    "priorities": [
        {"when": {"impact": "many", "urgency": ["normal", "high"]}, "priority": "P1"},
        {"when": {"impact": "several", "urgency": "high"}, "priority": "P1"},
        {"when": {"impact": "many"}, "priority": "P2"},
        {"when": {"impact": "several", "urgency": "normal"}, "priority": "P2"},
        {"when": {"impact": "one", "urgency": "high"}, "priority": "P2"},
        {"when": {"impact": "several"}, "priority": "P3"},
        {"when": {"impact": "one", "urgency": "normal"}, "priority": "P3"},
        {"priority": "P4"},
    ],
    "teams": [
        {"when": {"severity": "serious"}, "team": "serious_complaints"},
        {"team": OWN},
    ],
}
"""What was code when documents had the first schema: impact and urgency summed (ours)."""

_DURATION: Final[TypeAdapter[timedelta]] = TypeAdapter(Duration)


def _is_of_first_schema(raw: object) -> bool:
    """Return whether it is a document of the first schema whose budgets can be read."""
    if not isinstance(raw, Mapping) or raw.get("schema", 1) != 1:
        return False
    clocks = raw.get("clocks")
    if not isinstance(clocks, Mapping):
        return False
    promised = [clocks.get(name, {}) for name in ("solution", "progress")]
    return all(isinstance(each, Mapping) and _is_duration(each.get("budget")) for each in promised)


def _is_duration(value: object) -> bool:
    try:
        _DURATION.validate_python(value)
    except ValidationError:
        return value is None
    return True


def as_second_schema(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document of the first schema as one of the second, with what was code then.

    Only a quality problem promises a solution (M 3.4.1), and a serious complaint brings news in
    half the time (ours).
    """
    clocks = {**raw["clocks"]}
    for name in {"solution", "progress"} & {*clocks}:
        clocks[name] = {**clocks[name]}
    if "budget" in clocks.get("solution", {}):
        quality = {"category": "product_quality"}
        promised = {"when": quality, "budget": clocks["solution"].pop("budget")}
        clocks["solution"]["budgets"] = [promised, {"budget": NONE}]
    if "budget" in clocks.get("progress", {}):
        every = clocks["progress"].pop("budget")
        half = _DURATION.validate_python(every) / 2
        serious = {"when": {"severity": "serious"}, "budget": half}
        clocks["progress"]["budgets"] = [serious, {"budget": every}]
    return {**AS_IN_THE_FIRST, **raw, "clocks": clocks}

"""The document of a policy: its parts as they are written, and the tables that they become."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from cases.common.policy import Policy
from domain.language.calendars import Calendar
from domain.language.clocks import Milestone, Retarget
from domain.language.decision_table import DecisionTable, Input
from domain.language.entries import EntryType
from domain.language.values import Code, Duration, Priority
from policies.assignment_document import AssignmentDocument
from policies.calendar_document import Document
from policies.category_document import CategoriesDocument, build_categories, codes_of
from policies.document_text import NO_LINES, Lines
from policies.figure_document import CountsDocument, TimesDocument
from policies.inputs import (
    AUTHORITY_INPUTS,
    BUDGET_INPUTS,
    PRIORITY_INPUTS,
    TEAM_INPUTS,
    with_categories,
)
from policies.ordering_document import OrderingDocument
from policies.sorting_document import SortingsDocument
from policies.table_rows import ConditionedRow, table_of

OWN: Final = "own"
"""Names the kind's own team, whichever that is."""
NONE: Final = "none"
"""Stands where a budget would: nothing is promised."""


def _no_fraction(value: object) -> object:
    """Refuse a number with a point: YAML reads it as a float, and money is none."""
    if isinstance(value, float):
        raise PydanticCustomError("quoted_amount", "write an amount with decimals in quotes")
    return value


Amount = Annotated[
    Decimal, Field(ge=0, max_digits=14, decimal_places=2), BeforeValidator(_no_fraction)
]


def _none_is_null(value: object) -> object:
    return None if value == NONE else value


def _some_time(budget: timedelta | None) -> timedelta | None:
    if budget == timedelta():
        raise PydanticCustomError("no_time", "a budget is longer than nothing")
    return budget


Budget = Annotated[Duration | None, AfterValidator(_some_time)]
"""What is promised in a clock's own time; None promises nothing."""


class BudgetRow(ConditionedRow):
    """What is promised: an ISO 8601 duration in the clock's own time, or `none`."""

    budget: Annotated[Budget, BeforeValidator(_none_is_null)]


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


class AuthorityRow(ConditionedRow):
    """How much somebody in a role (`role`) may give out of a pot (`pot`), in all for one case."""

    amount: Amount


class AuthorityDocument(Document):
    """Who may give how much: rows, of which for each role the first that fits counts."""

    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    amounts: Annotated[tuple[AuthorityRow, ...], Field(min_length=1)]


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

    budget: Budget = None
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
        authority: who may give how much.
        ordering: which cases come before others in lists.
        assignment: the teams whose cases are assigned by rule, and how.
        categories: by kind, what its cases are sorted into, if not as the kind itself says.
        classification: by kind, how its cases are sorted by their words, if not as the kind says.
        times: by which cases move by themselves, if not as usual.
        counts: numbers by which they do, and days in which goods go back, if not as usual.
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
    authority: AuthorityDocument
    ordering: OrderingDocument = OrderingDocument()
    assignment: AssignmentDocument = AssignmentDocument()
    categories: CategoriesDocument = {}
    classification: SortingsDocument = {}
    times: TimesDocument = {}
    counts: CountsDocument = {}

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
            budgets={name: self._budgets(name, lines) for name in self.clocks},
            milestones={name: ladders[clock.ladder] for name, clock in self.clocks.items()},
            priorities=table_of(
                self._inputs(PRIORITY_INPUTS),
                ("priorities",),
                self.priorities,
                lambda row: row.priority,
                lines,
            ),
            teams=table_of(
                self._inputs(TEAM_INPUTS), ("teams",), self.teams, lambda row: row.routed, lines
            ),
            authority=table_of(
                AUTHORITY_INPUTS,
                ("authority", "amounts"),
                self.authority.amounts,
                lambda row: row.amount,
                lines,
            ),
            currency=self.authority.currency,
            calendar=calendars[self.calendar],
            retarget=Retarget(self.retarget),
            head_starts=self.ordering.build(self._inputs(BUDGET_INPUTS), lines),
            assignment=self.assignment.build(),
            categories=build_categories(self.categories),
            sortings={kind: each.build() for kind, each in self.classification.items()},
            times=self.times,
            counts=self.counts,
        )

    def _budgets(self, clock: str, lines: Lines) -> DecisionTable[timedelta | None]:
        rows, path = self.clocks[clock].rows, ("clocks", clock, "budgets")
        return table_of(self._inputs(BUDGET_INPUTS), path, rows, lambda row: row.budget, lines)

    def _inputs(self, inputs: tuple[Input, ...]) -> tuple[Input, ...]:
        """Return what a table may ask, of which the category is one of the document's."""
        return with_categories(inputs, codes_of(self.categories))


def _first_ceilings(
    pot: str, seat: int, agent: int, lead: int, managers: int
) -> Iterator[Mapping[str, Any]]:
    amounts = {"seat": seat, "agent": agent, "lead": lead}
    for role, amount in (*amounts.items(), *((each, managers) for each in FIRST_MANAGERS)):
        yield {"when": {"pot": pot, "role": role}, "amount": amount}


FIRST_MANAGERS: Final = ("service_manager", "account_manager")
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
    "authority": {
        "currency": "CNY",
        "amounts": [
            *_first_ceilings("payment", seat=500, agent=1_000, lead=3_000, managers=10_000),
            {"when": {"pot": "payment", "role": "management"}, "amount": 50_000},
            *_first_ceilings("goodwill", seat=50, agent=100, lead=500, managers=1_000),
            {"when": {"pot": "goodwill", "role": "management"}, "amount": 3_000},
            {"when": {"pot": "goodwill", "role": "repairer", "kind": "repair"}, "amount": 100},
            {"amount": 0},
        ],
    },
}
"""What was code when documents had the first schema (ours)."""

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

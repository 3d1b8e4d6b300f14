"""Runs any kind's stories on a running system through its API, without waiting between the acts.

A story whose course depends on time that passes in it is left out: the pure engine plays each one
first and finds out which those are. So the stories of a new kind are run without an edit here.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any

from cases import CURRENT, stories_of
from cases.common.conversion import Conversion
from domain.engine.action_forms import Assignment
from domain.engine.process import Process
from domain.engine.side_forms import AssistanceRequest
from domain.language.entries import Entry
from domain.language.forms import Form
from domain.language.roles import Actor, ActorKind
from domain.stories import ORDER, Act, Story, play
from tests.support.agents import Agents, Staff, phone
from tests.support.cases import CHEN

OF_LINE = {
    *("line", "product", "name", "serials", "delivered_on", "product_line", "warranty_until"),
}
EntryOutline = tuple[str, str | None, str]


@dataclass(frozen=True)
class Scenario:
    """A story that runs without waiting between its acts.

    `late` is how long ago the case was received when it is started, `outline` what the pure engine
    writes of it.
    """

    kind: str
    story: Story
    late: timedelta
    outline: tuple[EntryOutline, ...]

    @property
    def name(self) -> str:
        """The kind and the story's own name."""
        return f"{self.kind}-{self.story.name}"

    @property
    def port(self) -> str | None:
        """Through what money or goods are sent first in it, if any are."""
        ports = (act.by.id for act in self.story.acts if act.is_by_world)
        return next((port for port in ports if port != "tell"), None)


def scenarios(now: datetime, late: timedelta = timedelta()) -> list[Scenario]:
    """Return all kinds' stories that can run at once, for cases received `late` before now."""
    stories = ((p, story) for kind, p in CURRENT.items() for story in stories_of(kind))
    playable = (_scenario(process, story, now, late) for process, story in stories)
    return [scenario for scenario in playable if scenario]


@dataclass(frozen=True)
class ScenarioSet:
    """All stories in time, and for each lateness those that take the same course then.

    A story that would take another course if it were late always runs in time.
    """

    all: Sequence[Scenario]
    late: Sequence[Mapping[str, Scenario]]

    @classmethod
    def now(cls, hours: Iterable[int]) -> "ScenarioSet":
        """Return what can run from now on."""
        now = datetime.now(UTC)
        late = [{s.name: s for s in scenarios(now, timedelta(hours=some))} for some in hours]
        return cls(scenarios(now), late)

    def selection(self, cases: int) -> list[Scenario]:
        """Return so many: every second one sends money or goods; all occur, in time and late."""
        sending = _port_by_port([scenario for scenario in self.all if scenario.port])
        return [self._pick(self.all if n % 2 else sending, n // 2) for n in range(cases)]

    def _pick(self, some: Sequence[Scenario], n: int) -> Scenario:
        scenario = some[n % len(some)]
        return self.late[(n + n // len(some)) % len(self.late)].get(scenario.name, scenario)


def _port_by_port(scenarios: Sequence[Scenario]) -> list[Scenario]:
    """Return them so that a few of them use every port: one of each, then another one of each."""
    turns = Counter[str | None]()
    placed = list[tuple[int, Scenario]]()
    for scenario in scenarios:
        placed.append((turns[scenario.port], scenario))
        turns[scenario.port] += 1
    return [scenario for _, scenario in sorted(placed, key=itemgetter(0))]


def participants(scenarios: Iterable[Scenario]) -> tuple[Staff, set[str], set[str]]:
    """Return the people, the systems and the teams that take part."""
    acts = [act for scenario in scenarios for act in scenario.story.acts]
    actors = [*(act.by for act in acts), *(scenario.story.by for scenario in scenarios)]
    staff = {actor.id: (actor.id, actor.roles) for actor in actors if actor.is_staff}
    teams = set()
    for form in (form for act in acts for _, form in act.commands):
        if isinstance(form, Assignment):
            staff[form.assignee] = (form.assignee, form.roles)
        if isinstance(form, Assignment | AssistanceRequest) and form.team:
            teams.add(form.team)
    return staff, {actor.id for actor in actors if actor.kind is ActorKind.SYSTEM}, teams


async def run_scenario(people: Agents, scenario: Scenario, index: int) -> str:
    """Run it on a new case, from its start to where the story leaves it, and return the number."""
    received = datetime.now(UTC) - scenario.late
    number, answers = await start_case(people, scenario, index, received), 0
    for at, act in enumerate(scenario.story.acts):
        if act.is_by_world:
            answers += 1
            await people.recorded(number, answers, by="world")
        else:
            await _submit(people, number, act, f"{number}-{at}")
    await people.recorded(number, len(scenario.outline))
    return number


async def start_case(people: Agents, scenario: Scenario, index: int, received: datetime) -> str:
    """Start the case of a scenario and return its number."""
    story, form = scenario.story, scenario.story.opens.canonical()
    # A thing is in one open case: of other products are those that are told the same number.
    product = {"product": f"{scenario.name}-{index}"} if form.get("serial") else {}
    body: dict[str, Any] = {
        "kind": scenario.kind,
        "channel": story.channel,
        "received_at": received.isoformat(),
        "form": form,
        **product,
        **({"customer": phone(index)} if story.customer else {}),
    }
    if story.goods:
        body |= await _hand_in_order(people, scenario, index)
    return await people.open(story.by.id, f"{scenario.name}-{index}", body)


async def _hand_in_order(people: Agents, scenario: Scenario, index: int) -> dict[str, Any]:
    """Hand in an order with the goods of a story, and return what its start names of it."""
    story, order = scenario.story, f"{ORDER}-{scenario.name}-{index}"
    lines = [
        {
            **goods.model_dump(mode="json", include=OF_LINE, exclude_none=True),
            "quantity": goods.ordered or goods.quantity,
            **({"unit_price": str(goods.unit_price.amount)} if goods.unit_price else {}),
        }
        for goods in story.goods
    ]
    channels = {goods.channel for goods in story.goods if goods.channel}
    body = {"lines": lines, **({"channel": channels.pop()} if channels else {})}
    await people.hand_in(order, body)
    named = [
        {"line": goods.line, "quantity": goods.quantity, "serials": list(goods.serials)}
        for goods in story.goods
    ]
    return {"order": order, "lines": named}


def outline(entries: Iterable[Entry]) -> tuple[EntryOutline, ...]:
    """Return of each entry its type, its step and the milestones it set off, without its times."""
    return tuple((e.type.value, e.step, str(e.form.get("rungs"))) for e in entries)


async def _submit(people: Agents, number: str, act: Act, key: str) -> None:
    steps = [{"step": name, "form": _request_form(form)} for name, form in act.commands]
    path = f"/v1/cases/{number}/steps"
    answer = await people.ask(act.by.id, path, {"steps": steps}, key)
    refused = None if answer.is_success else answer.json()["code"]
    assert refused == act.refused, f"{key} {steps}: {answer.status_code} {answer.text}"


def _request_form(form: Form) -> Mapping[str, Any]:
    """Return the form as a caller sends it: the API looks up the roles of an assignee."""
    fields = form.canonical()
    if isinstance(form, Assignment):
        fields.pop("roles")
    return fields


def _scenario(process: Process, story: Story, now: datetime, late: timedelta) -> Scenario | None:
    if story.staged or any(map(_refused_at_once, story.acts)):
        return None
    moved = story.moved(now - late)
    acts = tuple(replace(act, at=now, by=_caller(act.by)) for act in moved.acts)
    moved = replace(moved, entered=now, acts=acts, clocks={})
    try:
        played = play(process, moved, "TS1")
    except AssertionError:
        return None
    return Scenario(process.kind, moved, late, outline(played.entries))


def _refused_at_once(act: Act) -> bool:
    """Whether the API refuses it before the case hears of it: there are no cases of that kind."""
    forms = (form for _, form in act.commands)
    return any(isinstance(form, Conversion) and form.kind not in CURRENT for form in forms)


def _caller(actor: Actor) -> Actor:
    """Return an actor who has a key: what the router does is done by the desk here."""
    return CHEN if actor.kind is ActorKind.ROUTER else actor

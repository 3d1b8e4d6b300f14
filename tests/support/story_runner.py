"""Any kind's stories, told to a running system through its API: all at once, without the waiting.

A story whose way depends on time that passes in it is left out: the pure engine, which plays each
of them first, finds out which those are. So a new kind comes along with its stories.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cases import CURRENT, stories_of
from domain.engine.action_forms import Assignment
from domain.engine.process import Process
from domain.language.entries import Entry
from domain.language.forms import Form
from domain.language.roles import Actor, ActorKind
from domain.stories import Act, Story, play
from tests.support.agents import Agents, Staff, phone
from tests.support.cases import CHEN

Happened = tuple[str, str | None, str]


@dataclass(frozen=True)
class Scene:
    """A story as it goes when it is told in one breath.

    `late` is how long ago the case was received when it comes in, `happened` all that is written
    of it on the pure engine.
    """

    kind: str
    story: Story
    late: timedelta
    happened: tuple[Happened, ...]

    @property
    def name(self) -> str:
        """The kind and the story's own name."""
        return f"{self.kind}-{self.story.name}"

    @property
    def reaches_out(self) -> bool:
        """Whether money or goods are sent in it."""
        return any(act.is_by_world and act.by.id != "tell" for act in self.story.acts)


def scenes(now: datetime, late: timedelta = timedelta()) -> list[Scene]:
    """All stories of all kinds that can be told at once, of cases received `late` before now."""
    told = ((p, story) for kind, p in CURRENT.items() for story in stories_of(kind))
    found = (_scene(process, story, now, late) for process, story in told)
    return [scene for scene in found if scene]


@dataclass(frozen=True)
class Stage:
    """All stories in time, and, for each lateness, those that go the same way then.

    One that would go another way if it were late is always told in time.
    """

    all: Sequence[Scene]
    late: Sequence[Mapping[str, Scene]]

    @classmethod
    def now(cls, hours: Iterable[int]) -> "Stage":
        """As they can be told from now on."""
        now = datetime.now(UTC)
        late = [{s.name: s for s in scenes(now, timedelta(hours=some))} for some in hours]
        return cls(scenes(now), late)

    def bill(self, cases: int) -> list[Scene]:
        """So many; every second one sends money or goods, all stories come, in time and late."""
        sending = [scene for scene in self.all if scene.reaches_out]
        return [self._pick(self.all if n % 2 else sending, n // 2) for n in range(cases)]

    def _pick(self, some: Sequence[Scene], n: int) -> Scene:
        scene = some[n % len(some)]
        return self.late[(n + n // len(some)) % len(self.late)].get(scene.name, scene)


def cast(told: Iterable[Scene]) -> tuple[Staff, set[str]]:
    """The people and the systems that take part."""
    acts = [act for scene in told for act in scene.story.acts]
    actors = [*(act.by for act in acts), *(scene.story.by for scene in told)]
    staff = {actor.id: (actor.id, actor.roles) for actor in actors if actor.is_staff}
    for form in (form for act in acts for _, form in act.commands):
        if isinstance(form, Assignment):
            staff[form.assignee] = (form.assignee, form.roles)
    return staff, {actor.id for actor in actors if actor.kind is ActorKind.SYSTEM}


async def tell(people: Agents, scene: Scene, index: int) -> str:
    """Tell it of a new case, from its start to where the story leaves it; the number."""
    received = datetime.now(UTC) - scene.late
    number, answers = await start(people, scene, index, received), 0
    for at, act in enumerate(scene.story.acts):
        if act.is_by_world:
            answers += 1
            await people.recorded(number, answers, by="world")
        else:
            await _ask(people, number, act, f"{number}-{at}")
    await people.recorded(number, len(scene.happened))
    return number


async def start(people: Agents, scene: Scene, index: int, received: datetime) -> str:
    """Only the case; the number."""
    story = scene.story
    body = {
        "kind": scene.kind,
        "channel": story.channel,
        "received_at": received.isoformat(),
        "form": story.opens.canonical(),
        **({"customer": phone(index)} if story.customer else {}),
    }
    return await people.open(story.by.id, f"{scene.name}-{index}", body)


def happened(entries: Iterable[Entry]) -> tuple[Happened, ...]:
    """Entries without their moments: what each was, and what it set off."""
    return tuple((e.type.value, e.step, str(e.form.get("rungs"))) for e in entries)


async def _ask(people: Agents, number: str, act: Act, key: str) -> None:
    steps = [{"step": name, "form": _handed(form)} for name, form in act.commands]
    path = f"/v1/cases/{number}/steps"
    answer = await people.ask(act.by.id, path, {"steps": steps}, key)
    said = None if answer.is_success else answer.json()["code"]
    assert said == act.refused, f"{key} {steps}: {answer.status_code} {answer.text}"


def _handed(form: Form) -> Mapping[str, Any]:
    """What a caller hands in: the roles of whom a case is assigned to are looked up."""
    given = form.canonical()
    if isinstance(form, Assignment):
        given.pop("roles")
    return given


def _scene(process: Process, story: Story, now: datetime, late: timedelta) -> Scene | None:
    if story.staged:
        return None
    told = story.moved(now - late)
    acts = tuple(replace(act, at=now, by=_caller(act.by)) for act in told.acts)
    told = replace(told, entered=now, acts=acts, clocks={})
    try:
        played = play(process, told, "TS1")
    except AssertionError:
        return None
    return Scene(process.kind, told, late, happened(played.entries))


def _caller(actor: Actor) -> Actor:
    """Whoever has a key; what is dispatched by itself is dispatched by the desk here."""
    return CHEN if actor.kind is ActorKind.ROUTER else actor

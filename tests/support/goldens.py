"""`python -m tests.support.goldens`: run the kinds' stories on the real engine, keep histories.

They are kept for good, a folder for each version of a process: code that replays one of them
otherwise breaks the cases that are running under it.
"""

import asyncio
import gzip
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from cases import CURRENT
from domain.language.roles import ActorKind
from domain.stories import CUSTOMER_REF, opening_for, requests
from store.customers.records import Contact, CustomerInput
from store.intake.records import Reservation
from temporal.case_client import CaseClient
from temporal.process_exit import leave
from tests.support.engine import Engine, running
from tests.support.story_runner import Scenario, scenarios
from tests.support.waiting import until

FOLDER = Path(__file__).parent.parent / "golden"
SOMEBODY = CustomerInput(name="王丽", contacts=(Contact("phone", "13800000000"),))


async def record(folder: Path) -> list[Path]:
    """Record every story that needs no waiting and has no history in the folder yet."""
    recorded = []
    with tempfile.TemporaryDirectory() as place:
        async with running(Path(place)) as engine:
            for scenario in scenarios(datetime.now(UTC)):
                version = f"{scenario.kind}-v{CURRENT[scenario.kind].version}"
                file = folder / version / f"{scenario.story.name}.json.gz"
                if not file.exists():
                    file.parent.mkdir(parents=True, exist_ok=True)
                    text = await history_of(engine, scenario)
                    file.write_bytes(gzip.compress(text.encode(), mtime=0))
                    recorded.append(file)
    return recorded


async def history_of(engine: Engine, scenario: Scenario) -> str:
    """Play a story on the engine and return Temporal's history of it, as JSON."""
    number = await play_scenario(engine, scenario)
    handle = engine.client.get_workflow_handle(number)

    async def quiet() -> bool:
        raw = (await handle.describe()).raw_description
        return not (raw.pending_activities or raw.HasField("pending_workflow_task"))

    await until(quiet)
    return (await handle.fetch_history()).to_json()


async def play_scenario(
    engine: Engine, scenario: Scenario, key: str = "golden", words: str = ""
) -> str:
    """Play a story on the engine and return the number of its case.

    Args:
        engine: where it is played.
        scenario: the story.
        key: makes it once, together with the story's name.
        words: what the customer says instead of the story's words.
    """
    process, case_client = CURRENT[scenario.kind], CaseClient(engine.client)
    form = {"words": words} if words else {}
    story = replace(scenario.story, opens=scenario.story.opens.model_copy(update=form))
    reserved = await engine.store.intake.reserve(
        "default",
        Reservation(
            prefix=process.prefix,
            day=story.received.date(),
            digest=scenario.name,
            now=datetime.now(UTC),
            key=(key, scenario.name),
            source=story.by.id if story.by.kind is ActorKind.SYSTEM else "desk",
            customer=SOMEBODY if story.customer else CustomerInput(),
        ),
    )
    number = reserved.number
    await case_client.start(opening_for(process, story, number, reserved.customer or CUSTOMER_REF))
    steps = requests(story)
    for place, (act, request) in enumerate(steps):
        if act.is_by_world:
            await _answered(engine, number, sum(a.is_by_world for a, _ in steps[: place + 1]))
        elif not act.refused:
            await case_client.submit(number, request)
    return number


async def _answered(engine: Engine, number: str, times: int) -> None:
    """Wait until the world has answered so many times."""

    async def answered() -> bool:
        entries = await engine.store.entries.of("default", number)
        return sum(entry.actor.kind == "world" for entry in entries) >= times

    await until(answered)


if __name__ == "__main__":
    print(*asyncio.run(record(FOLDER)), sep="\n")  # noqa: T201 — a command says what it made
    leave(0)

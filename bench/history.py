"""Measure what operators do with a thousand closed cases: replay, verify, rebuild, archive."""

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from pathlib import Path

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.service import RPCError

from bench.machine import measured_on
from cases import CURRENT
from tests.support.engine import Engine, running
from tests.support.fast_forward import FORWARDING, fast_forward
from tests.support.goldens import play_scenario
from tests.support.story_runner import Scenario, scenarios
from tests.support.waiting import until

AT_ONCE = 8
MOST = 1_000_000
WINDOW = timedelta(days=7, minutes=1)
REVIEWS = Path(__file__).parents[2] / "shared" / "data" / "negative_reviews.jsonl"
PLAIN = "买了二十天内屏就坏了，客服不给换。"


@dataclass(frozen=True)
class Ran:
    """A command that was run: its label, how long it took, its exit code."""

    name: str
    seconds: float
    code: int


async def section(n: int) -> list[str]:
    """Make the cases, run the commands, have Temporal forget the cases and run them again."""
    with tempfile.TemporaryDirectory() as folder:
        async with running(Path(folder), *FORWARDING) as engine:
            began = time.perf_counter()
            numbers = await _made(engine, n)
            made = time.perf_counter() - began
            commands = Commands(engine, Path(folder))
            for each in BEFORE:
                await commands.run(*each)
            ran = [await commands.run(*each) for each in LIVE]
            kept = await _kept(engine)
            await _over(engine, numbers)
            ran += [await commands.run(*each) for each in ENDED]
            await _forgotten(engine, numbers)
            ran += [await commands.run(*each) for each in FORGOTTEN]
            return _lines(n, kept, made, ran)


BEFORE: Sequence[Sequence[str]] = (
    ("key made", "audit", "keygen", "{folder}/audit.pem"),
    ("audit log sealed", "audit", "checkpoint", "--key", "{folder}/audit.pem"),
)
VERIFY = ("audit", "verify", "--public-key", "{folder}/audit.pub.pem")
LIVE: Sequence[Sequence[str]] = (
    ("replay of all", "replay", "--all"),
    ("chains, audit log, checkpoints verified", *VERIFY),
    ("the same against Temporal", *VERIFY, "--against-temporal"),
    ("conformance of all", "ops", "conformance"),
    ("oracle over all", "ops", "verify"),
    ("rebuild and comparison", "store", "rebuild", "--into", "{new}/live.db"),
)
ENDED: Sequence[Sequence[str]] = (
    ("sweep of the archive", "archive", "sweep"),
    ("archive verified", "archive", "verify"),
)
FORGOTTEN: Sequence[Sequence[str]] = (
    ("replay, forgotten by Temporal", "replay", "--all"),
    ("archive verified, forgotten", "archive", "verify"),
    ("verified against the archive, forgotten", *VERIFY, "--against-archive"),
    ("rebuild and comparison, forgotten", "store", "rebuild", "--into", "{new}/forgotten.db"),
)


class Commands:
    """Runs `banjie` as an operator would, on this engine."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self._places = {"folder": str(folder), "new": f"sqlite+aiosqlite:///{folder}"}
        self._env = {
            **os.environ,
            "BANJIE_DATABASE_URL": engine.url,
            "BANJIE_TEMPORAL_TARGET": engine.server.target,
            "BANJIE_ARCHIVE_URL": (folder / "archive").as_uri(),
            "BANJIE_CHECKPOINTS_URL": (folder / "checkpoints").as_uri(),
            "BANJIE_DATA_DIR": str(folder),
        }

    async def run(self, name: str, *words: str) -> Ran:
        """Run one command and time it as a whole process."""
        given = [word.format(**self._places) for word in words]
        began = time.perf_counter()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "cli.main", *given, "--json",
            env=self._env, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, _ = await process.communicate()
        seconds, code = time.perf_counter() - began, process.returncode or 0
        said = json.loads(out) if out else {}
        print(f"  {name}: {seconds:.1f} s, exit code {code}", file=sys.stderr, flush=True)
        if code:
            print(f"  {json.dumps(said, ensure_ascii=False)[:2000]}", file=sys.stderr, flush=True)
        return Ran(name, seconds, code)


async def _made(engine: Engine, n: int) -> list[str]:
    """Make so many concluded cases of all kinds, in real customers' words if there are any."""
    ended = [scenario for scenario in scenarios(datetime.now(UTC)) if _closed(scenario)]
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(place: int, scenario: Scenario, words: str) -> str:
        async with gate:
            return await play_scenario(engine, scenario, key=f"bench-{place}", words=words)

    each = zip(range(n), cycle(ended), cycle(_words()), strict=False)
    return await asyncio.gather(*(one(*some) for some in islice(each, n)))


def _closed(scenario: Scenario) -> bool:
    return CURRENT[scenario.kind].state(str(scenario.story.ends)).closed


def _words() -> Sequence[str]:
    if not REVIEWS.exists():
        return [PLAIN]
    lines = REVIEWS.read_text(encoding="utf-8").splitlines()
    return [words for line in lines if (words := json.loads(line)["text"].strip()[:2000])]


async def _over(engine: Engine, numbers: Sequence[str]) -> None:
    """Let the reopen window of all of them pass, so that their workflows end."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(number: str) -> None:
        async with gate:
            with suppress(RPCError):  # some are over as soon as they are closed
                await fast_forward(engine.client, number, WINDOW)
            await engine.client.get_workflow_handle(number).result()

    await asyncio.gather(*(one(number) for number in numbers))


async def _forgotten(engine: Engine, numbers: Sequence[str]) -> None:
    """Have Temporal forget them all, as it does after its retention."""
    client = engine.client
    for number in numbers:
        await client.workflow_service.delete_workflow_execution(
            DeleteWorkflowExecutionRequest(
                namespace=client.namespace,
                workflow_execution=WorkflowExecution(workflow_id=number),
            )
        )

    async def gone() -> bool:
        # Children of converted inquiries run on.
        there = {run.id async for run in client.list_workflows("BanjieKind IS NOT NULL")}
        return not there & set(numbers)

    await until(gone, 120)


async def _kept(engine: Engine) -> tuple[int, int]:
    """Return how many cases there are, converted ones included, and how many entries."""
    numbers = await engine.store.cases.all_numbers("default", None, MOST)
    found = [len(await engine.store.entries.of("default", number)) for number in numbers]
    return len(found), sum(found)


def _lines(n: int, kept: tuple[int, int], made: float, ran: Sequence[Ran]) -> list[str]:
    cases, entries = kept
    rows = [
        f"| {each.name} | {each.seconds:.1f} | {cases / each.seconds:,.0f} | "
        f"{entries / each.seconds:,.0f} | {each.code} |"
        for each in ran
    ]
    return [
        "## What ops do with closed cases",
        "",
        (
            f"{n:,} concluded cases of all kinds, {cases - n:,} more that inquiries "
            f"among them turned into, with {entries:,} entries, made in {made:.0f} s "
            "through the engine, with the words of real reviews if at hand. Each command "
            "is timed as a whole process; exit code 0 says that it found nothing wrong."
        ),
        "",
        "| what | seconds | cases/s | entries/s | exit code |",
        "|---|---|---|---|---|",
        *rows,
        "",
        measured_on(),
    ]

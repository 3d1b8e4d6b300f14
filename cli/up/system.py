"""The life of the system on one machine: made ready, started, watched, stopped."""

import asyncio
import contextlib
import signal
import time
from collections.abc import Callable

import httpx

from cli.core.client_file import ClientFile
from cli.core.exits import Unavailable
from cli.up.plan import Plan
from cli.up.prepare import prepare
from cli.up.samples import SAMPLES, seed
from cli.up.supervisor import Report, Supervisor

PATIENCE = 60.0
LOOK_EVERY = 0.1
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Announce = Callable[[ClientFile], None]


async def run(plan: Plan, *, sample: bool, report: Report, announce: Announce) -> None:
    """Run until told to stop by a signal; a second signal no longer waits for anybody.

    Raises:
        CommandFailed: it does not come up.
    """
    supervisor, stop = Supervisor(plan.folder, report), asyncio.Event()

    def on_signal() -> None:
        if stop.is_set():
            supervisor.kill()
        stop.set()

    for number in SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, on_signal)
    life = asyncio.create_task(
        _live(plan, supervisor, sample=sample, report=report, announce=announce)
    )
    told = asyncio.create_task(stop.wait())
    await asyncio.wait({life, told}, return_when=asyncio.FIRST_COMPLETED)
    if stop.is_set():
        report("Stopping the API, the worker and Temporal.")
    life.cancel()
    with contextlib.suppress(asyncio.CancelledError, Exception):
        await life
    await supervisor.stop()
    if not life.cancelled():
        life.result()


async def _live(
    plan: Plan, supervisor: Supervisor, *, sample: bool, report: Report, announce: Announce
) -> None:
    client = await _start(plan, supervisor, sample=sample)
    await _ready(plan.url)
    announce(client)
    if sample and not client.sampled:
        await _sample(plan, client, report)
    for chore in plan.chores:
        if await supervisor.run(chore) != 0:
            report(f"A chore could not be scheduled; see {chore.log}.")
    await asyncio.Event().wait()


async def _start(plan: Plan, supervisor: Supervisor, *, sample: bool) -> ClientFile:
    await supervisor.keep(plan.engine)
    _, client = await asyncio.gather(_set_retention(plan, supervisor), prepare(plan, sample=sample))
    await supervisor.keep(plan.worker())
    await supervisor.keep(plan.api())
    return client


async def _set_retention(plan: Plan, supervisor: Supervisor) -> None:
    """Tell Temporal how long to keep finished cases, as soon as it listens."""
    give_up = time.monotonic() + PATIENCE
    while await supervisor.run(plan.retention) != 0:
        if time.monotonic() > give_up:
            raise Unavailable(f"Temporal does not come up; see {plan.engine.log}.")
        await asyncio.sleep(LOOK_EVERY)


async def _ready(url: str) -> None:
    give_up = time.monotonic() + PATIENCE
    async with httpx.AsyncClient(base_url=url, timeout=5, trust_env=False) as http:
        while time.monotonic() < give_up:
            with contextlib.suppress(httpx.TransportError):
                if (await http.get("/readyz")).is_success:
                    return
            await asyncio.sleep(LOOK_EVERY)
    raise Unavailable(f"The API is not ready after {PATIENCE:g} s; the logs folder says why.")


async def _sample(plan: Plan, client: ClientFile, report: Report) -> None:
    made = await seed(plan.url, client.keys)
    if made < len(SAMPLES):
        report(f"{made} of {len(SAMPLES)} sample cases are there; the next start makes the others.")
        return
    client.sampled = True
    client.write(plan.folder.path)
    report(f"{made} sample cases are there, in different stages.")

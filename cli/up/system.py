"""Runs the system on one machine: prepares, starts, supervises and stops it."""

import asyncio
import contextlib
import signal
import time
from collections.abc import Callable

import httpx

from cli.core.client_file import ClientFile
from cli.core.exits import Unavailable
from cli.core.i18n import translate
from cli.up.plan import Plan
from cli.up.prepare import Prepared, prepare
from cli.up.samples import SAMPLES, make_samples
from cli.up.supervisor import Report, Supervisor

PATIENCE = 60.0
POLL_SECONDS = 0.1
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Announce = Callable[[Prepared], None]


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
    running = asyncio.create_task(
        _run_until_cancelled(plan, supervisor, sample=sample, report=report, announce=announce)
    )
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if stop.is_set():
        report(translate("Stopping the API, the worker and Temporal."))
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError, Exception):
        await running
    await supervisor.stop()
    if not running.cancelled():
        running.result()


async def _run_until_cancelled(
    plan: Plan, supervisor: Supervisor, *, sample: bool, report: Report, announce: Announce
) -> None:
    prepared = await _start(plan, supervisor, sample=sample)
    await _wait_until_ready(plan.url)
    announce(prepared)
    if sample and not prepared.client.sampled:
        await _add_samples(plan, prepared.client, report)
    for chore in plan.chores:
        if await supervisor.run(chore) != 0:
            report(translate("A chore could not be scheduled; see %(log)s.", log=chore.log))
    await asyncio.Event().wait()


async def _start(plan: Plan, supervisor: Supervisor, *, sample: bool) -> Prepared:
    await supervisor.supervise(plan.engine)
    _, prepared = await asyncio.gather(
        _set_retention(plan, supervisor), prepare(plan, sample=sample)
    )
    await supervisor.supervise(plan.worker())
    await supervisor.supervise(plan.api())
    return prepared


async def _set_retention(plan: Plan, supervisor: Supervisor) -> None:
    """Tell Temporal how long to keep finished cases, as soon as it listens."""
    give_up = time.monotonic() + PATIENCE
    while await supervisor.run(plan.retention) != 0:
        if time.monotonic() > give_up:
            raise Unavailable(
                translate("Temporal does not come up; see %(log)s.", log=plan.engine.log)
            )
        await asyncio.sleep(POLL_SECONDS)


async def _wait_until_ready(url: str) -> None:
    give_up = time.monotonic() + PATIENCE
    async with httpx.AsyncClient(base_url=url, timeout=5, trust_env=False) as http:
        while time.monotonic() < give_up:
            with contextlib.suppress(httpx.TransportError):
                if (await http.get("/readyz")).is_success:
                    return
            await asyncio.sleep(POLL_SECONDS)
    raise Unavailable(
        translate(
            "The API is not ready after %(patience)s s; the logs folder says why.",
            patience=f"{PATIENCE:g}",
        )
    )


async def _add_samples(plan: Plan, client: ClientFile, report: Report) -> None:
    made = await make_samples(plan.url, client.keys)
    if made < len(SAMPLES):
        report(
            translate(
                "%(made)s of %(samples)s sample cases are there; the next start makes the others.",
                made=made,
                samples=len(SAMPLES),
            )
        )
        return
    client.sampled = True
    client.write(plan.folder.path)
    report(translate("%(made)s sample cases are there, in different stages.", made=made))

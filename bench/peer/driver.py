"""A round of the peer: its own server and worker, driven straight through the SDK, no API."""

import json
import tempfile
from pathlib import Path

from temporalio.client import Client

from bench.peer.__main__ import QUEUE
from bench.peer.steps import steps
from bench.rate import Rate, timed
from store import Store
from tests.support.cases import WHOLE_COMPLAINT, new_number
from tests.support.process_group import ServiceProcess
from tests.support.temporal import DevServer


async def peers(cases: int) -> Rate:
    """One round through fresh processes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = DevServer(folder)
        worker = await worker_of(folder, server)
        server.start()
        store = await Store.open(f"sqlite+aiosqlite:///{folder / 'peer.db'}", migrate=True)
        try:
            client = await server.client()
            worker.start()
            return await _load(client, store, server, worker, cases)
        finally:
            await store.close()
            worker.kill()
            server.kill()


async def worker_of(folder: Path, server: DevServer) -> ServiceProcess:
    """The peer's worker process, not started yet; it writes to `peer.db`."""
    file = folder / "steps.json"
    file.write_text(json.dumps(await steps(folder)), encoding="utf-8")
    env = {
        "PEER_STEPS": str(file),
        "PEER_TEMPORAL": server.target,
        "PEER_DATABASE": str(folder / "peer.db"),
    }
    return ServiceProcess("bench.peer", env, folder / "peer.log")


async def _load(
    client: Client, store: Store, server: DevServer, worker: ServiceProcess, cases: int
) -> Rate:
    numbers: dict[int, str] = {}

    async def work(index: int) -> None:
        numbers[index] = await start(client)
        for at in range(len(WHOLE_COMPLAINT) - 1):
            await take(client, numbers[index], at)

    async def finish(index: int) -> None:
        await take(client, numbers[index], len(WHOLE_COMPLAINT) - 1)

    pids = {"worker": worker.pid, "server": server.pid}
    per_second, cpu_ms = await timed(pids, store, cases, work, finish)
    history = await client.get_workflow_handle(numbers[0]).fetch_history()
    size = sum(event.ByteSize() for event in history.events)
    return Rate(per_second, cpu_ms, len(history.events), size)


async def start(client: Client) -> str:
    """A new case of the peer's; its number."""
    number = new_number()
    opening = {"number": number, "channel": "app", "words": "店员态度不好"}
    await client.start_workflow("Peer", opening, id=number, task_queue=QUEUE)
    return number


async def take(client: Client, number: str, at: int) -> None:
    """One of the seven requests, as a plain dict."""
    steps = [{"step": step, "form": dict(form)} for step, form in WHOLE_COMPLAINT[at]]
    handle = client.get_workflow_handle(number)
    await handle.execute_update("take", {"steps": steps}, id=f"{number}-{at}")

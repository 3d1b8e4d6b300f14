"""The whole engine for tests: a real Temporal server, a real store and worker, one client."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from temporalio.client import Client

from store import Store
from tests.support.temporal import DevServer
from worker.build import build_worker
from worker.settings import WorkerSettings


@dataclass(frozen=True)
class Engine:
    """A running engine: its client, its store, its server; `audit_key` is where a key may lie."""

    client: Client
    store: Store
    server: DevServer
    url: str

    @property
    def audit_key(self) -> Path:
        """The file of the private key that signs the audit log, if a test makes one."""
        return Path(self.url.partition(":///")[2]).with_name("audit.pem")


@asynccontextmanager
async def running(folder: Path, *options: str, **more: Any) -> AsyncIterator[Engine]:
    """A dev server, a SQLite store and a worker, all real, all in `folder`; `more` sets it up."""
    server = DevServer(folder, *options)
    server.start()
    url = f"sqlite+aiosqlite:///{folder / 'banjie.db'}"
    try:
        client = await server.client()
        store = await Store.open(url, migrate=True)
        settings = WorkerSettings(database_url=url, drain=5, **more)
        async with build_worker(client, store, settings):
            yield Engine(client, store, server, url)
        await store.close()
    finally:
        server.kill()

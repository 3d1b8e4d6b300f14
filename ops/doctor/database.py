"""The store: whether it answers, is migrated and sound, and what waits in it."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ops.backup.databases import examine
from ops.backup.errors import Damaged
from ops.doctor.findings import Check, Finding, diagnose, ok, warning, wrong
from store import Store
from store.errors import StoreError
from store.outbox.records import Delivery

WAITING = timedelta(minutes=10)
"""A message that waits longer has no dispatcher, or none that gets through."""


async def look_at_outbox(store: Store, tenant: str) -> list[Finding]:
    """Whether messages are delivered."""
    found = []
    if dead := (await store.counts.outbox(tenant)).get(Delivery.DEAD, 0):
        mend = "See `banjie ops outbox list`; mend the receiver, then `banjie ops outbox redrive`."
        found.append(warning("outbox", f"Messages that were given up: {dead}.", mend))
    oldest = await store.health.oldest_pending(tenant)
    if oldest is not None and (waits := datetime.now(UTC) - oldest) > WAITING:
        hours = str(waits).partition(".")[0]
        mend = "See that a worker with BANJIE_DISPATCH=true, or a dispatcher, runs; and its log."
        found.append(wrong("outbox", f"A message has waited for {hours}.", mend))
    return found or [ok("outbox", "No message waits long, and none was given up.")]


PATIENCE = 5.0
MIGRATE = (
    "Start `banjie up` anew; elsewhere run `python -m store.migrations` with BANJIE_DATABASE_URL."
)
SKEW = timedelta(seconds=5)
SQLITE = "sqlite+aiosqlite:///"


def file_of(url: str) -> Path | None:
    """SQLite's file; None for another database."""
    return Path(url.removeprefix(SQLITE).partition("?")[0]) if url.startswith(SQLITE) else None


async def look(url: str, tenant: str) -> list[Finding]:
    """What is wrong with the store; nothing else is asked if it does not answer."""
    file = file_of(url)
    if file is not None and not file.exists():
        return [
            wrong("database", f"There is no database at {file}.",
                  "Start `banjie up`, or say where it is: --data-dir, BANJIE_DATABASE_URL.")
        ]  # fmt: skip
    try:
        store = await Store.open(url, patience=PATIENCE)
    except StoreError as error:
        return [wrong("database", str(error), "Correct BANJIE_DATABASE_URL.")]
    try:
        await store.ping()
        found = [ok("database", "It answers.")]
        return found + await diagnose(_parts(store, file, tenant))
    except StoreError as error:
        mend = "Start it, or correct BANJIE_DATABASE_URL; steps go on meanwhile, reads do not."
        return [wrong("database", str(error), mend)]
    finally:
        await store.close()


def _parts(store: Store, file: Path | None, tenant: str) -> dict[str, Check]:
    parts: dict[str, Check] = {"migrations": lambda: _migrated(store)}
    if file is not None:
        parts["sqlite"] = lambda: _sqlite(store, file)
    parts["database clock"] = lambda: _clock(store)
    parts["outbox"] = lambda: look_at_outbox(store, tenant)
    return parts


async def _migrated(store: Store) -> list[Finding]:
    if await store.migrated():
        return [ok("migrations", "The tables are those of this code.")]
    said = "The tables are older than this code."
    return [wrong("migrations", said, MIGRATE)]


async def _sqlite(store: Store, file: Path) -> list[Finding]:
    mode = await store.health.journal()
    if mode != "wal":
        mend = "Put the file on a local disk: WAL does not work on network drives."
        return [wrong("sqlite", f"SQLite's journal is {mode}, not WAL.", mend)]
    try:
        await asyncio.to_thread(examine, file)
    except Damaged as error:
        return [wrong("sqlite", str(error), "Stop everything, and restore the newest backup.")]
    return [ok("sqlite", "Its journal is WAL, and every page is sound.")]


async def _clock(store: Store) -> list[Finding]:
    before = datetime.now(UTC)
    at = await store.health.now()
    off = max(before - at, at - datetime.now(UTC))
    if off > SKEW:
        said = f"The database's clock and this machine's differ by {_span(off)}."
        return [wrong("database clock", said, "Let both follow a time server (NTP).")]
    return [ok("database clock", "It agrees with this machine's.")]


def _span(time: timedelta) -> str:
    return str(time).partition(".")[0]

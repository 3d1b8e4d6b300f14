"""Checks the store: it answers, is migrated and sound, and its outbox is delivered."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ops.backup.databases import check_integrity
from ops.backup.errors import Damaged
from ops.doctor.checks import Check, CheckResult, ok, run_checks, warning, wrong
from ops.doctor.organisation import check_organisation
from runtime.message import Message
from store import Store
from store.errors import StoreError
from store.outbox.records import Delivery

PATIENCE = 5.0
WAITING = timedelta(minutes=10)
"""A message that waits longer has no dispatcher, or none that gets through."""
SKEW = timedelta(seconds=5)
SQLITE = "sqlite+aiosqlite:///"
MIGRATE = Message(
    "Start `banjie up` anew; elsewhere run `python -m store.migrations` with BANJIE_DATABASE_URL."
)


def file_of(url: str) -> Path | None:
    """Return SQLite's file; None for another database."""
    return Path(url.removeprefix(SQLITE).partition("?")[0]) if url.startswith(SQLITE) else None


async def check_database(url: str, tenant: str) -> list[CheckResult]:
    """Check that the store answers, and then everything in it."""
    file = file_of(url)
    if file is not None and not file.exists():
        remedy = Message("Start `banjie up`, or say where it is: --data-dir, BANJIE_DATABASE_URL.")
        return [wrong("database", Message("There is no database at %(file)s.", file=file), remedy)]
    try:
        store = await Store.open(url, patience=PATIENCE)
    except StoreError as error:
        return [wrong("database", str(error), Message("Correct BANJIE_DATABASE_URL."))]
    try:
        await store.ping()
        answers = ok("database", Message("It answers."))
        return [answers, *await run_checks(_checks(store, file, tenant))]
    except StoreError as error:
        remedy = Message(
            "Start it, or correct BANJIE_DATABASE_URL; steps go on meanwhile, reads do not."
        )
        return [wrong("database", str(error), remedy)]
    finally:
        await store.close()


def _checks(store: Store, file: Path | None, tenant: str) -> dict[str, Check]:
    checks: dict[str, Check] = {"migrations": lambda: _check_migrations(store)}
    if file is not None:
        checks["sqlite"] = lambda: _check_sqlite(store, file)
    checks["database clock"] = lambda: _check_clock(store)
    checks["teams"] = lambda: check_organisation(store, tenant)
    checks["outbox"] = lambda: _check_outbox(store, tenant)
    return checks


async def _check_migrations(store: Store) -> list[CheckResult]:
    if await store.migrated():
        return [ok("migrations", Message("The tables are those of this code."))]
    return [wrong("migrations", Message("The tables are older than this code."), MIGRATE)]


async def _check_sqlite(store: Store, file: Path) -> list[CheckResult]:
    mode = await store.health.journal()
    if mode != "wal":
        remedy = Message("Put the file on a local disk: WAL does not work on network drives.")
        return [
            wrong("sqlite", Message("SQLite's journal is %(mode)s, not WAL.", mode=mode), remedy)
        ]
    try:
        await asyncio.to_thread(check_integrity, file)
    except Damaged as error:
        return [
            wrong("sqlite", str(error), Message("Stop everything, and restore the newest backup."))
        ]
    return [ok("sqlite", Message("Its journal is WAL, and every page is sound."))]


async def _check_clock(store: Store) -> list[CheckResult]:
    before = datetime.now(UTC)
    at = await store.health.now()
    skew = max(before - at, at - datetime.now(UTC))
    if skew > SKEW:
        message = Message(
            "The database's clock and this machine's differ by %(span)s.",
            span=_without_fraction(skew),
        )
        return [wrong("database clock", message, Message("Let both follow a time server (NTP)."))]
    return [ok("database clock", Message("It agrees with this machine's."))]


async def _check_outbox(store: Store, tenant: str) -> list[CheckResult]:
    results = []
    if dead := (await store.outbox_queue.counts(tenant)).get(Delivery.DEAD, 0):
        remedy = Message(
            "See `banjie ops outbox list`; mend the receiver, then `banjie ops outbox redrive`."
        )
        results.append(
            warning("outbox", Message("Messages that were given up: %(dead)s.", dead=dead), remedy)
        )
    oldest = await store.health.oldest_pending(tenant)
    if oldest is not None and (waits := datetime.now(UTC) - oldest) > WAITING:
        remedy = Message(
            "See that a worker with BANJIE_DISPATCH=true, or a dispatcher, runs; and its log."
        )
        message = Message(
            "A message has waited for %(span)s.",
            span=_without_fraction(waits),
        )
        results.append(wrong("outbox", message, remedy))
    return results or [ok("outbox", Message("No message waits long, and none was given up."))]


def _without_fraction(time: timedelta) -> str:
    return str(time).partition(".")[0]

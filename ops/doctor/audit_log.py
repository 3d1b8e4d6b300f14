"""Checks the audit log: it is sealed, and its newest checkpoint is outside the database."""

import asyncio
from pathlib import Path

from ops.audit.checkpoint_store import CheckpointStore
from ops.audit.keys import InvalidKey, read_signer
from ops.doctor.checks import CheckResult, ok, warning, wrong
from ops.doctor.database import PATIENCE, file_of
from runtime.message import Message
from store import Store
from store.errors import ArchiveDown, StoreError, WrongUrl

WAITING = 10_000
"""A worker with a key would have sealed so many rows several times over."""


async def check_audit_log(
    key: Path | None, checkpoints: str, database_url: str, tenant: str, own: Path | None = None
) -> list[CheckResult]:
    """Check the key, without which nothing is sealed, and then the newest checkpoint.

    `own` is the path of the key that `banjie up` makes itself.
    """
    if result := await asyncio.to_thread(_check_key, key, own):
        return [result]
    file = file_of(database_url)
    if file is not None and not file.exists():
        return [ok("audit", Message("The key can be read."))]
    try:
        return await check_sealing(checkpoints, database_url, tenant)
    except StoreError:
        message = Message("The key can be read; the audit log cannot while the database is down.")
        return [ok("audit", message)]


async def check_sealing(checkpoints: str, database_url: str, tenant: str) -> list[CheckResult]:
    """Check that rows are sealed, and the newest checkpoint is outside, without the key.

    Raises:
        StoreError: the database is down.
    """
    try:
        return [await _check_sealing(checkpoints, database_url, tenant)]
    except (WrongUrl, ArchiveDown) as error:
        return [wrong("audit", str(error), Message("Mend it, or correct BANJIE_CHECKPOINTS_URL."))]


def _check_key(key: Path | None, own: Path | None) -> CheckResult | None:
    """Return what is wrong with the key."""
    if own and not own.exists() and key in {None, own}:
        message = Message(
            "There is no key at %(own)s: nothing is signed until there is one.", own=own
        )
        remedy = Message(
            "If there was one, put it back; else `banjie up` makes one when it starts again."
        )
        return warning("audit", message, remedy)
    if key is None:
        message = Message(
            "No key signs the audit log: nobody can prove later that nothing was changed."
        )
        return warning(
            "audit", message, Message("Run `banjie audit keygen`, and set BANJIE_AUDIT_KEY.")
        )
    try:
        read_signer(key)
    except InvalidKey as error:
        return wrong("audit", str(error), Message("Correct BANJIE_AUDIT_KEY, or put the key back."))
    return None


async def _check_sealing(checkpoints: str, database_url: str, tenant: str) -> CheckResult:
    store = await Store.open(database_url, patience=PATIENCE)
    try:
        newest = (await store.audit_sealer.newest(tenant)).n
        waiting = await store.audit_sealer.waiting(tenant, WAITING)
    finally:
        await store.close()
    if newest not in {0, *await CheckpointStore(checkpoints).numbers(tenant)}:
        message = Message(
            "Checkpoint %(newest)s is in the database and not at %(checkpoints)s.",
            newest=newest,
            checkpoints=checkpoints,
        )
        return wrong(
            "audit", message, Message("Run `banjie audit verify`; it says which are missing.")
        )
    if waiting >= WAITING:
        message = Message("%(waiting)s rows or more wait to be sealed.", waiting=f"{waiting:,}")
        return warning(
            "audit", message, Message("See the worker's log, or run `banjie audit checkpoint`.")
        )
    return ok(
        "audit",
        Message(
            "It is sealed: %(newest)s checkpoints, %(waiting)s rows wait for the next.",
            newest=newest,
            waiting=waiting,
        ),
    )

"""That a system was set back to a backup: an act in the audit log of what was restored."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from pydantic import JsonValue

from ops.backup.errors import BackupError
from ops.backup.layout import STORE
from ops.backup.manifest import Manifest
from store import Store
from store.audit.records import By
from store.errors import StoreError

TENANT = "default"


def noting(by: By) -> Callable[[Path, Manifest], None]:
    """Writes it into the store in a folder, before anything else can."""

    def note(folder: Path, manifest: Manifest) -> None:
        """Write it down.

        Raises:
            BackupError: it cannot be written, so nothing is restored.
        """
        try:
            asyncio.run(_written(folder, manifest, by))
        except StoreError as error:
            raise BackupError(f"It cannot be written into the audit log: {error}") from None

    return note


async def _written(folder: Path, manifest: Manifest, by: By) -> None:
    made = manifest.made_at.isoformat()
    store = await Store.open(f"sqlite+aiosqlite:///{folder / STORE}")
    try:
        told: dict[str, JsonValue] = {"banjie": manifest.banjie, "keys": manifest.keys}
        await store.audit_log.add(TENANT, by.actor, "system.restored", made, by.reason, told)
    finally:
        await store.close()

"""The store there is, opened only to be read, and only if it can be."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from ops.rebuild.target import SQLITE
from store import Store
from store.errors import StoreError


@asynccontextmanager
async def readable(url: str) -> AsyncIterator[Store | None]:
    """The store, or None if nothing answers there, or nothing that this code can read."""
    if not _may_be_there(url):
        # Opening it would make it.
        yield None
        return
    store = await Store.open(url)
    try:
        yield store if await _answers(store) else None
    finally:
        await store.close()


def _may_be_there(url: str) -> bool:
    file, _, _ = url.removeprefix(SQLITE).partition("?")
    return not url.startswith(SQLITE) or Path(file).exists()


async def _answers(store: Store) -> bool:
    try:
        return await store.migrated()
    except StoreError:
        return False

"""The pages for operators in tests: a client for each role, and waiting for what a page begins."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from html.parser import HTMLParser

import httpx

from cases.common.roles import STAFF_ROLES
from ops.audit.checkpoint_store import CheckpointStore
from ops.audit.keys import read_signer
from ops.audit.sealer import Sealer
from ops.operations import Operations
from tests.support.waiting import until
from tests.web.site import Site, sign_in, site_client

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}
"""What a script of a page sends."""
ENGLISH = {"Cookie": "lang=en"}


class _Texts(HTMLParser):
    """Collects the text of a page, without what stands in tags."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def text_of(page: str) -> str:
    """Return what a page says, with single blanks."""
    parser = _Texts()
    parser.feed(page)
    return " ".join(" ".join(parser.parts).split())


@asynccontextmanager
async def one_of_each(site: Site, prefix: str) -> AsyncIterator[Mapping[str, httpx.AsyncClient]]:
    """Yield a client for one person of each role."""
    async with AsyncExitStack() as clients:
        people = {}
        for role in STAFF_ROLES:
            id = f"{prefix}.{role}"
            await site.callers.store.people.add_staff("default", id, id, (role,))
            token = await sign_in(site.callers, id)
            people[role] = await clients.enter_async_context(site_client(site.app, token))
        yield people


def operations_of(site: Site) -> Operations:
    """Return what the pages of the site work with."""
    operations: Operations = site.app.state.operations
    return operations


async def seal(site: Site) -> int:
    """Seal all that waits; return the number of the newest checkpoint."""
    checkpoints = CheckpointStore(operations_of(site).audit.checkpoints_url)
    store, key = site.callers.store, site.callers.engine.audit_key
    await Sealer(store, checkpoints, read_signer(key)).seal_all(["default"])
    return (await store.audit_sealer.newest("default")).n


async def finished(client: httpx.AsyncClient, path: str) -> str:
    """Return the panel of a page when the job that it tells of is over."""
    panels: list[str] = []

    async def over() -> bool:
        answer = await client.get(path, headers=PARTIAL)
        assert answer.status_code == 200, answer.text
        panels.append(answer.text)
        return "every 1s" not in answer.text

    await until(over)
    return panels[-1]

"""A sealed store of many cases, made by the code's own hash: each chain and each root is real."""

from collections.abc import Iterator
from datetime import date
from itertools import count, cycle, islice

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.fill import Template, templates
from domain.case_numbers import case_number
from domain.engine.chain import link
from domain.language.entries import Entry
from domain.read_models.projection import projection_update
from ops.audit.checkpoint_store import CheckpointStore
from ops.audit.keys import Signer
from ops.audit.sealer import Sealer
from store import Store
from store.projection import Rows, no_rows, rows_of

TENANT = "default"
AT_ONCE = 200
PATIENCE = 120.0
DAY = date(2026, 3, 2)


async def fill_and_seal(url: str, checkpoints: str, n: int) -> tuple[Signer, int]:
    """Fill an empty store with cases of at least so many entries, and seal them.

    Verification reads cases, entries, and the audit log; the other tables stay empty.

    Returns:
        Whose signature the checkpoints carry, and how many entries there are.
    """
    signer, entries = Signer(Ed25519PrivateKey.generate()), 0
    store = await Store.open(url, migrate=True, patience=PATIENCE)
    try:
        cases = _cases(n)
        while some := dict(islice(cases, AT_ONCE)):
            await store.projection.fill(TENANT, some)
            entries += sum(len(rows["entries"]) for rows in some.values())
        await Sealer(store, CheckpointStore(checkpoints), signer).seal_all()
    finally:
        await store.close()
    return signer, entries


def _cases(n: int) -> Iterator[tuple[str, Rows]]:
    """Copies of all kinds' stories, each with a number and so a chain of its own."""
    likes = [(each, rows_of(projection_update(each.process, each.case, 0))) for each in templates()]
    for serial, (like, rows) in zip(count(), cycle(likes)):
        if n <= 0:
            return
        number = case_number(like.process.prefix, DAY, f"{serial:07d}")
        n -= len(like.case.entries)
        yield number, _copy(like, rows, number)


def _copy(like: Template, rows: Rows, number: str) -> Rows:
    link_error: dict[tuple[int], dict[str, object]] = {}
    before: Entry | None = None
    for entry in like.case.entries:
        before = link(entry, before, TENANT, number)
        link_error[entry.seq,] = {**rows["entries"][entry.seq,], "prev": before.prev}
    return {**no_rows(), "cases": rows["cases"], "entries": link_error}

"""Is the archive's list what it was? Its parts carry each other's hashes; sweeps note them, too."""

from ops.audit.faults import Fault
from store import Store
from store.archive import Known
from store.errors import LedgerDamaged

LISTED = "archive.listed"
"""The act of a sweep that wrote a part of the list."""
MOST = 100_000


async def anchors(store: Store, tenant: str) -> list[tuple[int, str]]:
    """The parts of the list that the ledger knows, each with its hash."""
    acts = await store.audit.acts(tenant, MOST, LISTED)
    return sorted((int(str(a.details["n"])), str(a.details["sha256"])) for a in acts)


async def wrong_with_list(store: Store | None, tenant: str, known: Known) -> list[Fault]:
    """Parts that are damaged, and, with a store, those that its ledger knows otherwise.

    Each sweep writes the hash of each part into the ledger, which is sealed: a list that was cut,
    or written anew with all that is in it, is not the one that the ledger knows.
    """
    faults = [Fault("manifest_damaged", f"manifest {n}: {why}") for n, why in known.broken]
    try:
        noted = await anchors(store, tenant) if store else []
    except (LedgerDamaged, LookupError, ValueError) as error:
        return [*faults, Fault("act_edited", f"what the ledger has of the list: {error}")]
    for n, sha256 in noted:
        if known.parts.get(n) != sha256:
            why = "is gone" if n not in known.parts else "is not the one that the ledger knows"
            faults.append(Fault("manifest_cut", f"manifest {n} {why}"))
    return faults

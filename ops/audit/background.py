"""Verifying and proving as work for a process of its own, since hashing would hold up the pages."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ops.audit.checkpoint_store import CheckpointStore
from ops.audit.keys import read_public_keys
from ops.audit.proof import Proof, prove
from ops.audit.proof_check import check_proof
from ops.audit.verify import NO_BASELINE, Report, TenantsVerifier, Verifier
from ops.child import Progress
from ops.findings import Finding
from store import Store


@dataclass(frozen=True)
class AuditPlace:
    """Where the audit log is, where its checkpoints are outside, and the files of public keys."""

    database_url: str
    checkpoints_url: str
    public_keys: tuple[Path, ...] = ()


@dataclass(frozen=True)
class CheckedProof:
    """A proof of a case, and what is wrong with it by the public keys; nothing if it holds."""

    proof: Proof
    findings: Sequence[Finding]


def verify_tenant(place: AuditPlace, tenant: str, progress: Progress) -> Report:
    """Return everything that is not as it was recorded.

    Raises:
        InvalidKey, WrongUrl
        StoreError, ArchiveDown
    """
    return asyncio.run(_verify_tenant(place, tenant, progress))


def prove_case(place: AuditPlace, tenant: str, number: str, progress: Progress) -> CheckedProof:
    """Return the proof of a case by the newest checkpoint, checked with the public keys.

    Raises:
        ProofUnavailable: the case cannot be proved now.
        InvalidKey
        StoreError
    """
    progress("", 0, None)
    return asyncio.run(_prove_case(place, tenant, number))


async def _verify_tenant(place: AuditPlace, tenant: str, progress: Progress) -> Report:
    keys = read_public_keys(place.public_keys)
    store = await Store.open(place.database_url)
    try:
        verifier = Verifier(store, CheckpointStore(place.checkpoints_url), keys)
        return await TenantsVerifier(verifier, tenant).verify(NO_BASELINE, progress)
    finally:
        await store.close()


async def _prove_case(place: AuditPlace, tenant: str, number: str) -> CheckedProof:
    keys = read_public_keys(place.public_keys)
    store = await Store.open(place.database_url)
    try:
        proof = await prove(store, tenant, number)
    finally:
        await store.close()
    return CheckedProof(proof, check_proof(proof, keys))

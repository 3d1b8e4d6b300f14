"""A sealed audit log for tests: cases recorded, checkpoints written, and a way around both."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text

from domain.engine.case import Case
from domain.engine.chain import link
from domain.language.roles import Actor, ActorKind
from ops.audit.checkpoint_store import CheckpointStore
from ops.audit.checkpoints_verify import Baseline
from ops.audit.keys import Signer
from ops.audit.sealer import Sealer
from ops.audit.verify import NO_BASELINE, Verifier
from ops.findings import Finding
from store import Store
from tests.store import sample_cases

ROOT = Actor(kind=ActorKind.STAFF, id="root", roles=("administrator",))
KEY = Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
OTHER_KEY = Signer(Ed25519PrivateKey.from_private_bytes(bytes(32)))


@dataclass(frozen=True)
class AuditedStore:
    """A tenant's cases in a store, and its checkpoints in a folder."""

    store: Store
    url: str
    folder: Path
    tenant: str

    @property
    def checkpoint_store(self) -> CheckpointStore:
        """Where the checkpoints are."""
        return CheckpointStore(self.folder.as_uri())

    @property
    def sealer(self) -> Sealer:
        """Who seals."""
        return Sealer(self.store, self.checkpoint_store, KEY)

    async def fill(self, cases: int = 3) -> list[Case]:
        """So many complaints, each with a checkpoint of its own, and an act before each."""
        made = []
        for _ in range(cases):
            await self.store.audit_log.add(
                self.tenant, ROOT, "key.added", "k-1", "She began today."
            )
            case = sample_cases.opened(self.tenant)
            for _ in sample_cases.updates(case):
                pass
            await self.record(case)
            assert await self.sealer.seal(self.tenant)
            made.append(case)
        return made

    async def record(self, case: Case) -> None:
        """All of a case at once."""
        await self.store.recorder.write(sample_cases.update_after(case))

    async def tamper_with(self, statement: str, **values: Any) -> None:
        """Change the database behind everybody's back; it must hit something."""
        # Tests that run in the same process see to it that statements say whose tenant they mean.
        table = re.search(r"(?:UPDATE|FROM) (\w+)", statement)
        assert table
        said = statement.replace("tenant = :t", f"{table[1]}.tenant = :t")
        async with self.store.recorder._sessions.writing() as connection:
            done = await connection.execute(text(said), {"t": self.tenant, **values})
            assert done.rowcount

    def file(self, n: int) -> Path:
        """The file of a checkpoint."""
        return self.folder / self.tenant / f"{n:010d}.json"

    def verifier(self, signer: Signer = KEY) -> Verifier:
        """Who verifies, without patience."""
        keys = signer.public
        return Verifier(self.store, self.checkpoint_store, keys, self.tenant, patience=0)

    async def findings(
        self, baseline: Baseline = NO_BASELINE, signer: Signer = KEY
    ) -> list[Finding]:
        """What verification finds."""
        return (await self.verifier(signer).verify(baseline)).findings

    async def finding_keys(
        self, baseline: Baseline = NO_BASELINE
    ) -> set[tuple[str, str | None, int | None]]:
        """The same without the sentences."""
        return {
            (finding.code, finding.number, finding.seq) for finding in await self.findings(baseline)
        }


def restated(case: Case, seq: int, **changes: Any) -> Case:
    """The case as if one entry had always been another, with a chain that holds."""
    again, before = case.copy(), None
    for at, entry in enumerate(case.entries):
        other = entry.model_copy(update=changes) if entry.seq == seq else entry
        before = link(other, before, case.opening.tenant, case.opening.number)
        again.entries[at] = before
    return again

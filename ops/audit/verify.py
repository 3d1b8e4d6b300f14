"""Verification: cases, ledger and checkpoints, each held against the others."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from domain.engine.messages import DEFAULT_TENANT
from ops.audit.cases_verify import VerifyPool, collecting_seldom, verify_cases
from ops.audit.checkpoint_store import CheckpointStore
from ops.audit.checkpoints import Checkpoint
from ops.audit.checkpoints_verify import (
    PATIENCE,
    Baseline,
    read_checkpoints,
    verify_baseline,
    verify_checkpoints,
)
from ops.audit.keys import PublicKeys
from ops.audit.log_verify import verify_log
from ops.findings import Comparison, Finding, Report
from store import Store

Progress = Callable[[str, int, int | None], None]
"""Told what is looked at, how much of it is done, and how much there is, if that is known."""
CASES = "entries"
NO_BASELINE = Baseline()


def silent(_what: str, _done: int, _all: int | None) -> None:
    """For whoever wants no progress."""


@dataclass(frozen=True)
class Verifier:
    """What is verified: a store, its checkpoints, and the keys that may have signed them.

    `patience` is how many seconds a checkpoint that is just being made has to arrive outside;
    `beside` are other processes that hash as well.
    """

    store: Store
    checkpoint_store: CheckpointStore
    keys: PublicKeys
    tenant: str = "default"
    patience: float = PATIENCE
    beside: VerifyPool | None = None

    async def verify(
        self,
        baseline: Baseline = NO_BASELINE,
        progress: Progress = silent,
    ) -> Report:
        """All that is wrong; nothing, if all is well. The system may go on meanwhile.

        Args:
            held: what somebody kept, that all must go on from.
            progress: told how far it is.
        """
        report = Report()
        points = await self._trail(report, baseline)
        # Beside the cases: those keep other processes busy.
        ledger = asyncio.create_task(verify_log(self.store, self.tenant, points))
        try:
            with collecting_seldom():
                wrong = await self._cases(report, progress)
                rebuilt = await ledger
        finally:
            ledger.cancel()
        report.rows = rebuilt.size
        report.findings += [*rebuilt.findings, *wrong]
        return report

    async def _cases(self, report: Report, progress: Progress) -> list[Finding]:
        wrong: list[Finding] = []
        async for looked, total in verify_cases(self.store, self.tenant, self.beside):
            report.entries += looked.entries
            report.unsealed += looked.unsealed
            wrong += looked.findings
            progress(CASES, report.entries, total)
        return sorted(wrong, key=lambda finding: (finding.number or "", finding.seq or 0))

    async def _trail(self, report: Report, baseline: Baseline) -> list[Checkpoint]:
        trail = await read_checkpoints(
            self.store, self.checkpoint_store, self.tenant, self.patience
        )
        points, wrong = verify_checkpoints(self.tenant, trail, self.keys)
        report.checkpoints = len(points)
        report.until = points[-1].at.isoformat() if points else None
        report.findings += [*wrong, *verify_baseline(points, baseline, self.keys)]
        return points


READ: Final = ("cases", "entries", "audit", "audit_waiting", "audit_checkpoints")
"""The tables that verification reads."""
LEDGER: Final = frozenset({"audit", "audit_waiting", "audit_checkpoints"})
"""Whoever has done anything, or whose cases have, is in one of them."""

More = Callable[[Sequence[str]], Awaitable[Mapping[str, Comparison]]]
"""What else is to be compared for these tenants, by its name."""


async def nothing_more(_tenants: Sequence[str]) -> Mapping[str, Comparison]:
    """For whom the ledger is enough."""
    return {}


@dataclass(frozen=True)
class TenantsVerifier:
    """Verifies whoever has rows; `verifier` says where, and `tenant` whose alone, if it is given.

    A tenant is one whom the ledger knows, or a checkpoint outside. Rows of any other are somebody's
    who put them there.
    """

    verifier: Verifier
    tenant: str | None = None

    async def verify(
        self,
        baseline: Baseline = NO_BASELINE,
        progress: Progress = silent,
        more: More = nothing_more,
    ) -> Report:
        """All that is wrong, each finding with its tenant.

        Args:
            held: what somebody kept. The checkpoint says itself whose it is; the number of rows is
                of the tenant that was named, else of the one that there is if none is named.
            progress: told how far it is.
            more: what else is to be compared.
        """
        report = Report()
        lacks = await self.verifier.store.inventory.lacks(READ)
        if lacks:
            report.findings = [Finding("table_missing", lack) for lack in lacks]
            return report
        report.tenants, report.findings = await self._whose()
        report.findings += self._nowhere(baseline, report.tenants)
        for tenant in report.tenants:
            one = replace(self.verifier, tenant=tenant)
            report.add(tenant, await one.verify(self._held(baseline, tenant), progress))
        for name, comparison in (await more(report.tenants)).items():
            await report.take(name, comparison, progress)
        return report

    async def _whose(self) -> tuple[list[str], list[Finding]]:
        """The tenants, and the findings about whoever is none."""
        if self.tenant is not None:
            return [self.tenant], []
        there = await self.verifier.store.inventory.tenants()
        known = {tenant for tenant, tables in there.items() if LEDGER & set(tables)}
        known |= set(await self.verifier.checkpoint_store.tenants())
        strangers = [
            Finding(
                "tenant_unknown",
                f"{_rows(tenant, tables)}, and the ledger knows none",
                tenant=tenant,
            )
            for tenant, tables in sorted(there.items())
            if tenant not in known
        ]
        return sorted(known) or [DEFAULT_TENANT], strangers

    def _held(self, baseline: Baseline, tenant: str) -> Baseline:
        counted = self.tenant in {None, tenant} and tenant == (self.tenant or DEFAULT_TENANT)
        mine = self.tenant is not None or (baseline.point and baseline.point.tenant == tenant)
        return Baseline(baseline.point if mine else None, baseline.at_least if counted else 0)

    def _nowhere(self, baseline: Baseline, tenants: Sequence[str]) -> list[Finding]:
        """What was kept of a tenant of whom nothing is left."""
        if self.tenant is not None:
            return []
        of = {baseline.point.tenant} if baseline.point else set()
        of |= {DEFAULT_TENANT} if baseline.at_least else set()
        return [
            Finding("rolled_back", "something of it was kept, and nothing is there", tenant=tenant)
            for tenant in sorted(of - set(tenants))
        ]


def _rows(tenant: str, tables: Sequence[str]) -> str:
    return f"there are rows of a tenant {tenant!r} in {', '.join(sorted(tables))}"

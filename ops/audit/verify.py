"""Verifies the audit of one tenant or of all: cases, audit log and checkpoints must agree."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from domain.engine.messages import DEFAULT_TENANT
from ops.audit.cases_verify import VerifyPool, rare_garbage_collection, verify_cases
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
from ops.child import Progress
from ops.findings import Comparison, Finding
from runtime.message import Message
from store import Store

Compare = Callable[[Sequence[str]], Awaitable[Mapping[str, Comparison]]]
"""Returns further comparisons for these tenants, by name."""

ENTRIES = "entries"
NO_BASELINE = Baseline()
TABLES: Final = ("cases", "entries", "audit", "audit_waiting", "audit_checkpoints")
"""The tables that verification reads."""
AUDIT_TABLES: Final = frozenset({"audit", "audit_waiting", "audit_checkpoints"})
"""Every tenant who did anything, or whose cases did, has rows in one of them."""


def silent(_what: str, _done: int, _all: int | None) -> None:
    """Report no progress."""


async def no_comparison(_tenants: Sequence[str]) -> Mapping[str, Comparison]:
    """Compare with nothing beyond the audit log."""
    return {}


@dataclass
class Report:
    """What was verified, and what is wrong with it.

    `tenants` are those whose rows were verified. `unsealed` counts entries that no checkpoint
    covers yet: they are in the audit log, which nobody has signed so far. `until` is when the
    newest checkpoint was made; `compared` counts what was compared beyond the audit log.
    """

    tenants: list[str] = field(default_factory=list)
    entries: int = 0
    unsealed: int = 0
    rows: int = 0
    checkpoints: int = 0
    until: str | None = None
    compared: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def add(self, tenant: str, other: "Report") -> None:
        """Add the report of one tenant."""
        self.entries += other.entries
        self.unsealed += other.unsealed
        self.rows += other.rows
        self.checkpoints += other.checkpoints
        self.until = max(filter(None, (self.until, other.until)), default=None)
        self.findings += [replace(finding, tenant=tenant) for finding in other.findings]

    async def add_comparison(self, name: str, comparison: Comparison, progress: Progress) -> None:
        """Add the findings of a comparison, and count what it compared."""
        self.compared[name] = 0
        async for _, finding in comparison:
            self.compared[name] += 1
            self.findings += [finding] if finding else []
            progress(name, self.compared[name], None)


@dataclass(frozen=True)
class Verifier:
    """Verifies one tenant in a store, with its checkpoints and the keys that may have signed them.

    `patience` is how many seconds a checkpoint that is being written has to arrive outside;
    `pool` are further processes that verify cases.
    """

    store: Store
    checkpoint_store: CheckpointStore
    keys: PublicKeys
    tenant: str = "default"
    patience: float = PATIENCE
    pool: VerifyPool | None = None

    async def verify(self, baseline: Baseline = NO_BASELINE, progress: Progress = silent) -> Report:
        """Return everything that is wrong. The system may run meanwhile.

        Args:
            baseline: what somebody kept, which everything must extend.
            progress: called after every stretch of cases.
        """
        report = Report()
        checkpoints = await self._verify_checkpoints(report, baseline)
        # The log is read while the pool is busy with the cases.
        log = asyncio.create_task(verify_log(self.store, self.tenant, checkpoints))
        try:
            with rare_garbage_collection():
                case_findings = await self._verify_cases(report, progress)
                replay = await log
        finally:
            log.cancel()
        report.rows = replay.size
        report.findings += [*replay.findings, *case_findings]
        return report

    async def _verify_checkpoints(self, report: Report, baseline: Baseline) -> list[Checkpoint]:
        stored = await read_checkpoints(
            self.store, self.checkpoint_store, self.tenant, self.patience
        )
        checkpoints, findings = verify_checkpoints(self.tenant, stored, self.keys)
        report.checkpoints = len(checkpoints)
        report.until = checkpoints[-1].at.isoformat() if checkpoints else None
        report.findings += [*findings, *verify_baseline(checkpoints, baseline, self.keys)]
        return checkpoints

    async def _verify_cases(self, report: Report, progress: Progress) -> list[Finding]:
        findings: list[Finding] = []
        async for stretch, total in verify_cases(self.store, self.tenant, self.pool):
            report.entries += stretch.entries
            report.unsealed += stretch.unsealed
            findings += stretch.findings
            progress(ENTRIES, report.entries, total)
        return sorted(findings, key=lambda finding: (finding.number or "", finding.seq or 0))


@dataclass(frozen=True)
class TenantsVerifier:
    """Verifies all tenants, or the one that is named.

    A tenant is one whom the audit log knows, or who has a checkpoint outside. Rows of any other
    tenant were put there by somebody.
    """

    verifier: Verifier
    tenant: str | None = None

    async def verify(
        self,
        baseline: Baseline = NO_BASELINE,
        progress: Progress = silent,
        compare: Compare = no_comparison,
    ) -> Report:
        """Return everything that is wrong, each finding with its tenant.

        Args:
            baseline: what somebody kept. Its checkpoint says itself whose it is; its number of rows
                is the named tenant's, else the default tenant's.
            progress: called as verification goes on.
            compare: what else the cases are compared with.
        """
        report = Report()
        lacks = await self.verifier.store.inventory.missing(TABLES)
        if lacks:
            report.findings = [Finding("table_missing", lack) for lack in lacks]
            return report
        report.tenants, report.findings = await self._tenants()
        report.findings += self._lost_tenants(baseline, report.tenants)
        for tenant in report.tenants:
            verifier = replace(self.verifier, tenant=tenant)
            report.add(tenant, await verifier.verify(self._baseline_of(tenant, baseline), progress))
        for name, comparison in (await compare(report.tenants)).items():
            await report.add_comparison(name, comparison, progress)
        return report

    async def _tenants(self) -> tuple[list[str], list[Finding]]:
        """Return the tenants, and the findings about rows of anybody else."""
        if self.tenant is not None:
            return [self.tenant], []
        inventory = await self.verifier.store.inventory.tenants()
        tenants = {tenant for tenant, tables in inventory.items() if AUDIT_TABLES & set(tables)}
        tenants |= set(await self.verifier.checkpoint_store.tenants())
        unknown = [
            Finding("tenant_unknown", _unknown_rows(tenant, tables), tenant=tenant)
            for tenant, tables in sorted(inventory.items())
            if tenant not in tenants
        ]
        return sorted(tenants) or [DEFAULT_TENANT], unknown

    def _baseline_of(self, tenant: str, baseline: Baseline) -> Baseline:
        """Return the part of the baseline that is this tenant's."""
        trusted = baseline.checkpoint
        counts = tenant == (self.tenant or DEFAULT_TENANT)
        theirs = self.tenant is not None or (trusted and trusted.tenant == tenant)
        return Baseline(trusted if theirs else None, baseline.rows if counts else 0)

    def _lost_tenants(self, baseline: Baseline, tenants: Sequence[str]) -> list[Finding]:
        """Return a finding for each tenant of the baseline of whom nothing is left."""
        if self.tenant is not None:
            return []
        expected = {baseline.checkpoint.tenant} if baseline.checkpoint else set()
        expected |= {DEFAULT_TENANT} if baseline.rows else set()
        why = Message("something of it was kept, and nothing is there")
        return [
            Finding("rolled_back", why, tenant=each) for each in sorted(expected - set(tenants))
        ]


def _unknown_rows(tenant: str, tables: Sequence[str]) -> str:
    rows = Message(
        "there are rows of a tenant %(tenant)s in %(tables)s",
        tenant=f"{tenant!r}",
        tables=[*sorted(tables)],
    )
    return Message("%(rows)s, and the audit log knows none", rows=rows)

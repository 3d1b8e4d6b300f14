"""`banjie audit`: is anything not as it was recorded? For auditors, and for those who run it."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.audit import log, proof
from cli.audit.options import (
    CheckpointsUrl,
    PublicKey,
    find_checkpoint_store,
    find_public_keys,
    find_signer,
    read_checkpoint,
)
from cli.core.command import AsJson, DataDir, noun_app, run_command
from cli.core.exits import CommandFailed, Exit, Refused
from cli.core.i18n import system_reason, translate
from cli.core.operator import (
    DEFAULT_TENANT,
    ArchiveUrl,
    DatabaseUrl,
    Namespace,
    TemporalTarget,
    connect_temporal,
    find_database_url,
    find_temporal,
    open_store,
    report_damage,
    run_async,
    run_operator_command,
)
from cli.core.output import CommandResult, local_time, sentence, table
from cli.core.progress import phased_progress

if TYPE_CHECKING:
    from ops.audit.cases_verify import VerifyPool
    from ops.audit.checkpoints import Checkpoint
    from ops.audit.verify import Report
    from ops.findings import Comparison, Finding
    from store import Store

FromCheckpoint = Annotated[
    Path | None, typer.Option(help="A checkpoint you kept; all must go on from it.")
]
OneTenant = Annotated[
    str | None, typer.Option("--tenant", help="Only this one's; else everybody's.")
]
AgainstTemporal = Annotated[
    bool, typer.Option("--against-temporal", help="Also against what the workflows recorded.")
]
AgainstArchive = Annotated[
    bool, typer.Option("--against-archive", help="Also the archived runs, against the audit log.")
]
HEADERS = ("finding", "case", "entry", "what is wrong")

app = noun_app("Tamper evidence: verify, prove, check, checkpoint, keygen, log.")
app.command("log")(log.log)


@app.callback()
def root() -> None:
    """Tamper evidence: verify, prove, check, checkpoint, keygen, log."""


@app.command("verify")
def verify(  # noqa: PLR0913, PLR0917 — each is a word of the command line
    public_key: PublicKey = None,
    from_checkpoint: FromCheckpoint = None,
    at_least: Annotated[int, typer.Option(min=0, help="So many rows must be covered.")] = 0,
    against_temporal: AgainstTemporal = False,
    against_archive: AgainstArchive = False,
    tenant: OneTenant = None,
    checkpoints_url: CheckpointsUrl = None,
    archive_url: ArchiveUrl = None,
    database_url: DatabaseUrl = None,
    temporal_target: TemporalTarget = None,
    namespace: Namespace = "default",
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Verify histories, audit log, checkpoints; exit code 10 if anything is not as it was."""

    def work() -> CommandResult:
        from ops.audit.cases_verify import verify_pool
        from ops.audit.checkpoints_verify import Baseline
        from ops.audit.verify import TenantsVerifier, Verifier

        url = find_database_url(data_dir, database_url)
        keys = find_public_keys(public_key, data_dir)
        checkpoint_store = find_checkpoint_store(checkpoints_url, url)
        baseline = Baseline(read_checkpoint(from_checkpoint), at_least)
        target = find_temporal(data_dir, temporal_target) if against_temporal else None
        options = ComparisonOptions(tenant, archive_url, target, namespace, against_archive)

        async def run(pool: "VerifyPool | None") -> "Report":
            with report_damage(), phased_progress() as update:
                async with open_store(url, tenant or DEFAULT_TENANT) as store:
                    verifier = Verifier(store, checkpoint_store, keys, pool=pool)
                    comparisons = partial(options.comparisons, store, url)
                    verify_tenants = TenantsVerifier(verifier, tenant).verify
                    return await verify_tenants(baseline, update, comparisons)

        with verify_pool(url) as pool:
            return _verification_result(run_async(run(pool)))

    run_operator_command(work, as_json=as_json)


@app.command("checkpoint")
def checkpoint(
    key: Annotated[
        Path | None, typer.Option(envvar="BANJIE_AUDIT_KEY", help="PEM of the private key.")
    ] = None,
    checkpoints_url: CheckpointsUrl = None,
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Seal what waits now, for all tenants, and write signed checkpoints."""

    def work() -> CommandResult:
        from ops.audit.sealer import Diverged, Sealer

        url = find_database_url(data_dir, database_url)
        signer = find_signer(key, data_dir)
        checkpoint_store = find_checkpoint_store(checkpoints_url, url)

        async def run() -> "list[Checkpoint]":
            async with open_store(url) as store:
                return await Sealer(store, checkpoint_store, signer).seal_all()

        try:
            return _checkpoints_result(run_async(run()))
        except Diverged as error:
            raise Refused(str(error)) from None

    run_operator_command(work, as_json=as_json)


@app.command("keygen")
def keygen(
    file: Annotated[Path, typer.Argument(help="Where the private key goes, e.g. audit.pem.")],
    as_json: AsJson = False,
) -> None:
    """Make a key: FILE for whoever seals alone, and the public half beside it, for everybody."""

    def work() -> CommandResult:
        from ops.audit.keys import make_key, public_path

        try:
            signer = make_key(file)
        except FileExistsError:
            raise Refused(
                translate("%(file)s is there already, and no key is ever written over.", file=file)
            ) from None
        except OSError as error:
            raise CommandFailed(
                translate(
                    "%(file)s cannot be written (%(why)s).",
                    file=file,
                    why=system_reason(error),
                )
            ) from None
        public = public_path(file)
        document = {"key": signer.id, "private": str(file), "public": str(public)}
        message = translate(
            "Private: %(file)s, for the sealer alone. Public: %(public)s, to be kept elsewhere.",
            file=file,
            public=public,
        )
        return CommandResult(document, sentence(message))

    run_command(work, as_json=as_json)


app.command("prove")(proof.prove)
app.command("check")(proof.check)


@dataclass(frozen=True)
class ComparisonOptions:
    """What is compared with the store; `temporal_target` is None if the workflows are not.

    Without a tenant, archived runs of all tenants are compared.
    """

    tenant: str | None
    archive_url: str | None
    temporal_target: str | None
    namespace: str
    archived: bool

    async def comparisons(
        self, store: "Store", url: str, tenants: Sequence[str]
    ) -> "dict[str, Comparison]":
        """Return the comparisons for these tenants, by what is compared.

        Raises:
            ConnectionError: Temporal does not answer.
            WrongUrl
        """
        if not (self.archived or self.temporal_target):
            return {}
        from ops.audit.archive_compare import ArchiveComparison
        from ops.audit.temporal_compare import TemporalComparison
        from store.archive import Archive, default_archive_url
        from temporal.converter import data_converter

        comparisons: dict[str, Comparison] = {}
        archive = Archive(self.archive_url or default_archive_url(url))
        if self.temporal_target:
            client = await connect_temporal(self.temporal_target, self.namespace)
            comparisons["histories"] = _for_each(
                tenants, lambda tenant: TemporalComparison(client, store, archive, tenant).compare()
            )
        if self.archived:
            converter = data_converter()
            archived = [] if self.tenant else await archive.tenants()
            comparisons["archived runs"] = _for_each(
                sorted({*tenants, *archived}),
                lambda tenant: ArchiveComparison(archive, store, converter, tenant).compare(),
            )
        return comparisons


async def _for_each(
    tenants: Sequence[str], compare: "Callable[[str], Comparison]"
) -> "AsyncIterator[tuple[str, Finding | None]]":
    for tenant in tenants:
        async for what, finding in compare(tenant):
            yield what, replace(finding, tenant=tenant) if finding else None


def _verification_result(report: "Report") -> CommandResult:
    document = {"verified": not report.findings, **vars(report)}
    document["findings"] = [vars(finding) for finding in report.findings]
    if not report.findings:
        return CommandResult(document, sentence(_summary(report)))
    several = len({finding.tenant for finding in report.findings} | {*report.tenants}) > 1
    rows = [
        (f.code, *([f.tenant or ""] if several else []), f.number or "", f.seq or "", f.detail)
        for f in report.findings
    ]
    headers = (HEADERS[0], *(["tenant"] if several else []), *HEADERS[1:])
    return CommandResult(document, table(headers, rows, ""), Exit.NOT_VERIFIED)


def _summary(report: "Report") -> str:
    until = translate(", the newest of %(at)s", at=local_time(report.until)) if report.until else ""
    compared = "".join(
        translate(" %(n)s %(what)s tell the same.", n=n, what=what)
        for what, n in report.compared.items()
    )
    unsealed = (
        translate(" %(unsealed)s entries are not sealed yet.", unsealed=report.unsealed)
        if report.unsealed
        else ""
    )
    tenants = (
        translate(" of %(tenants)s tenants", tenants=len(report.tenants))
        if len(report.tenants) > 1
        else ""
    )
    return translate(
        "All is as it was recorded: %(entries)s entries%(tenants)s, %(rows)s "
        "rows of the audit log, %(checkpoints)s "
        "checkpoints%(until)s.%(unsealed)s%(compared)s",
        entries=report.entries,
        tenants=tenants,
        rows=report.rows,
        checkpoints=report.checkpoints,
        until=until,
        unsealed=unsealed,
        compared=compared,
    )


def _checkpoints_result(checkpoints: "list[Checkpoint]") -> CommandResult:
    items = [each.model_dump(mode="json") for each in checkpoints]
    lines = [
        translate(
            "%(tenant)s: checkpoint %(n)s covers %(count)s rows.",
            tenant=each.tenant,
            n=each.n,
            count=each.count,
        )
        for each in checkpoints
    ]
    text = "\n".join(lines) or translate("Nothing waits to be sealed.")
    return CommandResult({"items": items}, sentence(text))

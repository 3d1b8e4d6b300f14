"""`banjie audit`: is anything not as it was recorded? For auditors, and for those who run it."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cli.core.operator import engine

if TYPE_CHECKING:
    from ops.findings import Comparison, Finding
    from store import Store
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.audit.options import CheckpointsUrl, find_checkpoint_store, find_signer
from cli.core.command import AsJson, DataDir, finish
from cli.core.exits import CommandFailed, Refused
from cli.core.operator import DatabaseUrl, carry_out, end, find_store, opened
from cli.core.output import Shown, sentence

if TYPE_CHECKING:
    from ops.audit.checkpoints import Checkpoint
from functools import partial
from typing import TYPE_CHECKING

from cli.archive.render import ArchiveUrl
from cli.audit import log, proof
from cli.audit.options import PublicKey, damage_told, find_keys, kept
from cli.core.command import new_app
from cli.core.exits import Exit
from cli.core.operator import (
    DEFAULT_TENANT,
    Namespace,
    TemporalTarget,
    find_engine,
)
from cli.core.output import moment, table
from cli.core.progress import phases

if TYPE_CHECKING:
    from ops.audit.cases_verify import VerifyPool
    from ops.audit.verify import Report


@dataclass(frozen=True)
class Comparisons:
    """What was asked for; `engine` is Temporal's address, if it was, and its namespace.

    Without a tenant, runs in the archive are looked at whosever they are.
    """

    tenant: str | None
    archive_url: str | None
    engine: tuple[str | None, str]
    archived: bool

    async def of(self, store: "Store", url: str, tenants: Sequence[str]) -> "dict[str, Comparison]":
        """The comparisons for these tenants, by what they look at.

        Raises:
            ConnectionError: Temporal does not answer.
            WrongUrl
        """
        if not (self.archived or self.engine[0]):
            return {}
        from ops.audit.archive_compare import ArchiveComparison
        from ops.audit.temporal_compare import TemporalComparison
        from store.archive import Archive, default_archive_url
        from temporal.converter import data_converter

        found: dict[str, Comparison] = {}
        archive, (target, namespace) = (
            Archive(self.archive_url or default_archive_url(url)),
            self.engine,
        )
        if target:
            client = await engine(target, namespace)
            found["histories"] = _each(
                tenants, lambda tenant: TemporalComparison(client, store, archive, tenant).compare()
            )
        if self.archived:
            converter = data_converter()
            there = [] if self.tenant else await archive.tenants()
            found["archived runs"] = _each(
                sorted({*tenants, *there}),
                lambda tenant: ArchiveComparison(archive, store, converter, tenant).compare(),
            )
        return found


async def _each(
    tenants: Sequence[str], compare: "Callable[[str], Comparison]"
) -> "AsyncIterator[tuple[str, Finding | None]]":
    for tenant in tenants:
        async for what, finding in compare(tenant):
            yield what, replace(finding, tenant=tenant) if finding else None


def add_to(app: typer.Typer) -> None:
    """Make them commands."""
    app.command("checkpoint")(checkpoint)
    app.command("keygen")(keygen)


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

    def work() -> Shown:
        from ops.audit.sealer import Diverged

        url = find_store(data_dir, database_url)
        signer, checkpoint_store = (
            find_signer(key, data_dir),
            find_checkpoint_store(checkpoints_url, url),
        )

        async def run() -> "list[Checkpoint]":
            from ops.audit.sealer import Sealer

            async with opened(url) as store:
                return await Sealer(store, checkpoint_store, signer).seal_all()

        try:
            made = carry_out(run())
        except Diverged as error:
            raise Refused(str(error)) from None
        return _made(made)

    end(work, as_json=as_json)


def keygen(
    file: Annotated[Path, typer.Argument(help="Where the private key goes, e.g. audit.pem.")],
    as_json: AsJson = False,
) -> None:
    """Make a key: FILE for whoever seals alone, and the public half beside it, for everybody."""

    def work() -> Shown:
        from ops.audit.keys import make_key, public_path

        try:
            signer = make_key(file)
        except FileExistsError:
            raise Refused(f"{file} is there already, and no key is ever written over.") from None
        except OSError as error:
            raise CommandFailed(f"{file} cannot be written ({error.strerror}).") from None
        public = public_path(file)
        document = {"key": signer.id, "private": str(file), "public": str(public)}
        told = f"Private: {file}, for the sealer alone. Public: {public}, to be kept elsewhere."
        return Shown(document, sentence(told))

    finish(work, as_json=as_json)


def _made(made: "list[Checkpoint]") -> Shown:
    items = [point.model_dump(mode="json") for point in made]
    lines = [f"{each.tenant}: checkpoint {each.n} covers {each.count} rows." for each in made]
    return Shown({"items": items}, sentence("\n".join(lines) or "Nothing waits to be sealed."))


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
    bool, typer.Option("--against-archive", help="Also the archived runs, against the ledger.")
]

app = new_app("Tamper evidence: verify, prove, check, checkpoint, keygen, log.")
app.command("log")(log.log)

HEADS = ("finding", "case", "entry", "what is wrong")


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
    """Verify histories, ledger and checkpoints; exit code 10 if anything is not as it was."""

    def work() -> Shown:
        from ops.audit.cases_verify import verify_pool
        from ops.audit.checkpoints_verify import Baseline
        from ops.audit.verify import TenantsVerifier, Verifier

        url = find_store(data_dir, database_url)
        keys, checkpoint_store = (
            find_keys(public_key, data_dir),
            find_checkpoint_store(checkpoints_url, url),
        )
        baseline = Baseline(kept(from_checkpoint), at_least)
        target = find_engine(data_dir, temporal_target) if against_temporal else None
        more = Comparisons(tenant, archive_url, (target, namespace), against_archive)

        async def run(pool: "VerifyPool | None") -> "Report":
            with damage_told():
                async with opened(url, tenant or DEFAULT_TENANT) as store:
                    tenants_verifier = TenantsVerifier(
                        Verifier(store, checkpoint_store, keys, pool=pool), tenant
                    )
                    with phases() as told:
                        return await tenants_verifier.verify(
                            baseline, told, partial(more.of, store, url)
                        )

        with verify_pool(url) as pool:
            return _told(carry_out(run(pool)))

    end(work, as_json=as_json)


add_to(app)
app.command("prove")(proof.prove)
app.command("check")(proof.check)


def _told(report: "Report") -> Shown:
    document = {"verified": not report.findings, **vars(report)}
    document["findings"] = [vars(finding) for finding in report.findings]
    if not report.findings:
        return Shown(document, sentence(_summary(report)))
    whose = len({finding.tenant for finding in report.findings} | {*report.tenants}) > 1
    rows = [
        (f.code, *([f.tenant or ""] if whose else []), f.number or "", f.seq or "", f.detail)
        for f in report.findings
    ]
    heads = (HEADS[0], *(["tenant"] if whose else []), *HEADS[1:])
    return Shown(document, table(heads, rows, ""), Exit.NOT_VERIFIED)


def _summary(report: "Report") -> str:
    until = f", the newest of {moment(report.until)}" if report.until else ""
    more = "".join(f" {count} {what} tell the same." for what, count in report.compared.items())
    waits = f" {report.unsealed} entries are not sealed yet." if report.unsealed else ""
    whose = f" of {len(report.tenants)} tenants" if len(report.tenants) > 1 else ""
    return (
        f"All is as it was recorded: {report.entries} entries{whose}, "
        f"{report.rows} rows of the ledger, {report.checkpoints} checkpoints{until}.{waits}{more}"
    )

"""`banjie audit`: is anything not as it was recorded? For auditors, and for those who run it."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import acts, checking, proof, sealing
from cli.archiving import ArchiveUrl
from cli.auditing import (
    CheckpointsUrl,
    PublicKey,
    damage_told,
    find_keys,
    find_outside,
    kept,
)
from cli.command import AsJson, DataDir, new_app
from cli.comparing import Comparisons
from cli.failures import Exit
from cli.operating import (
    DEFAULT_TENANT,
    DatabaseUrl,
    Namespace,
    TemporalTarget,
    carry_out,
    end,
    find_engine,
    find_store,
    opened,
)
from cli.output import Shown, moment, sentence, table
from cli.phases import phases

if TYPE_CHECKING:
    from ops.audit.faults import Report
    from ops.audit.pool import Others

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
app.command("log")(acts.log)

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
        from ops.audit.everyone import Everyone
        from ops.audit.pool import others
        from ops.audit.trail import Held
        from ops.audit.verify import Verifier

        url = find_store(data_dir, database_url)
        keys, outside = find_keys(public_key, data_dir), find_outside(checkpoints_url, url)
        held = Held(kept(from_checkpoint), at_least)
        target = find_engine(data_dir, temporal_target) if against_temporal else None
        more = Comparisons(tenant, archive_url, (target, namespace), against_archive)

        async def run(beside: "Others | None") -> "Report":
            with damage_told():
                async with opened(url, tenant or DEFAULT_TENANT) as store:
                    everyone = Everyone(Verifier(store, outside, keys, beside=beside), tenant)
                    with phases() as told:
                        return await everyone.verify(held, told, partial(more.of, store, url))

        with others(url) as beside:
            return _told(carry_out(run(beside)))

    end(work, as_json=as_json)


sealing.add_to(app)
app.command("prove")(proof.prove)
app.command("check")(checking.check)


def _told(report: "Report") -> Shown:
    document = {"verified": not report.faults, **vars(report)}
    document["faults"] = [vars(fault) for fault in report.faults]
    if not report.faults:
        return Shown(document, sentence(_summary(report)))
    whose = len({fault.tenant for fault in report.faults} | {*report.tenants}) > 1
    rows = [
        (f.code, *([f.tenant or ""] if whose else []), f.number or "", f.seq or "", f.detail)
        for f in report.faults
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

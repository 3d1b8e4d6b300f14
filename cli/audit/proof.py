"""`banjie audit prove` and `check`: a case's history, proved to somebody who trusts only a key."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.audit.options import PublicKey, find_public_keys, read_checkpoint, read_file
from cli.core.atomic_write import write_file
from cli.core.command import AsJson, DataDir, run_command
from cli.core.exits import Exit, NotFound, NotVerified, Refused
from cli.core.i18n import translate
from cli.core.operator import (
    DatabaseUrl,
    Tenant,
    find_database_url,
    open_store,
    report_damage,
    run_async,
    run_operator_command,
)
from cli.core.output import CommandResult, local_time, sentence, table

if TYPE_CHECKING:
    from ops.audit.checkpoints import Checkpoint
    from ops.audit.proof import Proof

FromCheckpoint = Annotated[
    Path | None, typer.Option(help="A checkpoint you kept; the proof must go on from it.")
]
Since = Annotated[
    Path | None, typer.Option(help="An older checkpoint; prove that all went on from it.")
]
HEADERS = ("finding", "entry", "what is wrong")


def prove(
    number: Annotated[str, typer.Argument(help="The case's number, e.g. TS202603024829107.")],
    out: Annotated[Path | None, typer.Option(help="Write it here; else it is printed.")] = None,
    with_entries: Annotated[
        bool, typer.Option("--with-entries", help="Put in all that was said, not only hashes.")
    ] = False,
    since: Since = None,
    tenant: Tenant = "default",
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Prove that entries stood in a case's history at the newest checkpoint; for `audit check`."""

    def work() -> CommandResult:
        from ops.audit.proof import NotSealed, Tampered, UnknownCase

        url, older = find_database_url(data_dir, database_url), read_checkpoint(since)
        try:
            proof = run_async(_prove(url, tenant, number, older, with_entries=with_entries))
        except UnknownCase as error:
            raise NotFound(str(error)) from None
        except NotSealed as error:
            raise Refused(str(error)) from None
        except Tampered as error:
            raise NotVerified(str(error)) from None
        return _proof_result(proof, out)

    run_operator_command(work, as_json=as_json)


def check(
    file: Annotated[Path, typer.Argument(help="The proof.")],
    public_key: PublicKey = None,
    from_checkpoint: FromCheckpoint = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Check a proof with the public key alone, no store, no network; exit code 10 if it fails.

    It shows that its entries stood there, from the first to the last it names; not that no others
    came after them.
    """

    def work() -> CommandResult:
        from ops.audit.proof_check import InvalidProof, check_proof, read_proof

        keys = find_public_keys(public_key, data_dir)
        older = read_checkpoint(from_checkpoint)
        try:
            proof = read_proof(read_file(file))
        except InvalidProof as error:
            raise NotVerified(
                translate("%(name)s: %(value)s", name=file, value=str(error))
            ) from None
        findings = check_proof(proof, keys, older)
        document = {
            "verified": not findings,
            **_document(proof),
            "findings": [vars(finding) for finding in findings],
        }
        if findings:
            rows = [(f.code, f.seq or "", f.detail) for f in findings]
            return CommandResult(document, table(HEADERS, rows, ""), Exit.NOT_VERIFIED)
        return CommandResult(document, sentence(_confirmation(proof)))

    run_command(work, as_json=as_json)


async def _prove(
    url: str, tenant: str, number: str, since: "Checkpoint | None", *, with_entries: bool
) -> "Proof":
    from ops.audit.proof import prove as make_proof

    with report_damage():
        async with open_store(url, tenant) as store:
            return await make_proof(store, tenant, number, with_entries=with_entries, since=since)


def _proof_result(proof: "Proof", out: Path | None) -> CommandResult:
    text = proof.model_dump_json(indent=1, exclude_none=True)
    if out is None:
        return CommandResult(proof.model_dump(mode="json", exclude_none=True), sentence(text))
    write_file(out, (text + "\n").encode())
    return CommandResult(
        {"file": str(out), **_document(proof)}, sentence(f"{out}: {_about(proof)}.")
    )


def _document(proof: "Proof") -> dict[str, object]:
    return {
        "number": proof.number,
        "entries": len(proof.entries),
        "unsealed": list(proof.unsealed),
        "checkpoint": proof.checkpoint.n,
        "at": proof.checkpoint.at.isoformat(),
    }


def _about(proof: "Proof") -> str:
    unsealed = (
        translate("; %(unsealed)s more are not sealed yet", unsealed=len(proof.unsealed))
        if proof.unsealed
        else ""
    )
    point = proof.checkpoint
    return translate(
        "%(entries)s entries of %(number)s, as of checkpoint %(n)s, %(at)s%(unsealed)s",
        entries=len(proof.entries),
        number=proof.number,
        n=point.n,
        at=local_time(point.at.isoformat()),
        unsealed=unsealed,
    )


def _confirmation(proof: "Proof") -> str:
    since = (
        translate(" It goes on from checkpoint %(n)s.", n=proof.since.checkpoint.n)
        if proof.since
        else ""
    )
    return translate(
        "The proof holds: %(about)s.%(since)s They stood without a gap from 1 to %(last)s; "
        "whether others came after them, no proof shows.",
        about=_about(proof),
        since=since,
        last=len(proof.entries),
    )

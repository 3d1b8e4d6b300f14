"""`banjie audit prove`: a case's history, proved to somebody who trusts only a key."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.audit.options import NotVerified, PublicKey, find_keys, kept, read
from cli.core.command import AsJson, DataDir, finish
from cli.core.exits import Exit
from cli.core.output import Shown, moment, sentence, table

if TYPE_CHECKING:
    from ops.audit.proof import Proof
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING

from cli.audit.options import damage_told
from cli.core.exits import CommandFailed, NotFound, Refused
from cli.core.operator import DatabaseUrl, Tenant, carry_out, end, find_store, opened

if TYPE_CHECKING:
    from ops.audit.proof import Proof


FromCheckpoint = Annotated[
    Path | None, typer.Option(help="A checkpoint you kept; the proof must go on from it.")
]
HEADS = ("finding", "entry", "what is wrong")
LIMITS = "They stood without a gap from 1 to {}; whether others came after them, no proof shows."


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

    def work() -> Shown:
        from ops.audit.proof_check import InvalidProof, check_proof, read_proof

        keys, old = find_keys(public_key, data_dir), kept(from_checkpoint)
        try:
            proof = read_proof(read(file))
        except InvalidProof as error:
            raise NotVerified(f"{file}: {error}") from None
        findings = check_proof(proof, keys, old)
        document = {
            "verified": not findings,
            **about(proof),
            "findings": [vars(f) for f in findings],
        }
        if findings:
            rows = [(f.code, f.seq or "", f.detail) for f in findings]
            draw = table(HEADS, rows, "")
            return Shown(document, draw, Exit.NOT_VERIFIED)
        return Shown(document, sentence(_holds(proof)))

    finish(work, as_json=as_json)


def about(proof: "Proof") -> dict[str, object]:
    """What a proof is about, for programs."""
    return {
        "number": proof.number,
        "entries": len(proof.entries),
        "unsealed": list(proof.unsealed),
        "checkpoint": proof.checkpoint.n,
        "at": proof.checkpoint.at.isoformat(),
    }


def counted(proof: "Proof") -> str:
    """The same in words."""
    later = f"; {len(proof.unsealed)} more are not sealed yet" if proof.unsealed else ""
    point = proof.checkpoint
    when = moment(point.at.isoformat())
    return (
        f"{len(proof.entries)} entries of {proof.number}, as of checkpoint {point.n}, {when}{later}"
    )


def _holds(proof: "Proof") -> str:
    since = f" It goes on from checkpoint {proof.since.checkpoint.n}." if proof.since else ""
    return f"The proof holds: {counted(proof)}.{since} {LIMITS.format(len(proof.entries))}"


ConsistencyProof = Annotated[
    Path | None, typer.Option(help="An older checkpoint; prove that all went on from it.")
]


def prove(
    number: Annotated[str, typer.Argument(help="The case's number, e.g. TS202603024829107.")],
    out: Annotated[Path | None, typer.Option(help="Write it here; else it is printed.")] = None,
    with_entries: Annotated[
        bool, typer.Option("--with-entries", help="Put in all that was said, not only hashes.")
    ] = False,
    since: ConsistencyProof = None,
    tenant: Tenant = "default",
    database_url: DatabaseUrl = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Prove that entries stood in a case's history at the newest checkpoint; for `audit check`."""

    def work() -> Shown:
        url, old = find_store(data_dir, database_url), kept(since)

        async def run() -> "Proof":
            from ops.audit.proof import prove as make

            with damage_told():
                async with opened(url, tenant) as store:
                    return await make(store, tenant, number, with_entries=with_entries, since=old)

        return _proved(_carry_out(run), out)

    end(work, as_json=as_json)


def _carry_out(run: Callable[[], Coroutine[None, None, "Proof"]]) -> "Proof":
    from ops.audit.proof import NotSealed, Tampered, UnknownCase

    try:
        return carry_out(run())
    except UnknownCase as error:
        raise NotFound(str(error)) from None
    except NotSealed as error:
        raise Refused(str(error)) from None
    except Tampered as error:
        raise NotVerified(str(error)) from None


def _proved(proof: "Proof", out: Path | None) -> Shown:
    from cli.core.atomic_write import put

    text = proof.model_dump_json(indent=1, exclude_none=True)
    if out is None:
        return Shown(proof.model_dump(mode="json", exclude_none=True), sentence(text))
    try:
        put(out, (text + "\n").encode())
    except OSError as error:
        raise CommandFailed(f"{out} cannot be written ({error.strerror}).") from None
    return Shown({"file": str(out), **about(proof)}, sentence(f"{out}: {counted(proof)}."))

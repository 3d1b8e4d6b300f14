"""`banjie audit prove` and `check`: a case's history, proved to somebody who trusts only a key."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.auditing import NotVerified, PublicKey, find_keys, kept, read
from cli.command import AsJson, DataDir, finish
from cli.failures import CommandFailed, Exit, NotFound, Refused
from cli.operating import DatabaseUrl, Tenant, carry_out, end, find_store, opened
from cli.output import Shown, moment, sentence, table

if TYPE_CHECKING:
    from ops.audit.proofs import Proof

Since = Annotated[
    Path | None, typer.Option(help="An older checkpoint; prove that all went on from it.")
]


def add_to(app: typer.Typer) -> None:
    """Make them commands."""
    app.command("prove")(prove)
    app.command("check")(check)


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
    """Prove what a case's history was at the newest checkpoint, for `banjie audit check`."""

    def work() -> Shown:
        url, old = find_store(data_dir, database_url), kept(since)

        async def run() -> "Proof":
            from ops.audit.prove import prove as make

            async with opened(url) as store:
                if await store.cases.get(tenant, number) is None:
                    raise NotFound(f"There is no case {number}.")
                return await make(store, tenant, number, with_entries=with_entries, since=old)

        return _proved(_carry_out(run), out)

    end(work, as_json=as_json)


def check(
    file: Annotated[Path, typer.Argument(help="The proof.")],
    public_key: PublicKey = None,
    from_checkpoint: Since = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Check a proof with the public key alone: no store, no network; exit code 10 if it fails."""

    def work() -> Shown:
        from ops.audit.check import NoProof, read_proof
        from ops.audit.check import check as judge

        keys, old = find_keys(public_key, data_dir), kept(from_checkpoint)
        try:
            proof = read_proof(read(file))
        except NoProof as error:
            raise NotVerified(str(error)) from None
        faults = judge(proof, keys, old)
        document = {"verified": not faults, **_about(proof), "faults": [vars(f) for f in faults]}
        if faults:
            rows = [(f.code, f.seq or "", f.detail) for f in faults]
            draw = table(("finding", "entry", "what is wrong"), rows, "")
            return Shown(document, draw, Exit.NOT_VERIFIED)
        return Shown(document, sentence(_holds(proof)))

    finish(work, as_json=as_json)


def _carry_out(run: Callable[[], Coroutine[None, None, "Proof"]]) -> "Proof":
    from ops.audit.prove import Tampered, Unsealed

    try:
        return carry_out(run())
    except Unsealed as error:
        raise Refused(str(error)) from None
    except Tampered as error:
        raise NotVerified(str(error)) from None


def _proved(proof: "Proof", out: Path | None) -> Shown:
    from cli.writing import put

    text = proof.model_dump_json(indent=1, exclude_none=True)
    if out is None:
        return Shown(proof.model_dump(mode="json", exclude_none=True), sentence(text))
    try:
        put(out, (text + "\n").encode())
    except OSError as error:
        raise CommandFailed(f"{out} cannot be written ({error.strerror}).") from None
    return Shown({"file": str(out), **_about(proof)}, sentence(f"{out}: {_counted(proof)}."))


def _about(proof: "Proof") -> dict[str, object]:
    return {
        "number": proof.number,
        "entries": len(proof.entries),
        "unsealed": list(proof.unsealed),
        "checkpoint": proof.checkpoint.n,
        "at": proof.checkpoint.at.isoformat(),
    }


def _counted(proof: "Proof") -> str:
    later = f"; {len(proof.unsealed)} more are not sealed yet" if proof.unsealed else ""
    point = proof.checkpoint
    when = moment(point.at.isoformat())
    return (
        f"{len(proof.entries)} entries of {proof.number}, as of checkpoint {point.n}, {when}{later}"
    )


def _holds(proof: "Proof") -> str:
    since = f" It goes on from checkpoint {proof.since.checkpoint.n}." if proof.since else ""
    return f"The proof holds: {_counted(proof)}.{since}"

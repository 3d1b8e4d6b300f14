"""`banjie audit check`: does a proof hold, by the public key alone?"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.auditing import NotVerified, PublicKey, find_keys, kept, read
from cli.command import AsJson, DataDir, finish
from cli.failures import Exit
from cli.output import Shown, moment, sentence, table

if TYPE_CHECKING:
    from ops.audit.proofs import Proof

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
        from ops.audit.check import NoProof, read_proof
        from ops.audit.check import check as judge

        keys, old = find_keys(public_key, data_dir), kept(from_checkpoint)
        try:
            proof = read_proof(read(file))
        except NoProof as error:
            raise NotVerified(f"{file}: {error}") from None
        faults = judge(proof, keys, old)
        document = {"verified": not faults, **about(proof), "faults": [vars(f) for f in faults]}
        if faults:
            rows = [(f.code, f.seq or "", f.detail) for f in faults]
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

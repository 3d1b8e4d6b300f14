"""`banjie audit prove`: a case's history, proved to somebody who trusts only a key."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.auditing import NotVerified, damage_told, kept
from cli.checking import about, counted
from cli.command import AsJson, DataDir
from cli.failures import CommandFailed, NotFound, Refused
from cli.operating import DatabaseUrl, Tenant, carry_out, end, find_store, opened
from cli.output import Shown, sentence

if TYPE_CHECKING:
    from ops.audit.proofs import Proof

Since = Annotated[
    Path | None, typer.Option(help="An older checkpoint; prove that all went on from it.")
]


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

    def work() -> Shown:
        url, old = find_store(data_dir, database_url), kept(since)

        async def run() -> "Proof":
            from ops.audit.prove import prove as make

            with damage_told():
                async with opened(url, tenant) as store:
                    return await make(store, tenant, number, with_entries=with_entries, since=old)

        return _proved(_carry_out(run), out)

    end(work, as_json=as_json)


def _carry_out(run: Callable[[], Coroutine[None, None, "Proof"]]) -> "Proof":
    from ops.audit.prove import Tampered, Unknown, Unsealed

    try:
        return carry_out(run())
    except Unknown as error:
        raise NotFound(str(error)) from None
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
    return Shown({"file": str(out), **about(proof)}, sentence(f"{out}: {counted(proof)}."))

"""`banjie audit checkpoint` and `keygen`: sealing by hand, and the key that seals."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.auditing import CheckpointsUrl, find_outside, find_signer
from cli.command import AsJson, DataDir, finish
from cli.failures import CommandFailed, Refused
from cli.operating import DatabaseUrl, carry_out, end, find_store, opened
from cli.output import Shown, sentence

if TYPE_CHECKING:
    from ops.audit.checkpoints import Checkpoint


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
        from ops.audit.sealing import Diverged

        url = find_store(data_dir, database_url)
        signer, outside = find_signer(key, data_dir), find_outside(checkpoints_url, url)

        async def run() -> "list[Checkpoint]":
            from ops.audit.sealing import Sealer

            async with opened(url) as store:
                return await Sealer(store, outside, signer).seal_all()

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
        from ops.audit.keyfiles import make_key, public_path

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

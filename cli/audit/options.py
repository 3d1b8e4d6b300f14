"""What the commands of `banjie audit` share: where keys and checkpoints are."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.core.exits import CommandFailed, NotFound, NotVerified, WrongUsage
from cli.core.i18n import system_reason, translate
from cli.core.operator import data_folder

if TYPE_CHECKING:
    from ops.audit.checkpoint_store import CheckpointStore
    from ops.audit.checkpoints import Checkpoint
    from ops.audit.keys import PublicKeys, Signer


PublicKey = Annotated[
    list[Path] | None,
    typer.Option(
        help="PEM of the public key; again for older keys. [beside the data folder's key]"
    ),
]
CheckpointsUrl = Annotated[
    str | None,
    typer.Option(envvar="BANJIE_CHECKPOINTS_URL", help="file:///… or s3://…, with checkpoints."),
]


def find_public_keys(files: list[Path] | None, data_dir: Path | None) -> "PublicKeys":
    """Return the public keys: as named, or the one in the data folder.

    Raises:
        WrongUsage: none is named, and none is there.
        NotFound: a file that is named is not there.
        CommandFailed: it holds none.
    """
    from ops.audit.keys import InvalidKey, public_path, read_public_keys

    own = public_path(data_folder(data_dir).audit_key)
    if not files and not own.exists():
        raise WrongUsage(
            translate("There is no public key at %(own)s; name one with --public-key.", own=own)
        )
    for file in files or ():
        read_file(file)
    try:
        return read_public_keys(files or [own])
    except InvalidKey as error:
        raise CommandFailed(str(error)) from None


def find_signer(file: Path | None, data_dir: Path | None) -> "Signer":
    """Return the private key: as named, or the one in the data folder.

    Raises:
        WrongUsage: none is named, and none is there.
        NotFound: the file that is named is not there.
        CommandFailed: it holds none.
    """
    from ops.audit.keys import InvalidKey, read_signer

    own = data_folder(data_dir).audit_key
    if file is None and not own.exists():
        raise WrongUsage(
            translate(
                "There is no key at %(own)s; name one with --key, or make it: banjie audit keygen.",
                own=own,
            )
        )
    if file is not None:
        read_file(file)
    try:
        return read_signer(file or own)
    except InvalidKey as error:
        raise CommandFailed(str(error)) from None


def find_checkpoint_store(url: str | None, database_url: str) -> "CheckpointStore":
    """Return where the checkpoints are: as named, or beside the archive.

    Raises:
        WrongUsage: the address is none.
    """
    from ops.audit.checkpoint_store import CheckpointStore, default_checkpoints_url
    from store.errors import WrongUrl

    try:
        return CheckpointStore(url or default_checkpoints_url(database_url))
    except WrongUrl as error:
        raise WrongUsage(str(error)) from None


def read_checkpoint(file: Path | None) -> "Checkpoint | None":
    """Return the checkpoint in a file that somebody kept, if one is named.

    Raises:
        NotFound, NotVerified
    """
    from ops.audit.checkpoints import InvalidCheckpoint, parse_checkpoint

    if file is None:
        return None
    try:
        return parse_checkpoint(read_file(file))
    except InvalidCheckpoint as error:
        raise NotVerified(translate("%(file)s: %(why)s.", file=file, why=error.args[0])) from None


def read_file(file: Path) -> bytes:
    """Return what is in a file.

    Raises:
        NotFound: it cannot be read.
    """
    try:
        return file.read_bytes()
    except OSError as error:
        raise NotFound(
            translate("%(file)s cannot be read (%(why)s).", file=file, why=system_reason(error))
        ) from None

"""What the commands of `banjie audit` share: where keys and checkpoints are."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.core.client_file import data_dir as chosen_dir
from cli.core.exits import CommandFailed, Exit, NotFound, WrongUsage
from cli.up.data_folder import Folder

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


class NotVerified(CommandFailed):
    """Something is not as it was recorded."""

    exit = Exit.NOT_VERIFIED


@contextmanager
def damage_told() -> Iterator[None]:
    """A database whose file is damaged is not what was recorded, whoever did it.

    Raises:
        NotVerified
    """
    from store.errors import StoreDamaged

    try:
        yield
    except StoreDamaged as error:
        raise NotVerified(str(error)) from None


def find_keys(given: list[Path] | None, data_dir: Path | None) -> "PublicKeys":
    """The public keys: as named, or the one in the data folder.

    Raises:
        WrongUsage: none is named, and none is there.
        NotFound: a file that is named is not there.
        CommandFailed: it holds none.
    """
    from ops.audit.keys import InvalidKey, public_path, read_public_keys

    own = public_path(Folder(chosen_dir(data_dir).absolute()).audit_key)
    if not given and not own.exists():
        raise WrongUsage(f"There is no public key at {own}; name one with --public-key.")
    for path in given or ():
        read(path)
    try:
        return read_public_keys(given or [own])
    except InvalidKey as error:
        raise CommandFailed(str(error)) from None


def find_signer(given: Path | None, data_dir: Path | None) -> "Signer":
    """The private key: as named, or the one in the data folder.

    Raises:
        WrongUsage: none is named, and none is there.
        NotFound: the file that is named is not there.
        CommandFailed: it holds none.
    """
    from ops.audit.keys import InvalidKey, read_signer

    own = Folder(chosen_dir(data_dir).absolute()).audit_key
    if given is None and not own.exists():
        raise WrongUsage(
            f"There is no key at {own}; name one with --key, or make it: banjie audit keygen."
        )
    if given is not None:
        read(given)
    try:
        return read_signer(given or own)
    except InvalidKey as error:
        raise CommandFailed(str(error)) from None


def find_checkpoint_store(given: str | None, database_url: str) -> "CheckpointStore":
    """Where the checkpoints are: as named, or beside the archive."""
    from ops.audit.checkpoint_store import CheckpointStore, default_checkpoints_url
    from store.errors import WrongUrl

    try:
        return CheckpointStore(given or default_checkpoints_url(database_url))
    except WrongUrl as error:
        raise WrongUsage(str(error)) from None


def kept(file: Path | None) -> "Checkpoint | None":
    """A checkpoint that somebody kept.

    Raises:
        NotFound, NotVerified
    """
    from ops.audit.checkpoints import InvalidCheckpoint, parse_checkpoint

    if file is None:
        return None
    try:
        return parse_checkpoint(read(file))
    except InvalidCheckpoint as error:
        raise NotVerified(f"{file}: {error}.") from None


def read(file: Path) -> bytes:
    """What is in a file.

    Raises:
        NotFound: it cannot be read.
    """
    try:
        return file.read_bytes()
    except OSError as error:
        raise NotFound(f"{file} cannot be read ({error.strerror}).") from None

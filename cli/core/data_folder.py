"""The data folder of a system: its files, and the lock by which one system runs in it."""

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cli.core.exits import CommandFailed, Unavailable

KEEP_LOG = 10 * 1024 * 1024


@dataclass(frozen=True)
class DataFolder:
    """The folder and the files in it."""

    path: Path

    @property
    def temporal_file(self) -> Path:
        """Temporal's database."""
        return self.path / "temporal.db"

    @property
    def database_url(self) -> str:
        """The address of the store."""
        return f"sqlite+aiosqlite:///{self.path / 'banjie.db'}"

    @property
    def archive_url(self) -> str:
        """The address of the archive of finished runs."""
        return (self.path / "archive").as_uri()

    @property
    def audit_key(self) -> Path:
        """The private key that signs checkpoints; its public half lies beside it."""
        return self.path / "audit.pem"

    @property
    def checkpoints_url(self) -> str:
        """The address of the checkpoints."""
        return (self.path / "checkpoints").as_uri()

    @property
    def pids(self) -> Path:
        """The list of processes that belong to the system."""
        return self.path / "pids.json"

    def log(self, name: str) -> Path:
        """Return the log of a process; a long one is moved aside first."""
        path = self.path / "logs" / f"{name}.log"
        if path.exists() and path.stat().st_size > KEEP_LOG:
            path.replace(path.with_suffix(".log.1"))
        return path

    def secret(self) -> str:
        """Return the secret with which the API signs its cursors; it is made once."""
        path = self.path / "secret"
        with contextlib.suppress(FileExistsError):
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(secrets.token_urlsafe(32))
        return path.read_text(encoding="ascii")


def make_folder(path: Path) -> DataFolder:
    """Return the folder, made if need be, for its owner alone: customers' data will lie in it.

    Raises:
        CommandFailed: it cannot be made there.
    """
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        (path / "logs").mkdir(exist_ok=True)
    except OSError as error:
        raise CommandFailed(
            f"{path} cannot be used as the data folder ({error.strerror}); name another with "
            "--data-dir."
        ) from None
    return DataFolder(path.resolve())


@contextlib.contextmanager
def lock_folder(folder: DataFolder) -> Iterator[None]:
    """Hold the folder while the system runs; the lock dies with the process that holds it.

    Raises:
        Unavailable: a system runs in it already.
    """
    handle = os.open(folder.path / "up.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            who = os.pread(handle, 32, 0).decode(errors="replace").strip() or "unknown"
            raise Unavailable(
                f"Banjie runs in {folder.path} already (process {who}). Stop that one, or choose "
                "another folder with --data-dir."
            ) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(handle)

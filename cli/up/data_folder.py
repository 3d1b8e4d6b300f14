"""The folder of a running system: what lies where in it, and that only one system runs in it."""

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
class Folder:
    """The folder and the files in it."""

    path: Path

    @property
    def engine_file(self) -> Path:
        """What Temporal remembers."""
        return self.path / "temporal.db"

    @property
    def database_url(self) -> str:
        """What the store remembers."""
        return f"sqlite+aiosqlite:///{self.path / 'banjie.db'}"

    @property
    def archive_url(self) -> str:
        """Where finished runs are kept."""
        return (self.path / "archive").as_uri()

    @property
    def audit_key(self) -> Path:
        """What signs the ledger's checkpoints; its public half lies beside it."""
        return self.path / "audit.pem"

    @property
    def checkpoints_url(self) -> str:
        """Where the checkpoints are."""
        return (self.path / "checkpoints").as_uri()

    @property
    def pids(self) -> Path:
        """Which processes belong to us."""
        return self.path / "pids.json"

    def log(self, name: str) -> Path:
        """The log of a process; a long one is put aside first, the one before it is dropped."""
        path = self.path / "logs" / f"{name}.log"
        if path.exists() and path.stat().st_size > KEEP_LOG:
            path.replace(path.with_suffix(".log.1"))
        return path

    def secret(self) -> str:
        """What the API signs its cursors with; drawn once."""
        path = self.path / "secret"
        with contextlib.suppress(FileExistsError):
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(secrets.token_urlsafe(32))
        return path.read_text(encoding="ascii")


def make_folder(path: Path) -> Folder:
    """The folder, made if need be, for its owner alone: customers' data will lie in it.

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
    return Folder(path.resolve())


@contextlib.contextmanager
def alone(folder: Folder) -> Iterator[None]:
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

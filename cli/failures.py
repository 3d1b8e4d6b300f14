"""What can go wrong with a command, and the exit code that tells a program which of it it was."""

import errno
from enum import IntEnum
from typing import Any, ClassVar


class Exit(IntEnum):
    """The documented exit codes; a script may rely on them."""

    OK = 0
    FAILURE = 1
    USAGE = 2
    NOT_FOUND = 3
    REFUSED = 4
    UNAVAILABLE = 5
    NOT_VERIFIED = 10


NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
NOT_FOUND = frozenset({404, 410})
NOT_NOW = frozenset({429, 502, 503, 504})
SERVER_ERRORS = range(500, 600)


class CommandFailed(Exception):
    """A command could not do it; the message says in one sentence what to do.

    `problem` is the server's own document (RFC 9457) if it gave one.
    """

    exit: ClassVar[Exit] = Exit.FAILURE

    def __init__(self, message: str, problem: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.problem = problem or {}


class WrongUsage(CommandFailed):
    """The command line does not fit together."""

    exit = Exit.USAGE


class NotFound(CommandFailed):
    """There is no such thing."""

    exit = Exit.NOT_FOUND


class Refused(CommandFailed):
    """The server understood and said no."""

    exit = Exit.REFUSED


class Unavailable(CommandFailed):
    """Nobody answers, or a port is taken; it may work later."""

    exit = Exit.UNAVAILABLE


def of_status(status: int) -> type[CommandFailed]:
    """The failure that an HTTP status stands for."""
    if status in NOT_FOUND:
        return NotFound
    if status in NOT_NOW:
        return Unavailable
    return CommandFailed if status in SERVER_ERRORS else Refused


def of_system(error: OSError) -> CommandFailed:
    """The failure that the operating system's error stands for."""
    where = f" {error.filename}:" if error.filename else ""
    if error.errno in NO_ROOM:
        return CommandFailed(f"The disk is full; it was not done.{where.rstrip(':')}")
    return CommandFailed(f"It could not be done:{where} {error.strerror or error}.")

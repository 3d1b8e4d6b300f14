"""What can go wrong with a command, and the exit code that tells a program which of it it was."""

import errno
from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import Any, ClassVar

import typer


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


WORDS = {
    Exit.OK: "done",
    Exit.FAILURE: "failed",
    Exit.USAGE: "wrong usage",
    Exit.NOT_FOUND: "not found",
    Exit.REFUSED: "refused, or in conflict",
    Exit.UNAVAILABLE: "the server or a port is not available",
    Exit.NOT_VERIFIED: "the verification found something",
}
ALWAYS = (Exit.OK, Exit.FAILURE, Exit.USAGE)
NONE, REFUSED = Exit.NOT_FOUND, Exit.REFUSED
DOWN, BAD = Exit.UNAVAILABLE, Exit.NOT_VERIFIED
SERVED = (NONE, REFUSED, DOWN)
"""Of whatever the server may say."""

MORE: dict[str, tuple[Exit, ...]] = {
    "up": (DOWN,),
    "backup": (NONE, REFUSED, DOWN, BAD),
    "restore": (NONE, REFUSED, DOWN, BAD),
    "replay": (NONE, DOWN, BAD),
    "gate": (NONE, DOWN, BAD),
    "case show": (*SERVED, BAD),
    "key print": (),
    "key bootstrap": (REFUSED, DOWN),
    "ops doctor": (BAD,),
    "ops verify": (NONE, DOWN, BAD),
    "ops incidents": (NONE, DOWN),
    "ops retry": (NONE, DOWN),
    "ops conformance": (NONE, DOWN, BAD),
    "ops outbox list": (DOWN,),
    "ops outbox redrive": (NONE, DOWN),
    "audit log": (DOWN,),
    "audit verify": (NONE, DOWN, BAD),
    "audit prove": (NONE, REFUSED, DOWN, BAD),
    "audit check": (NONE, BAD),
    "audit checkpoint": (NONE, REFUSED, DOWN),
    "audit keygen": (REFUSED,),
    "archive sweep": (NONE, DOWN, BAD),
    "archive verify": (NONE, DOWN, BAD),
    "archive list": (NONE, DOWN, BAD),
    "export ocel": (DOWN,),
    "export xes": (DOWN,),
    "export csv": (DOWN,),
    "export pnml": (),
    "store rebuild": (NONE, REFUSED, DOWN, BAD),
    "store reconcile": (NONE, DOWN, BAD),
}
"""Beside those that every command has. Who is not here asks the server, and nobody else."""


def codes(command: str) -> tuple[Exit, ...]:
    """What a command may end with, by its words: `case show`."""
    return (*ALWAYS, *MORE.get(command, SERVED))


def said(some: Iterable[Exit]) -> str:
    """What these codes mean, in a line."""
    return "Exit codes: " + " · ".join(f"{code} {WORDS[code]}" for code in some)


def tell_in(app: typer.Typer) -> None:
    """Have each command's help end with its codes."""
    for words, command in commands(app):
        command.epilog = said(codes(words))


def commands(
    of: typer.Typer, before: tuple[str, ...] = ()
) -> Iterator[tuple[str, typer.models.CommandInfo]]:
    """Every command with its words."""
    for command in of.registered_commands:
        yield " ".join((*before, command.name or "")), command
    for group in of.registered_groups:
        if group.typer_instance is not None:
            yield from commands(group.typer_instance, (*before, group.name or ""))

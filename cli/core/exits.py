"""The documented exit codes, the failures behind them, and the codes of each command."""

import errno
from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import Any, ClassVar

import typer

from cli.core.i18n import system_reason, translate


class Exit(IntEnum):
    """The documented exit codes; a script may rely on them."""

    OK = 0
    FAILURE = 1
    USAGE = 2
    NOT_FOUND = 3
    REFUSED = 4
    UNAVAILABLE = 5
    NOT_VERIFIED = 10


class CommandFailed(Exception):
    """The command could not do it; the message says in one sentence what to do.

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


class NotVerified(CommandFailed):
    """Something is not as it was recorded or written."""

    exit = Exit.NOT_VERIFIED


NOT_FOUND_STATUSES = frozenset({404, 410})
RETRYABLE_STATUSES = frozenset({429, 502, 503, 504})
_SERVER_ERRORS = range(500, 600)
_DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def failure_of_status(status: int) -> type[CommandFailed]:
    """Return the failure that an HTTP status stands for."""
    if status in NOT_FOUND_STATUSES:
        return NotFound
    if status in RETRYABLE_STATUSES:
        return Unavailable
    return CommandFailed if status in _SERVER_ERRORS else Refused


def failure_of_system(error: OSError) -> CommandFailed:
    """Return the failure that an error of the operating system stands for."""
    where = f" {error.filename}:" if error.filename else ""
    if error.errno in _DISK_FULL:
        return CommandFailed(
            translate("The disk is full; it was not done.%(where)s", where=where.rstrip(":"))
        )
    return CommandFailed(
        translate(
            "It could not be done:%(where)s %(value)s.", where=where, value=system_reason(error)
        )
    )


def exit_codes_of(command: str) -> tuple[Exit, ...]:
    """Return the codes that a command, named by its words (`case show`), may end with."""
    return (*_ALWAYS, *_EXIT_CODES.get(command, _OF_SERVER))


def describe_exit_codes(codes: Iterable[Exit]) -> str:
    """Return one line that says what these codes mean."""
    return translate("Exit codes: ") + " · ".join(
        f"{code} {translate(_MEANINGS[code])}" for code in codes
    )


def add_exit_codes_to_help(app: typer.Typer) -> None:
    """Make each command's help end with the codes it may end with."""
    for words, command in all_commands(app):
        command.epilog = describe_exit_codes(exit_codes_of(words))


def all_commands(
    app: typer.Typer, before: tuple[str, ...] = ()
) -> Iterator[tuple[str, typer.models.CommandInfo]]:
    """Yield every command with its words, nouns first."""
    for command in app.registered_commands:
        yield " ".join((*before, command.name or "")), command
    for group in app.registered_groups:
        if group.typer_instance is not None:
            yield from all_commands(group.typer_instance, (*before, group.name or ""))


_MEANINGS = {
    Exit.OK: "done",
    Exit.FAILURE: "failed",
    Exit.USAGE: "wrong usage",
    Exit.NOT_FOUND: "not found",
    Exit.REFUSED: "refused, or in conflict",
    Exit.UNAVAILABLE: "the server or a port is not available",
    Exit.NOT_VERIFIED: "the verification found something",
}
_ALWAYS = (Exit.OK, Exit.FAILURE, Exit.USAGE)
_MISSING, _REFUSED = Exit.NOT_FOUND, Exit.REFUSED
_DOWN, _DIFFERS = Exit.UNAVAILABLE, Exit.NOT_VERIFIED
_OF_SERVER = (_MISSING, _REFUSED, _DOWN)
"""What any answer of the server may lead to."""

_EXIT_CODES: dict[str, tuple[Exit, ...]] = {
    "up": (_DOWN,),
    "backup": (_MISSING, _REFUSED, _DOWN, _DIFFERS),
    "restore": (_MISSING, _REFUSED, _DOWN, _DIFFERS),
    "replay": (_MISSING, _DOWN, _DIFFERS),
    "gate": (_MISSING, _DOWN, _DIFFERS),
    "case show": (*_OF_SERVER, _DIFFERS),
    "setup": (_REFUSED, _DOWN),
    "key print": (),
    "key bootstrap": (_REFUSED, _DOWN),
    "ops doctor": (_DIFFERS,),
    "ops verify": (_MISSING, _DOWN, _DIFFERS),
    "ops incidents": (_MISSING, _DOWN),
    "ops retry": (_MISSING, _DOWN),
    "ops conformance": (_MISSING, _DOWN, _DIFFERS),
    "ops outbox list": (_DOWN,),
    "ops outbox redrive": (_MISSING, _DOWN),
    "audit log": (_DOWN,),
    "audit verify": (_MISSING, _DOWN, _DIFFERS),
    "audit prove": (_MISSING, _REFUSED, _DOWN, _DIFFERS),
    "audit check": (_MISSING, _DIFFERS),
    "audit checkpoint": (_MISSING, _REFUSED, _DOWN),
    "audit keygen": (_REFUSED,),
    "archive sweep": (_MISSING, _DOWN, _DIFFERS),
    "archive verify": (_MISSING, _DOWN, _DIFFERS),
    "archive list": (_MISSING, _DOWN, _DIFFERS),
    "export ocel": (_DOWN,),
    "export xes": (_DOWN,),
    "export csv": (_DOWN,),
    "export pnml": (),
    "store rebuild": (_MISSING, _REFUSED, _DOWN, _DIFFERS),
    "store reconcile": (_MISSING, _DOWN, _DIFFERS),
}
"""Codes beside those that every command has; a command that is not here asks the server alone."""

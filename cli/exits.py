"""Which exit codes a command can end with; the end of its help names them."""

from collections.abc import Iterable, Iterator

import typer

from cli.failures import Exit

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

"""The options that name a moment of the past, and what was known of a case's history then."""

from typing import Annotated, Any

import typer

from cli.failures import WrongUsage
from cli.output import instant

AsOf = Annotated[
    str | None,
    typer.Option(help="As it was then: 2026-03-02T12:00, in the business zone if it names none."),
]
Seq = Annotated[int | None, typer.Option(help="As it was when this entry was its newest.")]


def moment_of(as_of: str | None, seq: int | None) -> dict[str, Any]:
    """The two as the server takes them.

    Raises:
        WrongUsage: both were given, or a time that is none.
    """
    if as_of is not None and seq is not None:
        raise WrongUsage("Give --as-of or --seq, not both.")
    return {"as_of": instant(as_of) if as_of else None, "seq": seq}


def until(whole: dict[str, Any], entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The entries that there were by the moment of which the case is shown."""
    past = whole["as_of"]
    return [entry for entry in entries if past is None or entry["seq"] <= past["seq"]]

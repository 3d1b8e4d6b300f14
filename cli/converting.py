"""Turning a case into one of another kind, and waiting for the number of the case that goes on."""

import time
from typing import Any

from cli.client import Server
from cli.failures import CommandFailed
from cli.output import Shown, sentence

PATIENCE = 10.0
EVERY = 0.1
"""Seconds between two looks: the child is another case, started after the conversion is recorded,
and the API keeps no request waiting for what comes after it."""


def convert_case(server: Server, number: str, kind: str) -> Shown:
    """Convert it. What was done stays done if the new number is not known in time.

    Raises:
        CommandFailed: the conversion came back, and why.
    """
    path = f"/v1/cases/{number}"
    answer = server.post(f"{path}/steps/convert", {"kind": kind})
    give_up = time.monotonic() + PATIENCE
    child = None
    while child is None and time.monotonic() < give_up:
        child = _said(server, number, (answer.body.get("receipt") or {}).get("last", 0))
        if child is None:
            time.sleep(EVERY)
    told = f"{number} goes on as {child}." if child else f"{number}: converted; its child follows."
    return Shown({**answer.body, "child": child}, sentence(told))


def _said(server: Server, number: str, after: int) -> str | None:
    """What came back: the child's number, nothing yet, or a refusal."""
    entries = server.get(f"/v1/cases/{number}/history", after=after).body["items"]
    forms: dict[str, dict[str, Any]] = {entry["step"]: entry["form"] for entry in entries}
    if refused := forms.get("child_refused"):
        raise CommandFailed(f"{number} was not converted: {refused['reason']}.")
    started = forms.get("child_started")
    return str(started["number"]) if started else None

"""A case drawn from its archive: what was written when its runs ended."""

from typing import Any

from rich.console import Console
from rich.text import Text

from cli.case.render import draw_case
from cli.core.client import Server
from cli.core.exits import Exit, NotFound
from cli.core.output import Shown, moment, table

HEADS = ("run", "archived", "entries", "events", "complete", "code", "sha256")
EVENT = "EVENT_TYPE_"


def show_archived(server: Server, number: str, *, events: bool) -> Shown:
    """The case as its newest readable file has it, its files, and Temporal's events if asked.

    Raises:
        NotFound: nothing of it is archived.
    """
    runs = server.get(f"/v1/cases/{number}/archive").body["items"]
    if not runs:
        raise NotFound(f"Nothing of {number} is archived yet; a run is archived when it ends.")
    damaged = [run for run in runs if run["damaged"]]
    bundles = [
        server.get(f"/v1/cases/{number}/archive/{run['run']}").body
        for run in runs
        if not run["damaged"]
    ]

    def draw(console: Console) -> None:
        if bundles:
            draw_case(console, _whole(bundles[-1]), bundles[-1]["entries"])
            console.print()
        _draw_runs(console, runs)
        for run in damaged:
            console.print(Text(run["damaged"], "red"), soft_wrap=True)
        for bundle in bundles if events else ():
            _draw_events(console, bundle)

    code = Exit.NOT_VERIFIED if damaged else Exit.OK
    return Shown({"runs": runs, "bundles": bundles}, draw, code)


def show_forgotten(server: Server, number: str, unknown: NotFound) -> Shown:
    """What is archived of a case that the store does not know; it is said that it is that.

    Raises:
        NotFound: nothing is, or not for this caller; as the store said it.
    """
    try:
        shown = show_archived(server, number, events=False)
    except NotFound:
        raise unknown from None

    def draw(console: Console) -> None:
        note = f"The store does not know {number} any more; this is what was archived of it."
        console.print(Text(note, "yellow"), soft_wrap=True)
        shown.draw(console)

    return Shown({"from": "archive", **shown.document}, draw, shown.exit)


def _whole(bundle: dict[str, Any]) -> dict[str, Any]:
    """The case as `draw_case` wants it; what the archive does not hold is empty."""
    # A run that was ended by hand before it did anything has no entries.
    case, entries = bundle["case"], bundle["entries"]
    opened: dict[str, Any] = entries[0]["form"] if entries else {}
    return {
        "as_of": {"at": bundle["archived_at"], "seq": case["last_seq"]},
        "case": case,
        "words": opened.get("form", {}).get("words"),
        "proposal": opened.get("proposal", {}),
        "customer": {"ref": case["customer"]},
        "task": None,
        "clocks": [],
        "children": [],
    }


def _draw_runs(console: Console, runs: list[dict[str, Any]]) -> None:
    rows = [
        (run["run"], moment(run["archived_at"]), run["entries"], run["events"],
         "damaged" if run["damaged"] else "yes" if run["complete"] else "but its end",
         run["code"], run["sha256"])
        for run in runs
    ]  # fmt: skip
    table(HEADS, rows, "")(console)


def _draw_events(console: Console, bundle: dict[str, Any]) -> None:
    console.print()
    console.print(Text(f"Temporal's events of run {bundle['run']}", "bold"), soft_wrap=True)
    for event in bundle["history"]["events"]:
        line = f"{event['eventId']:>6}  {moment(event['eventTime'])}  "
        kind = event["eventType"].removeprefix(EVENT).lower()
        console.print(Text.assemble((line, "dim"), kind), soft_wrap=True)

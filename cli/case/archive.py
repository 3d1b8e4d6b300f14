"""`banjie case show --archive`: a case as it was archived when its runs ended."""

from typing import Any

from rich.console import Console
from rich.text import Text

from cli.case.render import draw_case
from cli.core.client import ApiClient, segment
from cli.core.exits import Exit, NotFound
from cli.core.i18n import translate
from cli.core.output import CommandResult, local_time, table

HEADERS = ("run", "archived", "entries", "events", "complete", "code", "sha256")
EVENT_PREFIX = "EVENT_TYPE_"


def show_archived(api: ApiClient, number: str, *, events: bool) -> CommandResult:
    """Return the case as its newest readable file has it, its files, and on request its events.

    Raises:
        NotFound: nothing of it is archived.
    """
    runs = api.get(f"/v1/cases/{segment(number)}/archive").body["items"]
    if not runs:
        raise NotFound(
            translate(
                "Nothing of %(number)s is archived yet; a run is archived when it ends.",
                number=number,
            )
        )
    damaged = [run for run in runs if run["damaged"]]
    bundles = [
        api.get(f"/v1/cases/{segment(number)}/archive/{run['run']}").body
        for run in runs
        if not run["damaged"]
    ]

    def render(console: Console) -> None:
        if bundles:
            draw_case(console, _as_view(bundles[-1]), bundles[-1]["entries"])
            console.print()
        _draw_runs(console, runs)
        for run in damaged:
            console.print(Text(run["damaged"], "red"), soft_wrap=True)
        for bundle in bundles if events else ():
            _draw_events(console, bundle)

    code = Exit.NOT_VERIFIED if damaged else Exit.OK
    return CommandResult({"runs": runs, "bundles": bundles}, render, code)


def show_lost_case(api: ApiClient, number: str, unknown: NotFound) -> CommandResult:
    """Return what is archived of a case that the store does not know, with a note that it is so.

    Raises:
        NotFound: nothing is archived, or not for this caller; the failure of the store.
    """
    try:
        archived = show_archived(api, number, events=False)
    except NotFound:
        raise unknown from None

    def render(console: Console) -> None:
        note = translate(
            "The store does not know %(number)s any more; this is what was archived of it.",
            number=number,
        )
        console.print(Text(note, "yellow"), soft_wrap=True)
        archived.render(console)

    return CommandResult({"from": "archive", **archived.document}, render, archived.exit)


def _as_view(bundle: dict[str, Any]) -> dict[str, Any]:
    """Return the case in the form that `draw_case` takes; what is not archived is empty."""
    # A run that was ended by hand before it did anything has no entries.
    case, entries = bundle["case"], bundle["entries"]
    opening: dict[str, Any] = entries[0]["form"] if entries else {}
    return {
        "as_of": {"at": bundle["archived_at"], "seq": case["last_seq"]},
        "case": case,
        "words": opening.get("form", {}).get("words"),
        "proposal": opening.get("proposal", {}),
        "customer": {"ref": case["customer"]},
        "task": None,
        "clocks": [],
        "children": [],
    }


def _draw_runs(console: Console, runs: list[dict[str, Any]]) -> None:
    rows = [
        (run["run"], local_time(run["archived_at"]), run["entries"], run["events"],
         translate("damaged") if run["damaged"] else is_complete(run),
         run["code"], run["sha256"])
        for run in runs
    ]  # fmt: skip
    table(HEADERS, rows, "")(console)


def is_complete(run: dict[str, Any]) -> str:
    """Return whether a run is archived whole."""
    return translate("yes") if run["complete"] else translate("but its end")


def _draw_events(console: Console, bundle: dict[str, Any]) -> None:
    console.print()
    console.print(
        Text(translate("Temporal's events of run %(run)s", run=bundle["run"]), "bold"),
        soft_wrap=True,
    )
    for event in (bundle["history"] or {"events": ()})["events"]:
        line = f"{event['eventId']:>6}  {local_time(event['eventTime'])}  "
        kind = event["eventType"].removeprefix(EVENT_PREFIX).lower()
        console.print(Text.assemble((line, "dim"), kind), soft_wrap=True)

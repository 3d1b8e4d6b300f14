"""`banjie policy diff`: what a policy would change in the cases that there are."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.batch import begin, try_and_ask
from cli.core.client import ApiClient, segment
from cli.core.command import Reason, command
from cli.core.i18n import translate
from cli.core.names import refuse_unknown_names
from cli.core.output import CommandResult, local_time, table
from cli.core.paging import with_note
from cli.core.progress import progress_bar
from cli.policy import commands
from cli.policy.commands import Version
from cli.policy.documents import read_file, read_policy_text
from cli.policy.in_words import NONE

PATH = "/v1/policy:diff"
PAGE = 50
EFFECT_HEADERS = ("case", "kind", "decides", "before", "after", "breach")

Effect = dict[str, Any]

app = commands.app


def policy_named(policy: str) -> dict[str, str]:
    """Return how a request names a policy: a file by its text, anything else as a version."""
    if Path(policy).is_file():
        read_file(Path(policy))
        return {"document": read_policy_text(Path(policy))}
    return {"policy": policy}


@command(app, "diff", group="admin")
def diff(
    api: ApiClient,
    new: Annotated[str, typer.Argument(metavar="NEW", help="A file, or a version.")],
    closed: Annotated[
        int, typer.Option(min=0, max=10_000, help="How many of the last closed cases.")
    ] = 100,
) -> CommandResult:
    """Show what a policy would change in all open cases, and in those that closed last."""
    asked = {**policy_named(new), "closed": closed, "limit": PAGE}
    page = api.post(PATH, asked).body
    effects, left_out, looked_at = page["items"], page["left_out"], page["looked_at"]
    with progress_bar("cases", page["total"]) as show:
        while page["next"]:
            show(looked_at)
            page = api.post(PATH, {**asked, "cursor": page["next"]}).body
            effects += page["items"]
            left_out += page["left_out"]
            looked_at += page["looked_at"]
    summary = {"looked_at": looked_at, "changed": len(effects), **_counts(effects)}
    document = {
        "policy": page["policy"],
        "summary": summary,
        "items": effects,
        "left_out": left_out,
    }
    rows = [row for each in effects for row in _rows(each)]
    shown = table(EFFECT_HEADERS, rows, translate("No case would change."))
    return CommandResult(document, with_note(shown, _said(summary)))


@command(app, "apply", group="admin")
def apply(
    api: ApiClient,
    version: Version,
    reason: Reason,
    kind: Annotated[str | None, typer.Option(help="Only cases of this kind.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only look whether it could be done.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Until it is over.")] = True,
) -> CommandResult:
    """Let running cases go on under a policy. At a terminal it is tried first, and you are asked.

    It goes on by itself if this command is stopped: see `banjie batch show`.
    """
    refuse_unknown_names({"kind": kind})
    body = {"reason": reason, "dry_run": dry_run, **({"kind": kind} if kind else {})}
    path = f"/v1/policies/{segment(version)}/apply"
    if not (dry_run or yes):
        question = translate("Give these cases the policy %(version)s?", version=version)
        try_and_ask(api, path, body, question)
    return begin(api, path, body, wait=wait)


def _counts(effects: list[Effect]) -> dict[str, int]:
    """Count the cases by what changes in them."""
    count = Counter[str]()
    for each in effects:
        breaches = {clock["breach"] for clock in each["clocks"]}
        count["due_moves"] += any(c["due_before"] != c["due_after"] for c in each["clocks"])
        count["breaches_come"] += "comes" in breaches
        count["breaches_go"] += "goes" in breaches
        count["other_team"] += each["team"] is not None
        count["other_priority"] += each["priority"] is not None
        count["other_place"] += each["head_start"] is not None
        count["other_approvals"] += bool(each["authority"])
    names = (
        "due_moves",
        "breaches_come",
        "breaches_go",
        "other_team",
        "other_priority",
        "other_place",
    )
    return {name: count[name] for name in (*names, "other_approvals")}


def _said(summary: dict[str, int]) -> str:
    return translate(
        "%(changed)s of %(looked_at)s cases change. Due at another time: %(due_moves)s. Breaches "
        "that come: %(breaches_come)s, that go: %(breaches_go)s. Another team: %(other_team)s. "
        "Another priority: %(other_priority)s. Another place in lists: %(other_place)s. "
        "Other approvals: %(other_approvals)s.",
        **summary,
    )


def _rows(effect: Effect) -> Iterator[tuple[object, ...]]:
    case = (effect["number"], effect["kind"])
    breaches = {"comes": translate("comes"), "goes": translate("goes")}
    for each in effect["clocks"]:
        due = (local_time(each[name]) or NONE for name in ("due_before", "due_after"))
        yield (*case, f"clock.{each['clock']}", *due, breaches.get(each["breach"], ""))
    for name in ("team", "priority", "head_start"):
        if changed := effect[name]:
            yield (*case, name, changed["before"] or NONE, changed["after"] or NONE, "")
    for each in effect["authority"]:
        amounts = (each["amount"][name] or "0" for name in ("before", "after"))
        yield (*case, f"{each['pot']} {each['role']}", *amounts, "")

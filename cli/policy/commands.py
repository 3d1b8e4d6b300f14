"""`banjie policy` on a server: publish a policy, put it in force, see which one was when."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.core.client import ApiClient, segment
from cli.core.command import Reason, command
from cli.core.i18n import listed, translate
from cli.core.output import CommandResult, local_time, sentence, table
from cli.core.paging import with_note
from cli.policy import documents
from cli.policy.documents import File, read_case, read_file, read_policy_text
from cli.policy.in_words import NONE

HISTORY_HEADERS = ("since", "version", "by", "reason")
WARNING_HEADERS = ("line", "warning")
PREVIEW_HEADERS = ("decides", "value", "due", "row", "because")

app = documents.app

Version = Annotated[str, typer.Argument(metavar="VERSION", help="A policy of `policy history`.")]


@command(app, "publish", group="admin")
def publish(api: ApiClient, file: File, reason: Reason) -> CommandResult:
    """Publish a policy; it is in force for new cases once another person releases it."""
    read_file(file)  # what is wrong with it is told with its lines before anybody is asked
    body = {"document": read_policy_text(file), "reason": reason}
    published = api.post("/v1/policies", body).body
    version = published["version"]
    said = translate(
        "%(version)s is published. Let another person put it in force: "
        "`banjie policy release %(version)s --reason WHY`.",
        version=version,
    )
    rows = [(each["params"].get("line"), each["detail"]) for each in published["warnings"]]
    shown = with_note(table(WARNING_HEADERS, rows, ""), said) if rows else sentence(said)
    return CommandResult(published, shown)


@command(app, "release", group="manage")
def release(api: ApiClient, version: Version, reason: Reason) -> CommandResult:
    """Put a policy in force for new cases; who published it cannot."""
    released = api.post(f"/v1/policies/{segment(version)}/release", {"reason": reason}).body
    said = translate("New cases are opened under %(version)s from now on.", version=version)
    return CommandResult(released, sentence(said))


@command(app, "history")
def history(api: ApiClient) -> CommandResult:
    """Show which policy was in force since when, by whose word and why; and those that wait."""
    listed = api.get("/v1/policies").body
    rows = [
        (local_time(each["at"]), each["version"], each["by"], each["reason"])
        for each in listed["history"]
    ]
    none = translate("Nobody has put one in force here.")
    waiting = [each for each in listed["items"] if each["standing"] == "draft"]
    note = translate("New cases are opened under %(version)s.", version=listed["in_force"])
    if waiting:
        names = ", ".join(each["version"] for each in waiting)
        note += " " + translate("Published, and not in force yet: %(names)s.", names=names)
    return CommandResult(listed, with_note(table(HISTORY_HEADERS, rows, none), note))


@command(app, "preview")
def preview(
    api: ApiClient,
    case: Annotated[
        Path, typer.Argument(metavar="CASE", help="The case as it would be started, YAML or JSON.")
    ],
    policy: Annotated[
        str | None, typer.Option(help="A version or a file; without it the one in force.")
    ] = None,
) -> CommandResult:
    """Show what would be decided for a case that is started like this, and by which row."""
    body = read_case(case)
    if policy is not None and Path(policy).is_file():
        read_file(Path(policy))
        body["document"] = read_policy_text(Path(policy))
    elif policy is not None:
        body["policy"] = policy
    tried = api.post("/v1/policy:preview", body).body
    note = translate(
        "By %(policy)s. Offered to: %(candidates)s.",
        policy=tried["policy"],
        candidates=listed(tried["candidates"]),
    )
    return CommandResult(tried, with_note(table(PREVIEW_HEADERS, _previewed(tried), ""), note))


def _previewed(tried: dict[str, Any]) -> list[tuple[object, ...]]:
    """Return a row for each thing that was decided."""

    def row(name: str, value: object, decided: dict[str, Any], due: str = "") -> tuple[object, ...]:
        because = ", ".join(f"{what}: {is_}" for what, is_ in decided["because"].items())
        number = decided["row"]
        return name, value, due, f"{decided['table']} {number}" if number else "", because

    clocks = (
        row(f"clock.{each['clock']}", each["budget"] or NONE, each, local_time(each["due_at"]))
        for each in tried["clocks"]
    )
    authority = (
        row(f"{each['pot']} {each['role']}", f"{each['amount']} {tried['currency']}", each)
        for each in tried["authority"]
    )
    names = ("priority", "team", "head_start")
    named = (row(name, tried[name]["value"] or NONE, tried[name]) for name in names)
    return [*named, *clocks, *authority]

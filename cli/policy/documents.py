"""`banjie policy` without a server: what policies decide, and whether one is right."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from cli.core.command import local_command, noun_app
from cli.core.exits import Exit, NotFound, Refused, WrongUsage
from cli.core.faults import sentence_of_code
from cli.core.i18n import listed, system_reason, translate
from cli.core.output import CommandResult, sentence, table
from cli.core.paging import with_note
from cli.policy.in_words import (
    NONE,
    assignments_of,
    categories_of,
    conditions_of,
    figures_of,
    in_words,
    mark_of,
    sortings_of,
    tables_of,
    value_of,
    when_of,
)
from cli.simulation import draw_simulation

if TYPE_CHECKING:
    from cases.common.policy import Policy
    from policies.document_text import DocumentFault
    from policies.vectors import Tried

T = TypeVar("T")
HEADERS = ("version", "default", "calendar", "title")
ROW_HEADERS = ("decides", "conditions", "value")
CHANGE_HEADERS = ("decides", "conditions", "before", "after")
VECTOR_HEADERS = ("vector", "due", "came_out", "holds")

Which = Annotated[
    str, typer.Argument(metavar="POLICY", help="A file (YAML or JSON), or a published version.")
]
File = Annotated[Path, typer.Argument(help="The policy's text, in YAML or JSON.")]

app = noun_app("Policies: what is promised, and what a change of it would do.")


@app.callback()
def root() -> None:
    """Policies: what is promised, and what a change of it would do."""


@local_command(app, "list")
def list_policies() -> CommandResult:
    """List the published policies; the one that new cases get by default is marked."""
    from policies.documents import DEFAULT, policies, raw_documents

    titles = {str(raw["version"]): str(raw["title"]) for raw in raw_documents("published")}
    items = [
        {
            "version": version,
            "title": titles[version],
            "calendar": f"{policy.calendar.id}@{policy.calendar.version}",
            "default": version == DEFAULT,
        }
        for version, policy in sorted(policies().items())
    ]
    rows = [
        (each["version"], "*" if each["default"] else "", each["calendar"], each["title"])
        for each in items
    ]
    shown = table(HEADERS, rows, translate("There are none."))
    return CommandResult({"items": items}, shown)


@local_command(app, "show")
def show(policy: Which) -> CommandResult:
    """Show what a policy decides, row by row: of the rows of a table the first that fits counts."""
    read = _policy(policy)
    items: list[dict[str, Any]] = [
        {"decides": name, "when": when_of(row.when), "value": value_of(name, row.then)}
        for name, decided in tables_of(read).items()
        for row in decided.rows
    ]
    beside = categories_of(read) | figures_of(read) | sortings_of(read) | assignments_of(read)
    items += [{"decides": name, "when": {}, "value": said} for name, said in beside.items()]
    rows = [(each["decides"], conditions_of(each["when"]), each["value"]) for each in items]
    return CommandResult({"version": read.version, "items": items}, table(ROW_HEADERS, rows, ""))


@local_command(app, "check")
def check(file: File) -> CommandResult:
    """Say whether a policy could be published; each fault with its line and what to do."""
    read = read_file(file)
    document = {"version": read.version, "faults": []}
    text = translate("%(version)s could be published: nothing is wrong.", version=read.version)
    return CommandResult(document, sentence(text))


@local_command(app, "test")
def run_vectors(
    file: Annotated[Path, typer.Argument(help="The vectors, in YAML or JSON.")],
    policy: Annotated[
        str | None,
        typer.Option(help="By which policy clocks are promised: a file, or a published version."),
    ] = None,
) -> CommandResult:
    """Try worked examples: is what they say is due what comes out?"""
    from policies.document_text import read_document
    from policies.documents import DEFAULT, calendars
    from policies.vectors import VectorDocument, try_vectors

    vectors = _document(file, lambda text: read_document(text, VectorDocument)[0])
    tried = [*try_vectors(vectors, _policy(policy or DEFAULT), calendars())]
    wrong = sum(not each.holds for each in tried)
    items = [_tried(each) for each in tried]
    rows = [
        (each["name"], each["due"], each["fault"] or each["came_out"], mark_of(holds=each["holds"]))
        for each in items
    ]
    shown = table(VECTOR_HEADERS, rows, "")
    summary = translate("%(count)s vectors, %(wrong)s wrong.", count=len(tried), wrong=wrong)
    return CommandResult(
        {"vectors": items, "wrong": wrong},
        with_note(shown, summary),
        Exit.NOT_VERIFIED if wrong else Exit.OK,
    )


@local_command(app, "compare")
def compare(
    old: Annotated[str, typer.Argument(help="A file (YAML or JSON), or a published version.")],
    new: Annotated[str, typer.Argument(help="The one that would take its place.")],
) -> CommandResult:
    """Show what two policies decide differently, and for which cases: every case is looked at."""
    before, after = _policy(old), _policy(new)
    items = [*_changes(before, after)]
    rows = [
        (each["decides"], conditions_of(each["when"]), each["before"], each["after"])
        for each in items
    ]
    same = translate("They decide the same.")
    return CommandResult(
        {"old": before.version, "new": after.version, "changes": items},
        table(CHANGE_HEADERS, rows, same),
    )


@local_command(app, "simulate")
def simulate(
    arrivals: Annotated[
        Path,
        typer.Argument(help="Cases that come in: CSV or JSON with time, kind, team, minutes, …"),
    ],
    staffing: Annotated[
        Path, typer.Argument(help="Who works when, in YAML or JSON: teams, skills, capacity.")
    ],
    policy: Annotated[
        str | None, typer.Option(help="By which policy: a file, or a published version.")
    ] = None,
    fewer: Annotated[
        int, typer.Option(min=0, help="Also with so many people fewer, the last ones first.")
    ] = 0,
) -> CommandResult:
    """Play arrivals through: how long they wait, what is broken, who has how much to do.

    Cases are assigned as the live system does it; nothing of it is touched.
    """
    from policies.document_text import read_document
    from policies.documents import DEFAULT
    from policies.simulation import StaffingDocument, read_arrivals, run_with_fewer, without_rules

    read = _policy(policy or DEFAULT)
    rows = _document(arrivals, read_arrivals)
    people = _document(staffing, lambda text: read_document(text, StaffingDocument)[0])
    reports = run_with_fewer(read, rows, people, fewer)
    assumed = without_rules(read, rows)
    note = translate(
        "Not assigned by rule under %(version)s, but played so: %(teams)s.",
        version=read.version,
        teams=listed(assumed),
    )
    document = {"policy": read.version, "assumed": assumed, "runs": [asdict(r) for r in reports]}
    shown = draw_simulation(reports)
    return CommandResult(document, with_note(shown, note if assumed else ""))


def _document(file: Path, read: "Callable[[str], T]") -> T:
    """Return what a file says.

    Raises:
        Refused: with each of its faults.
    """
    from policies.document_text import DocumentRefused

    try:
        return read(read_policy_text(file))
    except DocumentRefused as error:
        raise _refused(file, error.faults) from None


def _changes(before: "Policy", after: "Policy") -> Iterator[dict[str, Any]]:
    from domain.language.decision_table import changes

    old, new = tables_of(before), tables_of(after)
    for name in old:
        for change in changes(old[name], new[name]):
            yield {
                "decides": name,
                "when": when_of(change.where),
                "before": value_of(name, change.before),
                "after": value_of(name, change.after),
            }
    was, will_be = in_words(before), in_words(after)
    for name in dict.fromkeys((*was, *will_be)):
        one, other = was.get(name, NONE), will_be.get(name, NONE)
        if one != other:
            yield {"decides": name, "when": {}, "before": one, "after": other}


def _policy(which: str) -> "Policy":
    """Return a published policy by its version, or the one of a file."""
    from policies.documents import policies

    published = policies()
    if which in published:
        return published[which]
    if not Path(which).is_file():
        raise NotFound(
            translate(
                "There is no policy and no file %(name)s; published are %(known)s.",
                name=which,
                known=listed(sorted(published)),
            )
        )
    return read_file(Path(which))


def read_file(file: Path) -> "Policy":
    """Return the policy of a file.

    Raises:
        Refused: with all that is wrong with it.
        NotFound, WrongUsage: it cannot be read.
    """
    from policies.check import read_policy
    from policies.documents import calendars

    return _document(file, lambda text: read_policy(text, calendars())[1])


def read_policy_text(file: Path) -> str:
    """Return the text of a file.

    Raises:
        NotFound, WrongUsage: it cannot be read.
    """
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise NotFound(
            translate("%(file)s cannot be read: %(why)s.", file=file, why=system_reason(error))
        ) from None
    except UnicodeDecodeError:
        raise WrongUsage(translate("%(file)s is not UTF-8; save it as that.", file=file)) from None


def read_case(file: Path) -> dict[str, Any]:
    """Return what a file says of a case.

    Raises:
        Refused, NotFound, WrongUsage: it cannot be read.
    """
    from policies.document_text import DocumentRefused, read_text

    try:
        return read_text(read_policy_text(file))[0]
    except DocumentRefused as error:
        raise _refused(file, error.faults) from None


def _refused(file: Path, faults: "Sequence[DocumentFault]") -> Refused:
    """Return what tells every fault, those first that stand first."""
    told = [
        {
            "pointer": each.pointer,
            "line": each.line,
            "code": each.code,
            "detail": _told(each),
        }
        for each in sorted(faults, key=lambda each: each.line or 0)
    ]
    message = translate("%(file)s has faults: %(count)s.", file=file, count=len(told))
    return Refused(message, {"code": "document_refused", "errors": told})


def _told(fault: "DocumentFault") -> str:
    said = sentence_of_code(fault.code, fault.params)
    if fault.line is None:
        return said
    return translate("line %(line)s: %(said)s", line=fault.line, said=said)


def _tried(each: "Tried") -> dict[str, Any]:
    return {
        "name": each.name,
        "due": _moment(each.expected),
        "came_out": _moment(each.came_out),
        "holds": each.holds,
        "fault": each.fault,
    }


def _moment(at: datetime | None) -> str:
    return at.isoformat(timespec="minutes") if at else NONE

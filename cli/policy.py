"""`banjie policy`: what policies decide, and whether one that somebody wrote is right."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.core.command import local_command, noun_app
from cli.core.exits import Exit, NotFound, Refused, WrongUsage
from cli.core.faults import sentence_of_code
from cli.core.i18n import listed, system_reason, translate
from cli.core.output import CommandResult, sentence, table
from cli.core.paging import with_note

if TYPE_CHECKING:
    from cases.common.policy import Policy
    from domain.language.decision_table import DecisionTable
    from policies.document_text import DocumentFault
    from policies.vectors import Tried

HEADERS = ("version", "default", "calendar", "title")
ROW_HEADERS = ("decides", "conditions", "value")
CHANGE_HEADERS = ("decides", "conditions", "before", "after")
TEAM, OWN, NONE = "team", "own", "none"
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
        {"decides": name, "when": _when(row.when), "value": _value(name, row.then)}
        for name, decided in _tables(read).items()
        for row in decided.rows
    ]
    beside = _categories(read) | _figures(read) | _sortings(read)
    items += [{"decides": name, "when": {}, "value": said} for name, said in beside.items()]
    rows = [(each["decides"], _conditions(each["when"]), each["value"]) for each in items]
    return CommandResult({"version": read.version, "items": items}, table(ROW_HEADERS, rows, ""))


@local_command(app, "check")
def check(file: File) -> CommandResult:
    """Say whether a policy could be published; each fault with its line and what to do."""
    read = _read(file)
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
    from policies.document_text import DocumentRefused, read_document
    from policies.documents import DEFAULT, calendars
    from policies.vectors import VectorDocument, try_vectors

    try:
        vectors = read_document(_text(file), VectorDocument)[0]
    except DocumentRefused as error:
        raise _refused(file, error.faults) from None
    tried = [*try_vectors(vectors, _policy(policy or DEFAULT), calendars())]
    wrong = sum(not each.holds for each in tried)
    items = [_tried(each) for each in tried]
    rows = [
        (each["name"], each["due"], each["fault"] or each["came_out"], _mark(holds=each["holds"]))
        for each in items
    ]
    shown = table(VECTOR_HEADERS, rows, "")
    summary = translate("%(count)s vectors, %(wrong)s wrong.", count=len(tried), wrong=wrong)
    return CommandResult(
        {"vectors": items, "wrong": wrong},
        with_note(shown, summary),
        Exit.NOT_VERIFIED if wrong else Exit.OK,
    )


@local_command(app, "diff")
def diff(
    old: Annotated[str, typer.Argument(help="A file (YAML or JSON), or a published version.")],
    new: Annotated[str, typer.Argument(help="The one that would take its place.")],
) -> CommandResult:
    """Show what two policies decide differently, and for which cases: every case is looked at."""
    before, after = _policy(old), _policy(new)
    items = [*_changes(before, after)]
    rows = [
        (each["decides"], _conditions(each["when"]), each["before"], each["after"])
        for each in items
    ]
    same = translate("They decide the same.")
    return CommandResult(
        {"old": before.version, "new": after.version, "changes": items},
        table(CHANGE_HEADERS, rows, same),
    )


def _changes(before: "Policy", after: "Policy") -> Iterator[dict[str, Any]]:
    from domain.language.decision_table import changes

    old, new = _tables(before), _tables(after)
    for name in old:
        for change in changes(old[name], new[name]):
            yield {
                "decides": name,
                "when": _when(change.where),
                "before": _value(name, change.before),
                "after": _value(name, change.after),
            }
    was, will_be = _in_words(before), _in_words(after)
    for name in dict.fromkeys((*was, *will_be)):
        one, other = was.get(name, NONE), will_be.get(name, NONE)
        if one != other:
            yield {"decides": name, "when": {}, "before": one, "after": other}


def _in_words(policy: "Policy") -> dict[str, str]:
    """Return what a policy says beside its tables."""
    ladders = {f"ladder.{name}": _ladder(each) for name, each in policy.milestones.items()}
    return {
        "calendar": f"{policy.calendar.id}@{policy.calendar.version}",
        "retarget": policy.retarget.value,
        **ladders,
        **_categories(policy),
        **_figures(policy),
        **_sortings(policy),
    }


def _categories(policy: "Policy") -> dict[str, str]:
    """Return what cases of each kind are sorted into, each category with all that is said of it."""
    from cases import CURRENT
    from i18n.labels import LOCALES, term_label

    said = {}
    for kind, process in CURRENT.items():
        for each in policy.categories.get(kind, process.categories.built_in):
            names = [term_label("category", each.term, locale, kind) for locale in LOCALES]
            book = each.playbook
            more = {
                "acts_as": [each.acts_as] if each.acts_as else [],
                "subcategories": [term.code for term in each.subcategories],
                "checks": [term.code for term in book.checks],
                "required_for": sorted(book.required_for),
                "text": [*book.text.values()],
                "solution": [*book.solution.values()],
            }
            parts = [f"{name}: {' | '.join(values)}" for name, values in more.items() if values]
            said[f"category.{kind}.{each.code}"] = "; ".join([" · ".join(names), *parts])
    return said


def _figures(policy: "Policy") -> dict[str, str]:
    """Return the figures beside the tables, those as usual included."""
    from policies.figure_document import known_figures, written

    said: dict[str, timedelta | int] = {**policy.times, **policy.counts}
    return {
        f"figure.{name}": written(said.get(name, each.usual))
        for name, each in known_figures().items()
    }


def _sortings(policy: "Policy") -> dict[str, str]:
    """Return by which words cases are sorted, row by row, of the kinds of which the policy says."""
    said = {}
    for kind, sorting in policy.sortings.items():
        name = f"classification.{kind}"
        said[name] = f"decides: {_mark(holds=sorting.decides)}"
        for number, clue in enumerate(sorting.clues, start=1):
            row = f"{clue.category} {clue.weight:+d}: {' | '.join(clue.words)}"
            said[f"{name}.clues.{number}"] = _with_conditions(row, clue.when)
        grades = {"severity": sorting.severities, "urgency": sorting.urgencies}
        for part, rows in grades.items():
            for number, grade in enumerate(rows, start=1):
                row = f"{grade.value}: {' | '.join(grade.words)}" if grade.words else grade.value
                said[f"{name}.{part}.{number}"] = _with_conditions(row, grade.when)
    return said


def _with_conditions(row: str, when: Mapping[str, frozenset[str]]) -> str:
    return f"{row} ({_conditions(_when(when))})" if when else row


def _ladder(milestones: Sequence[Any]) -> str:
    return ", ".join(
        f"{each.name} {each.share:g}" + (f"+{_value(each.name, each.later)}" if each.later else "")
        for each in milestones
    )


def _tables(policy: "Policy") -> "Mapping[str, DecisionTable[Any]]":
    budgets = {f"clock.{name}": each for name, each in policy.budgets.items()}
    return {
        **budgets,
        "priority": policy.priorities,
        TEAM: policy.teams,
        "authority": policy.authority,
    }


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
    return _read(Path(which))


def _read(file: Path) -> "Policy":
    from policies.check import read_policy
    from policies.document_text import DocumentRefused
    from policies.documents import calendars

    try:
        return read_policy(_text(file), calendars())[1]
    except DocumentRefused as error:
        raise _refused(file, error.faults) from None


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise NotFound(
            translate("%(file)s cannot be read: %(why)s.", file=file, why=system_reason(error))
        ) from None
    except UnicodeDecodeError:
        raise WrongUsage(translate("%(file)s is not UTF-8; save it as that.", file=file)) from None


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


def _mark(*, holds: bool) -> str:
    return translate("yes") if holds else translate("no")


def _when(conditions: Mapping[str, frozenset[str]]) -> dict[str, list[str]]:
    return {name: sorted(values) for name, values in sorted(conditions.items())}


def _conditions(when: Mapping[str, Sequence[str]]) -> str:
    if not when:
        return translate("always")
    return ", ".join(f"{name}: {' | '.join(values)}" for name, values in when.items())


def _value(decides: str, value: Any) -> str:
    """Return a decision as documents write it."""
    from pydantic import TypeAdapter

    from domain.language.values import Duration

    if value is None:
        return OWN if decides == TEAM else NONE
    if isinstance(value, timedelta):
        return str(TypeAdapter(Duration).dump_python(value, mode="json"))
    return str(getattr(value, "value", value))

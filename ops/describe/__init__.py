"""A kind's page of the documentation, made from its table, its forms and its stories."""

from collections.abc import Mapping, Sequence

from cases import CURRENT, stories_of
from cases.common.roles import HANDLERS
from domain.diagram import mermaid
from domain.process import Process
from domain.stories import Story
from ops.describe.tables import forms, named, states
from ops.describe.telling import telling

NOTE = "<!-- Made by `make docs` from the kind's folder; edit that, not this. -->"

WHO = (
    f"A handler is any of {HANDLERS}. Who may take a step is narrowed further by how hard the "
    "case is, and by who holds it."
)


def pages() -> Mapping[str, str]:
    """The page of every kind, by file name."""
    return {f"{kind}.md": page(process, stories_of(kind)) for kind, process in CURRENT.items()}


def page(process: Process, stories: Sequence[Story]) -> str:
    """One kind, as markdown."""
    parts = [
        NOTE,
        f"# {named('kind', process.kind, process.kind)}",
        _introduced(process),
        "```mermaid\n" + mermaid(process) + "```",
        "## States and steps",
        WHO,
        states(process),
        "## Forms",
        forms(process),
        "## Stories",
        "Each is played by the engine and under Temporal in the tests.",
        *(telling(process, story) for story in stories),
    ]
    return "\n\n".join(parts) + "\n"


def _introduced(process: Process) -> str:
    return (
        f"Kind `{process.kind}`, version {process.version}. Case numbers start with "
        f"`{process.prefix}`; the first task is on the list of the team `{process.team}`."
    )

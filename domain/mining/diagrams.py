"""A process as a diagram: mermaid source, made from the same table that the engine runs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from domain.engine.process import Process
from domain.language.table import Stage, State, Step


def mermaid(process: Process, at: str | None = None) -> str:
    """Return the state diagram of a process, with the state `at` highlighted."""
    lines = ["stateDiagram-v2", f"    [*] --> {process.states[0].name.value}"]
    for state in process.states:
        for step in state.steps:
            lines += _arrows(state, step)
    lines += [f"    {state.name.value} --> [*]" for state in process.states if state.closed]
    if at is not None:
        lines += ["    classDef here fill:#ffd666,stroke:#874d00", f"    class {at} here"]
    return "\n".join(lines) + "\n"


def _arrows(state: State, step: Step) -> list[str]:
    outcomes: dict[str, list[str]] = {}
    for outcome, dest in step.arrows.items():
        outcomes.setdefault(dest, []).append("" if outcome is None else _outcome_label(outcome))
    label = step.name + (f" after {_hours(step)} h" if step.after else "")
    return [
        f"    {state.name.value} --> {dest}: {label}{_bracketed(words)}"
        for dest, words in outcomes.items()
    ]


def _bracketed(words: list[str]) -> str:
    named = [word for word in words if word]
    return f" [{' or '.join(named)}]" if named else ""


def _outcome_label(outcome: object) -> str:
    if isinstance(outcome, bool):
        return "yes" if outcome else "no"
    return str(outcome)


def _hours(step: Step) -> int:
    return round(step.after.usual.total_seconds() / 3600) if step.after else 0


STAGES = list(Stage)

Label = Callable[[str], str]
"""Returns the label of `state.received`, `step.accept` or `stage.accept` in a language."""


@dataclass(frozen=True)
class Edge:
    """An arrow: from which state to which, its text, and its style if it has one."""

    start: str
    end: str
    text: str
    style: str = ""


def flowchart(
    process: Process,
    label: Label,
    notes: Mapping[str, str],
    edges: Sequence[Edge],
    styles: Mapping[str, str],
) -> str:
    """Return the flow chart of a process.

    Args:
        process: whose states are drawn, in the boxes of their stages.
        label: returns labels in a language.
        notes: a second line for some states.
        edges: the arrows, those of the table and whatever else was taken.
        styles: the styles of some states.
    """
    lines = ["flowchart TD", *_boxes(process, label, notes)]
    lines += [f'    {_id(e.start)} -->|"{_escaped(e.text)}"| {_id(e.end)}' for e in edges]
    lines += [f"    style {_id(state)} {style}" for state, style in styles.items()]
    for style in dict.fromkeys(edge.style for edge in edges if edge.style):
        places = ",".join(str(at) for at, edge in enumerate(edges) if edge.style == style)
        lines.append(f"    linkStyle {places} {style}")
    return "\n".join(lines) + "\n"


def _boxes(process: Process, label: Label, notes: Mapping[str, str]) -> Iterator[str]:
    by_stage = sorted(process.states, key=lambda state: STAGES.index(state.stage))
    for stage, states in groupby(by_stage, key=lambda state: state.stage.value):
        yield f'    subgraph stage_{stage}["{_escaped(label(f"stage.{stage}"))}"]'
        for state in states:
            name = state.name.value
            words = [label(f"state.{name}"), *filter(None, [notes.get(name)])]
            yield f'        {_id(name)}["{"<br/>".join(map(_escaped, words))}"]'
        yield "    end"


def _id(state: str) -> str:
    # Without a prefix, `end` and others would be keywords of mermaid.
    return f"s_{state}"


def _escaped(text: str) -> str:
    return text.replace('"', "#quot;")

"""A process as a picture: mermaid source made from the same rows that the engine runs."""

from domain.process import Process
from domain.table import State, Step


def mermaid(process: Process, at: str | None = None) -> str:
    """The state diagram of a process, the state `at` highlighted if given."""
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
        outcomes.setdefault(dest, []).append("" if outcome is None else _word(outcome))
    label = step.name + (f" after {_hours(step)} h" if step.after else "")
    return [
        f"    {state.name.value} --> {dest}: {label}{_bracket(words)}"
        for dest, words in outcomes.items()
    ]


def _bracket(words: list[str]) -> str:
    named = [word for word in words if word]
    return f" [{' or '.join(named)}]" if named else ""


def _word(outcome: object) -> str:
    if isinstance(outcome, bool):
        return "yes" if outcome else "no"
    return str(outcome)


def _hours(step: Step) -> int:
    return round(step.after.total_seconds() / 3600) if step.after else 0

"""A kind's page of the documentation, made from its table, its forms and its stories."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from cases import CURRENT, stories_of
from cases.common.roles import HANDLERS
from domain.engine.process import Process
from domain.language.effects import Effect, Notify
from domain.language.forms import Form
from domain.language.roles import Actor, Roles
from domain.language.table import State, Step
from domain.mining.diagrams import mermaid
from domain.stories import Act, Story, play
from i18n.labels import LOCALES, label

Schema = Mapping[str, Any]


def named(prefix: str, code: str, kind: str) -> str:
    """A code's names in both languages, the code itself if it has none."""
    names = [label(f"{prefix}.{code}", locale, kind) for locale in LOCALES]
    return " · ".join(dict.fromkeys(names))


def states(process: Process) -> str:
    """Every state: its stage, what it waits for, and the steps that lead out."""
    head = (
        "| state | stage | waits for | step | by | form | leads to |\n|---|---|---|---|---|---|---|"
    )
    rows = [row for state in process.states for row in _state(process.kind, state)]
    return "\n".join([head, *rows])


def forms(process: Process) -> str:
    """Every form: its fields, what they take, and whether they must be there."""
    found = dict.fromkeys([process.opens_with, *process.forms.values()])
    return "\n\n".join(table for form in found if (table := _form_table(process.kind, form)))


def _state(kind: str, state: State) -> Iterator[str]:
    name = f"**`{state.name.value}`** {named('state', state.name.value, kind)}"
    stage = named("stage", state.stage.value, kind)
    waits = state.waits_for + "".join(_effect(effect) for effect in state.does)
    ways = [_step(kind, step) for step in state.steps] or [["–"] * 4]
    first, *more = ways
    yield _row([name, stage, waits, *first])
    yield from (_row(["", "", "", *way]) for way in more)


def _step(kind: str, step: Step) -> list[str]:
    after = f" after {_days(step.after)}" if step.after else ""
    until = f" within {_days(step.until)}" if step.until else ""
    does = "".join(_effect(effect) for effect in step.does)
    return [
        f"`{step.name}` {named('step', step.name, kind)}{after}{until}{does}",
        _by(step.by),
        step.form.__name__,
        ", ".join(dict.fromkeys(f"`{dest}`" for dest in step.arrows.values())),
    ]


def _by(roles: Roles) -> str:
    """The roles, all handlers as one word."""
    if HANDLERS.names <= roles.names:
        return ", ".join(["handler", *sorted(roles.names - HANDLERS.names)])
    return str(roles)


def _days(time: timedelta) -> str:
    return f"{time.days} days" if not time.seconds else f"{time / timedelta(hours=1):g} h"


def _effect(effect: Effect) -> str:
    if isinstance(effect, Notify):
        return f"; notice `{effect.template}` to {effect.to}"
    return f"; call `{effect.port}` `{effect.template}`"


def _form_table(kind: str, form: type[Form]) -> str:
    schema = form.model_json_schema()
    if not schema.get("properties"):
        return ""
    head = f"**{form.__name__}**\n\n| field | called | takes |\n|---|---|---|"
    rows = [_row(cells) for cells in _fields(kind, schema, schema.get("$defs", {}))]
    return "\n".join([head, *rows])


def _fields(kind: str, schema: Schema, defs: Schema, path: str = "") -> Iterator[list[str]]:
    for name, field in schema["properties"].items():
        shape = _resolved(field, defs)
        must = "" if name in schema.get("required", ()) else ", optional"
        yield [f"`{path}{name}`", named("field", name, kind), _takes(kind, name, shape) + must]
        if "properties" in shape:
            yield from _fields(kind, shape, defs, f"{path}{name}.")


def _resolved(field: Schema, defs: Schema) -> Schema:
    given = next(each for each in field.get("anyOf", [field]) if each.get("type") != "null")
    found: Schema = defs[given["$ref"].rpartition("/")[2]] if "$ref" in given else given
    return found


def _takes(kind: str, name: str, shape: Schema) -> str:
    if "enum" in shape:
        return ", ".join(f"`{code}` {named(name, code, kind)}" for code in shape["enum"])
    if shape["type"] == "integer" and "maximum" in shape:
        return f"{shape['minimum']} to {shape['maximum']}"
    plain = {"string": "text", "boolean": "yes or no", "object": "as follows", "array": "list"}
    return plain.get(shape["type"], str(shape["type"]))


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


WHEN = "%m-%d %H:%M"


def telling(process: Process, story: Story) -> str:
    """A story from its opening to its end, with the state after each act."""
    played = play(process, story, f"{process.prefix}-{story.name}")
    opened = (
        f"{story.received:%Y-%m-%d %H:%M}, by {story.channel}: “{_words(story.opens)}” "
        f"Entered {story.entered or story.received:{WHEN}} by {_who(story.by)}."
    )
    lines = [_line(act, state) for act, state in zip(story.acts, played.states, strict=True)]
    shown = ", ".join(f"{name} {value}" for name, value in story.shows.items())
    ends = f"It ends `{story.ends.value}`: {shown}."
    kept = [
        f"`{name}` {state} after {_time(spent)}" for name, (state, spent) in story.clocks.items()
    ]
    ends += f" Clocks: {', '.join(kept)}." if kept else ""
    return "\n\n".join([f"### {story.name}: {story.title}", opened, "\n".join(lines), ends])


def _line(act: Act, state: str) -> str:
    commands = "; ".join(f"`{name}`{_form(form)}" for name, form in act.commands)
    leads = f"refused, `{act.refused}`" if act.refused else f"`{state}`"
    return f"- {act.at:{WHEN}} {_who(act.by)}: {commands} → {leads}." + (
        f" {act.tells}" if act.tells else ""
    )


def _time(spent: timedelta) -> str:
    hours, minutes = divmod(round(spent / timedelta(minutes=1)), 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min"


def _who(actor: Actor) -> str:
    """A person with their role, or the sort of actor it is."""
    return f"{actor.id} ({', '.join(actor.roles) or actor.kind.value})"


def _words(form: Form) -> str:
    return str(getattr(form, "words", ""))


def _form(form: Form) -> str:
    given = form.model_dump(mode="json", exclude_unset=True)
    told = ", ".join(f"{name} {_value(value)}" for name, value in given.items())
    return f" ({told})" if told else ""


def _value(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(str(each) for each in value.values())
    if isinstance(value, list):
        return "+".join(str(each) for each in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


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

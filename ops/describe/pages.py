"""A kind's page of the documentation, made from its table, its forms and its stories."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from cases import CURRENT, stories_of
from cases.common.categories import with_choices
from cases.common.roles import HANDLERS
from domain.engine.action_forms import request_form
from domain.engine.process import Process
from domain.language.effects import Effect, Notify
from domain.language.forms import Form
from domain.language.roles import Actor, Roles
from domain.language.table import State, Step
from domain.mining.diagrams import mermaid
from domain.stories import Act, Story, play
from i18n.labels import LOCALES, label

Schema = Mapping[str, Any]

WHEN = "%m-%d %H:%M"
NOTE = "<!-- Made by `make docs` from the kind's folder; edit that, not this. -->"
LISTED = re.compile(
    r"(?<=<!-- The kinds: made by `make docs`. -->\n).*?(?=<!-- The kinds end. -->)", re.DOTALL
)
"""Where the index of the documents lists the pages."""

WHO = (
    f"A handler is any of {HANDLERS}. Who may take a step is narrowed further by how hard the "
    "case is, and by who holds it."
)


def pages() -> Mapping[str, str]:
    """Return the page of every kind, by file name."""
    return {f"{kind}.md": page(process, stories_of(kind)) for kind, process in CURRENT.items()}


def with_list(index: str) -> str:
    """Return the index of the documents, with the list of the kinds' pages in it made anew."""
    lines = [
        f"- [{kind}](processes/{kind}.md) {named('kind', kind, kind)}\n" for kind in sorted(CURRENT)
    ]
    return LISTED.sub(lambda _: "".join(lines), index)


def page(process: Process, stories: Sequence[Story]) -> str:
    """Return one kind's page, as markdown."""
    parts = [
        NOTE,
        f"# {named('kind', process.kind, process.kind)}",
        _introduction(process),
        "```mermaid\n" + mermaid(process) + "```",
        "## States and steps",
        WHO,
        states(process),
        "## Forms",
        forms(process),
        "## Stories",
        "Each is played by the engine and under Temporal in the tests.",
        *(story_text(process, story) for story in stories),
    ]
    return "\n\n".join(parts) + "\n"


def named(prefix: str, code: str, kind: str) -> str:
    """Return a code's names in both languages, or the code itself if it has none."""
    names = [label(f"{prefix}.{code}", locale, kind) for locale in LOCALES]
    return " · ".join(dict.fromkeys(names))


def states(process: Process) -> str:
    """Return the table of states: stage, what each waits for, and the steps that lead out."""
    head = (
        "| state | stage | waits for | step | by | form | leads to |\n|---|---|---|---|---|---|---|"
    )
    rows = [row for state in process.states for row in _state_rows(process.kind, state)]
    return "\n".join([head, *rows])


def forms(process: Process) -> str:
    """Return a table for each form: its fields, what they take, whether they are optional."""
    submitted = map(request_form, process.forms.values())
    all_forms = dict.fromkeys([process.opens_with, *submitted])
    tables = (_form_table(process, form) for form in all_forms)
    return "\n\n".join(table for table in tables if table)


def story_text(process: Process, story: Story) -> str:
    """Return a story from its opening to its end, with the state after each act."""
    played = play(process, story, f"{process.prefix}-{story.name}")
    opening = (
        f"{story.received:%Y-%m-%d %H:%M}, by {story.channel}: “{_words(story.opens)}” "
        f"Entered {story.entered or story.received:{WHEN}} by {_who(story.by)}."
    )
    lines = [_act_line(act, state) for act, state in zip(story.acts, played.states, strict=True)]
    shown = ", ".join(f"{name} {value}" for name, value in story.shows.items())
    clocks = [
        f"`{name}` {state} after {_time(spent)}" for name, (state, spent) in story.clocks.items()
    ]
    end = f"It ends `{story.ends.value}`: {shown}."
    end += f" Clocks: {', '.join(clocks)}." if clocks else ""
    return "\n\n".join([f"### {story.name}: {story.title}", opening, "\n".join(lines), end])


def _introduction(process: Process) -> str:
    _first, *others = (f"`{team}`" for team in process.teams)
    also = (
        f" What it turns out to be may give it to the team {', '.join(others)}." if others else ""
    )
    return (
        f"Kind `{process.kind}`, version {process.version}. Case numbers start with "
        f"`{process.prefix}`; the first task is on the list of the team `{process.team}`.{also}"
    )


def _state_rows(kind: str, state: State) -> Iterator[str]:
    name = f"**`{state.name.value}`** {named('state', state.name.value, kind)}"
    stage = named("stage", state.stage.value, kind)
    waits = state.waits_for + "".join(_effect(effect) for effect in state.does)
    first, *more = [_step_cells(kind, step) for step in state.steps] or [["–"] * 4]
    yield _row([name, stage, waits, *first])
    yield from (_row(["", "", "", *cells]) for cells in more)


def _step_cells(kind: str, step: Step) -> list[str]:
    after = f" after {_days(step.after.usual)}" if step.after else ""
    until = f" within {_days(step.until.usual)}" if step.until else ""
    does = "".join(_effect(effect) for effect in step.does)
    return [
        f"`{step.name}` {named('step', step.name, kind)}{after}{until}{does}",
        _by(step.by),
        request_form(step.form).__name__,
        ", ".join(dict.fromkeys(f"`{dest}`" for dest in step.arrows.values())),
    ]


def _by(roles: Roles) -> str:
    """Return the roles; all handlers are one word."""
    if HANDLERS.names <= roles.names:
        return ", ".join(["handler", *sorted(roles.names - HANDLERS.names)])
    return str(roles)


def _days(time: timedelta) -> str:
    if time < timedelta(minutes=1):
        return f"{time.seconds} s"
    return f"{time.days} days" if not time.seconds else f"{time / timedelta(hours=1):g} h"


def _effect(effect: Effect) -> str:
    if isinstance(effect, Notify):
        by_staff = f" (by staff: `{effect.by_staff}`)" if effect.by_staff else ""
        return f"; notice `{effect.template}`{by_staff} to {effect.to}"
    return f"; call `{effect.port}` `{effect.template}`"


def _form_table(process: Process, form: type[Form]) -> str:
    kind = process.kind
    schema = with_choices(form.model_json_schema(), process.categories.built_in)
    if not schema.get("properties"):
        return ""
    head = f"**{form.__name__}**\n\n| field | called | takes |\n|---|---|---|"
    rows = [_row(cells) for cells in _field_cells(kind, schema, schema.get("$defs", {}))]
    return "\n".join([head, *rows])


def _field_cells(kind: str, schema: Schema, defs: Schema, path: str = "") -> Iterator[list[str]]:
    for name, field in schema["properties"].items():
        shape = _resolved(field, defs)
        optional = "" if name in schema.get("required", ()) else ", optional"
        yield [f"`{path}{name}`", named("field", name, kind), _takes(kind, name, shape) + optional]
        if "properties" in shape:
            yield from _field_cells(kind, shape, defs, f"{path}{name}.")


def _resolved(field: Schema, defs: Schema) -> Schema:
    shape: Schema = next(s for s in field.get("anyOf", [field]) if s.get("type") != "null")
    resolved: Schema = defs[shape["$ref"].rpartition("/")[2]] if "$ref" in shape else shape
    return resolved


def _takes(kind: str, name: str, shape: Schema) -> str:
    if "enum" in shape:
        return ", ".join(f"`{code}` {named(name, code, kind)}" for code in shape["enum"])
    if shape["type"] == "integer" and "maximum" in shape:
        return f"{shape['minimum']} to {shape['maximum']}"
    words = {"string": "text", "boolean": "yes or no", "object": "as follows", "array": "list"}
    return words.get(shape["type"], str(shape["type"]))


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _act_line(act: Act, state: str) -> str:
    commands = "; ".join(f"`{name}`{_form(form)}" for name, form in act.commands)
    leads = f"refused, `{act.refused}`" if act.refused else f"`{state}`"
    return f"- {act.at:{WHEN}} {_who(act.by)}: {commands} → {leads}." + (
        f" {act.tells}" if act.tells else ""
    )


def _time(spent: timedelta) -> str:
    hours, minutes = divmod(round(spent / timedelta(minutes=1)), 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min"


def _who(actor: Actor) -> str:
    """Return a person with their roles, or the sort of actor it is."""
    return f"{actor.id} ({', '.join(actor.roles) or actor.kind.value})"


def _words(form: Form) -> str:
    return str(getattr(form, "words", ""))


def _form(form: Form) -> str:
    looked_up = {*type(form).model_fields} - {*request_form(type(form)).model_fields}
    fields = form.model_dump(mode="json", by_alias=False, exclude_unset=True, exclude=looked_up)
    text = ", ".join(f"{name} {_value(value)}" for name, value in fields.items())
    return f" ({text})" if text else ""


def _value(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(str(each) for each in value.values())
    if isinstance(value, list):
        return "+".join(str(each) for each in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)

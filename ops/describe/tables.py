"""The tables of a kind's page: its states with their steps, and its forms with their fields."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from cases.common.roles import HANDLERS
from domain.effects import Effect, Notify
from domain.forms import Form
from domain.people import Roles
from domain.process import Process
from domain.table import State, Step
from ops.labels import LOCALES, label

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
    return "\n\n".join(table for form in found if (table := _form(process.kind, form)))


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


def _form(kind: str, form: type[Form]) -> str:
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

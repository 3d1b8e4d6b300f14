"""Steps and their forms from the command line: `--form`, `--set`, `--where`, led by JSON Schema."""

import sys
from collections.abc import Collection, Iterable, Iterator
from typing import Annotated, Any, get_args

import typer

from cli.core.client import ApiClient, ApiResponse, segment
from cli.core.exits import WrongUsage
from cli.core.i18n import code_label, translate
from cli.core.names import kind_of
from cli.core.output import CommandResult, parse_time, sentence, stderr
from cli.core.prompts import ask, confirm, question_for
from domain.json_values import NotJson, read_json
from domain.language.values import Instant

Schema = dict[str, Any]
Form = dict[str, Any]

FormText = Annotated[str | None, typer.Option("--form", help="The form, as a JSON object.")]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", help="FIELD=VALUE of the form; FIELD.PART=VALUE goes deeper."),
]


def take_step(
    api: ApiClient, view: ApiResponse, step: str, form: str | None, sets: list[str] | None
) -> CommandResult:
    """Take a step of the case as `view` has it; if the case has moved since, nothing is done.

    Raises:
        CommandFailed: it is not offered, the form does not fit, or somebody was first.
    """
    number = view.body["case"]["number"]
    schema = _schema_of(view.body["offers"], step)
    filled = fill_form(schema, form, sets or [])
    if sys.stdin.isatty() and sys.stderr.isatty():
        filled = prompt_missing(schema, filled, kind=kind_of(number))
    path = f"/v1/cases/{segment(number)}/steps/{segment(step)}"
    response = api.post(path, filled, if_match=view.etag or f'"{view.body["case"]["etag"]}"')
    return CommandResult(response.body, sentence(describe_receipt(response, number)))


def describe_receipt(response: ApiResponse, number: str) -> str:
    """Return one line that says where the case is now."""
    receipt = response.body.get("receipt")
    if receipt is None:
        return translate(
            "%(number)s: done and durable; the lists will show it soon.", number=number
        )
    return translate(
        "%(number)s: now %(state)s.",
        number=number,
        state=code_label("state", receipt["state"], kind_of(number)),
    )


def fill_form(schema: Schema, form: str | None, sets: list[str]) -> Form:
    """Return the form from `--form` and, over it, from each `--set`.

    Raises:
        WrongUsage: it is not a JSON object, or a value does not lie where it is put.
    """
    filled = _parse_object(form) if form is not None else {}
    for field, value in parse_pairs(sets):
        target, path = filled, field.split(".")
        for name in path[:-1]:
            target = target.setdefault(name, {})
            if not isinstance(target, dict):
                raise WrongUsage(
                    translate(
                        "%(field)s: %(name)s is given as a value already.", field=field, name=name
                    )
                )
        target[path[-1]] = _parse_value(_field_at(schema, path), value)
    return filled


def prompt_missing(
    schema: Schema, filled: Form, part: Schema | None = None, *, kind: str = ""
) -> Form:
    """Ask the person at the terminal for every required field that is not filled in."""
    here = part or schema
    for name in here.get("required", ()):
        field = _follow_reference(schema, here["properties"][name])
        if field.get("type") == "object":
            filled[name] = prompt_missing(schema, dict(filled.get(name) or {}), field, kind=kind)
        elif name not in filled:
            filled[name] = _prompt(name, field, kind)
    return filled


def parse_pairs(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield field and value of each `FIELD=VALUE`, split at its first sign.

    Raises:
        WrongUsage: there is no sign in it.
    """
    for text in texts:
        field, sign, value = text.partition("=")
        if not sign or not field:
            raise WrongUsage(translate("Write FIELD=VALUE, not %(text)s.", text=f"{text!r}"))
        yield field, value


def parse_filters(where: Iterable[str], *, excluded: Collection[str]) -> dict[str, str]:
    """Return the filters of `--where`; a time without a zone is one of the business zone.

    It knows all filters for cases but those that are excluded, since they have their own options.

    Raises:
        WrongUsage: a word that is no filter, or a time that is none.
    """
    from store.cases.records import CaseFilter

    fields = {name: f for name, f in CaseFilter.model_fields.items() if name not in excluded}
    filters = dict(parse_pairs(where))
    if unknown := sorted(filters.keys() - fields.keys()):
        raise WrongUsage(
            translate(
                "--where knows %(fields)s, not %(unknown)s.",
                fields=sorted(fields),
                unknown=unknown,
            )
        )
    return {
        name: parse_time(value) if Instant in get_args(fields[name].annotation) else value
        for name, value in filters.items()
    }


def _schema_of(offers: list[dict[str, Any]], step: str) -> Schema:
    """Return the form's schema; empty if the step is not offered, as then the server says why."""
    return next((offer["form"] for offer in offers if offer["name"] == step), {})


def _prompt(name: str, field: Schema, kind: str) -> Any:
    console = stderr()
    if field.get("type") == "boolean":
        return confirm(question_for(name, kind), console)
    choices = [str(choice) for choice in field.get("enum", ())]
    text = ask(name, choices, console, kind)
    if field.get("type") == "array":
        return [_parse_value(field.get("items", {}), part.strip()) for part in text.split(",")]
    return _parse_value(field, text)


def _parse_object(text: str) -> Form:
    try:
        value = read_json(text)
    except NotJson as error:
        raise WrongUsage(translate("--form cannot be read: %(error)s.", error=error)) from None
    if not isinstance(value, dict):
        raise WrongUsage(translate('--form takes a JSON object, such as \'{"note": "…"}\'.'))
    return value


def _parse_value(field: Schema, text: str) -> Any:
    """Return text where the schema takes text; else what it means as JSON, if anything."""
    if "string" in _types(field):
        return text
    try:
        return read_json(text)
    except NotJson:
        return text


def _types(field: Schema) -> set[str]:
    variants = [field, *field.get("anyOf", ())]
    return {variant["type"] for variant in variants if isinstance(variant.get("type"), str)}


def _field_at(schema: Schema, path: list[str]) -> Schema:
    field = schema
    for name in path:
        field = _follow_reference(schema, field.get("properties", {}).get(name, {}))
    return field


def _follow_reference(schema: Schema, field: Schema) -> Schema:
    reference = field.get("$ref", "")
    if reference.startswith("#/$defs/"):
        definition = schema.get("$defs", {}).get(reference.removeprefix("#/$defs/"), {})
        return {**definition, **{key: value for key, value in field.items() if key != "$ref"}}
    return field

"""Filling in a form from the command line, led by its JSON Schema."""

import json
import sys
from collections.abc import Collection, Iterable, Iterator
from typing import Annotated, Any, get_args

import typer
from pydantic import AwareDatetime
from rich.prompt import Confirm, Prompt

from cli.core.client import Answer, Server
from cli.core.exits import WrongUsage
from cli.core.output import Shown, instant, sentence, stderr
from store.cases.records import CaseWhere

Schema = dict[str, Any]
MOMENTS = {
    name
    for name, field in CaseWhere.model_fields.items()
    if AwareDatetime in get_args(field.annotation)
}
"""The filters that are a moment."""


def pairs(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """`FIELD=VALUE`, each split at its first sign.

    Raises:
        WrongUsage: there is no sign in it.
    """
    for text in texts:
        field, sign, value = text.partition("=")
        if not sign or not field:
            raise WrongUsage(f"Write FIELD=VALUE, not {text!r}.")
        yield field, value


def filters(where: Iterable[str], known: Collection[str]) -> dict[str, str]:
    """What `--where` says; a time without a zone is one of the business zone.

    Raises:
        WrongUsage: a word that is no filter, or a time that is none.
    """
    given = dict(pairs(where))
    if unknown := sorted(given.keys() - set(known)):
        raise WrongUsage(f"--where knows {', '.join(sorted(known))}, not {', '.join(unknown)}.")
    return {name: instant(value) if name in MOMENTS else value for name, value in given.items()}


def fill(schema: Schema, form: str | None, sets: list[str]) -> dict[str, Any]:
    """The form from `--form` and, over it, from each `--set`.

    Raises:
        WrongUsage: it is not a JSON object, or a value does not lie where it is put.
    """
    handed = _object(form) if form is not None else {}
    for field, value in pairs(sets):
        at, path = handed, field.split(".")
        for name in path[:-1]:
            at = at.setdefault(name, {})
            if not isinstance(at, dict):
                raise WrongUsage(f"{field}: {name} is given as a value already.")
        at[path[-1]] = _typed(_field(schema, schema, path), value)
    return handed


def ask(schema: Schema, handed: dict[str, Any], within: Schema | None = None) -> dict[str, Any]:
    """Ask the person at the terminal for every field that must be there and is not."""
    here = within or schema
    for name in here.get("required", ()):
        field = _plain(schema, here["properties"][name])
        if field.get("type") == "object":
            handed[name] = ask(schema, dict(handed.get(name) or {}), field)
        elif name not in handed:
            handed[name] = _asked(name, field)
    return handed


def _asked(name: str, field: Schema) -> Any:
    console = stderr()
    if field.get("type") == "boolean":
        return Confirm.ask(name, console=console)
    choices = [str(each) for each in field.get("enum", ())] or None
    told = str(Prompt.ask(name, choices=choices, console=console))
    if field.get("type") == "array":
        return [_typed(field.get("items", {}), each.strip()) for each in told.split(",")]
    return _typed(field, told)


def _object(text: str) -> dict[str, Any]:
    try:
        read = json.loads(text)
    except ValueError as error:
        raise WrongUsage(f"--form is not JSON: {error}.") from None
    if not isinstance(read, dict):
        raise WrongUsage('--form takes a JSON object, such as \'{"note": "…"}\'.')
    return read


def _typed(field: Schema, value: str) -> Any:
    """Text where text is wanted; else what it means as JSON, if anything."""
    if "string" in _types(field):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _types(field: Schema) -> set[str]:
    some = [field, *field.get("anyOf", ())]
    return {each["type"] for each in some if isinstance(each.get("type"), str)}


def _field(root: Schema, schema: Schema, path: list[str]) -> Schema:
    for name in path:
        schema = _plain(root, schema.get("properties", {}).get(name, {}))
    return schema


def _plain(root: Schema, field: Schema) -> Schema:
    """The field with its reference followed."""
    reference = field.get("$ref", "")
    if reference.startswith("#/$defs/"):
        found = root.get("$defs", {}).get(reference.removeprefix("#/$defs/"), {})
        return {**found, **{key: value for key, value in field.items() if key != "$ref"}}
    return field


FormText = Annotated[str | None, typer.Option("--form", help="The form, as a JSON object.")]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", help="FIELD=VALUE of the form; FIELD.PART=VALUE goes deeper."),
]


def do_step(
    server: Server, seen: Answer, step: str, form: str | None, sets: list[str] | None
) -> Shown:
    """Take a step of the case as it was seen; if it has moved since, nothing is done.

    Raises:
        CommandFailed: it is not offered, the form does not fit, or somebody was first.
    """
    number = seen.body["case"]["number"]
    schema = _schema(seen.body["offers"], step)
    handed = fill(schema, form, sets or [])
    if sys.stdin.isatty() and sys.stderr.isatty():
        handed = ask(schema, handed)
    path = f"/v1/cases/{number}/steps/{step}"
    answer = server.post(path, handed, if_match=seen.etag or f'"{seen.body["case"]["etag"]}"')
    return Shown(answer.body, sentence(outcome(answer, number)))


def outcome(answer: Answer, number: str) -> str:
    """In one line, where the case is now."""
    receipt = answer.body.get("receipt")
    if receipt is None:
        return f"{number}: done and durable; the lists will show it soon."
    return f"{number}: now {receipt['state']}."


def _schema(offers: list[dict[str, Any]], step: str) -> dict[str, Any]:
    """The form's schema; empty if the step is not offered, for then the server says why not."""
    return next((offer["form"] for offer in offers if offer["name"] == step), {})

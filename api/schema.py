"""The API describes itself in OpenAPI 3.1, its bodies typed by what the process tables know."""

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from api.asked import asked_form, steps_of
from api.bodies import NewCase
from api.examples import CASES, FORMS
from api.problems import MEDIA_TYPE
from cases import CURRENT, KINDS
from domain.acts import ACTS
from domain.forms import Form

REF = "#/components/schemas/"
JSON = "application/json"
Schema = dict[str, Any]


def refine(app: FastAPI) -> None:
    """Let the app describe itself with typed bodies; computed once, when it is first asked for."""

    def described() -> Schema:
        app.openapi_schema = app.openapi_schema or describe(app)
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]


def describe(app: FastAPI) -> Schema:
    """FastAPI's description, with what the process tables know put in."""
    found = get_openapi(
        title=app.title, version=app.version, summary=app.summary, routes=app.routes
    )
    found["info"]["license"] = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
    schemas, paths = found["components"]["schemas"], found["paths"]
    refs = _add_forms(schemas)
    _type_openings(schemas, refs)
    _type_steps(schemas, refs)
    _type_paths(paths, refs)
    for operation in _operations(paths):
        operation["responses"].pop("422", None)
        operation["responses"]["default"] = _problem()
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    return found


def _all_steps() -> Mapping[str, list[type[Form]]]:
    """Every step of every kind and act on a task; kinds may give a name different forms."""
    found: dict[str, list[type[Form]]] = {n: [asked_form(f)] for n, (f, _) in ACTS.items()}
    for process in KINDS.values():
        for name, form in steps_of(process).items():
            if form not in found.setdefault(name, []):
                found[name].append(form)
    return dict(sorted(found.items()))


def _add_forms(schemas: Schema) -> Mapping[Any, Schema]:
    forms = {form: None for found in _all_steps().values() for form in found}
    openings = {process.opens_with: None for process in CURRENT.values()}
    wanted = [(form, "validation") for form in {**forms, **openings}]
    refs, definitions = models_json_schema(wanted, ref_template=REF + "{model}")  # type: ignore[arg-type]
    for name, schema in definitions["$defs"].items():
        plain = _without_null_defaults(schema)
        if schemas.setdefault(name, plain) != plain:
            raise ValueError(f"two different schemas are called {name}")
    return {form: dict(schema) for (form, _), schema in refs.items()}


def _type_openings(schemas: Schema, refs: Mapping[Any, Schema]) -> None:
    """A case to be started is one of a known kind, with that kind's opening form."""
    common, mapping = schemas[NewCase.__name__], {}
    for kind, process in CURRENT.items():
        name = f"New{_camel(kind)}"
        typed = {"kind": {"const": kind, "type": "string"}, "form": refs[process.opens_with]}
        example = {"examples": [CASES[kind]]} if kind in CASES else {}
        properties = {**common["properties"], **typed}
        schemas[name] = {**common, "title": name, "properties": properties, **example}
        mapping[kind] = REF + name
    schemas[NewCase.__name__] = _one_of(mapping, "kind")
    schemas["Batch"]["properties"]["cases"]["items"] = {"$ref": REF + NewCase.__name__}


def _type_steps(schemas: Schema, refs: Mapping[Any, Schema]) -> None:
    """One of several steps: its name decides which form goes with it."""
    mapping = {}
    for step, forms in _all_steps().items():
        name = f"{_camel(step)}Step"
        schemas[name] = {
            "title": name,
            "type": "object",
            "properties": {
                "step": {"const": step, "type": "string"},
                "form": _any_of([refs[form] for form in forms]),
            },
            "required": ["step"],
            "additionalProperties": False,
        }
        mapping[step] = REF + name
    schemas["StepBody"] = _one_of(mapping, "step")


def _type_paths(paths: Schema, refs: Mapping[Any, Schema]) -> None:
    """The one path for steps takes any step's form. `{}` fits several: `anyOf`, not `oneOf`."""
    known = _all_steps()
    forms = list(dict.fromkeys(form for found in known.values() for form in found))
    operation = paths["/v1/cases/{number}/steps/{step}"]["post"]
    operation["description"] += "\n\n" + "\n".join(_listed())
    content = operation["requestBody"]["content"][JSON]
    content["schema"] = _any_of([refs[form] for form in forms])
    content["examples"] = {name: {"value": value} for name, value in FORMS.items()}
    _parameter(operation, "step")["schema"]["enum"] = list(known)
    _parameter(paths["/v1/kinds/{kind}"]["get"], "kind")["schema"]["enum"] = sorted(CURRENT)


def _listed() -> Iterator[str]:
    for kind, process in CURRENT.items():
        steps = ", ".join(f"`{name}` ({form.__name__})" for name, form in steps_of(process).items())
        yield f"- {kind}: {steps}"


def _one_of(mapping: Mapping[str, str], name: str) -> Schema:
    return {
        "oneOf": [{"$ref": ref} for ref in mapping.values()],
        "discriminator": {"propertyName": name, "mapping": dict(mapping)},
    }


def _any_of(schemas: list[Schema]) -> Schema:
    # A copied kind's forms are the same as long as nobody has changed them.
    distinct = [each for at, each in enumerate(schemas) if each not in schemas[:at]]
    return distinct[0] if len(distinct) == 1 else {"anyOf": distinct}


def _problem() -> Schema:
    schema = {"$ref": REF + "ProblemAnswer"}
    return {"description": "A problem (RFC 9457).", "content": {MEDIA_TYPE: {"schema": schema}}}


def _parameter(operation: Schema, name: str) -> Schema:
    return next(each for each in operation["parameters"] if each["name"] == name)


def _operations(paths: Schema) -> Iterator[Schema]:
    for path in paths.values():
        yield from (operation for operation in path.values() if "operationId" in operation)


def _without_null_defaults(schema: Any) -> Any:
    """As FastAPI writes schemas: a default of null goes without saying."""
    if isinstance(schema, list):
        return [_without_null_defaults(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    told = {name: each for name, each in schema.items() if (name, each) != ("default", None)}
    return {name: _without_null_defaults(each) for name, each in told.items()}


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))

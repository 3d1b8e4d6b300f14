"""The API's description (OpenAPI 3.1): FastAPI's, with bodies typed by the process tables."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import (
    CoreModeRef,
    DefsRef,
    GenerateJsonSchema,
    JsonSchemaMode,
    models_json_schema,
)

from api.http.problems import MEDIA_TYPE
from api.http.schemas import ProblemDetails
from app.start_case import NewCase
from app.step_forms import steps_of
from cases import CURRENT, KINDS, stories_of
from domain.engine.action_forms import Assignment, request_form
from domain.engine.process import Process
from domain.engine.task_actions import OFFERED_ACTIONS
from domain.language.forms import Form

REF = "#/components/schemas/"
STEP, BULK_START = "StepRequest", "BulkStart"
"""The schemas that are typed by step, and by kind."""

JSON = "application/json"
OF_A_KIND = re.compile(r"cases\.(\w+)\.(?:\w+?_(v\d+)|\w+)\.(?:\w+\.)*(\w+):")
"""The kind, the version of which the module is if it is of an older one, and the class."""
LITERALS = {"const", "default", "enum", "example", "examples"}
"""Keywords whose values are data, not schemas."""

NAMED = {"properties", "responses"}
"""Keywords whose values have names of ours as keys, which may read like keywords."""

CUSTOMER = {"name": "张三", "contacts": [{"kind": "phone", "value": "138 0000 0001"}]}

Schema = dict[str, Any]
FormRefs = Mapping[type[Form], Schema]


def refine(app: FastAPI) -> None:
    """Let the app describe itself with typed bodies; computed once, when it is first asked for."""

    def described() -> Schema:
        app.openapi_schema = app.openapi_schema or describe(app)
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]


def describe(app: FastAPI) -> Schema:
    """Return FastAPI's description, with what the process tables know put in.

    What kinds define are the components `<kind>.<Form>`, `NewCase.<kind>` and
    `StepRequest.<step>`. No model of the API has a dot in its name, so that no kind can take the
    name of one. Only components have a title, their name: generators call what they make by
    title, and drop what would be called the same.

    Raises:
        ValueError: two different models would be one component.
    """
    description = get_openapi(
        title=app.title, version=app.version, summary=app.summary, routes=app.routes
    )
    description["info"]["license"] = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
    schemas, paths = description["components"]["schemas"], description["paths"]
    refs = _add_forms(schemas)
    _type_openings(schemas, refs)
    _type_steps(schemas, refs)
    _type_paths(paths, refs)
    for operation in _operations(paths):
        operation["responses"].pop("422", None)
        operation["responses"]["default"] = _problem()
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    description["paths"] = _untitled(paths)
    for name, schema in schemas.items():
        schemas[name] = {"title": name, **_untitled(schema)}
    return description


def opening_examples() -> Mapping[str, Schema]:
    """Return one case to be started for each kind, as its first story begins."""
    return {kind: _opening_example(process) for kind, process in CURRENT.items()}


def form_examples() -> Mapping[str, Schema]:
    """Return what is sent for each kind's steps and task actions, as `<kind>.<step>`.

    It is what the first story in which the step is taken hands in; what is refused is no example.
    """
    examples: dict[str, Schema] = {}
    for kind, process in CURRENT.items():
        named = {*steps_of(process), *OFFERED_ACTIONS}
        acts = [act for story in stories_of(kind) for act in story.acts if not act.refused]
        for step, form in (command for act in acts for command in act.commands):
            if step in named:
                examples.setdefault(f"{kind}.{step}", {"step": step, "form": _sent(form)})
    return examples


class _FormSchemas(GenerateJsonSchema):
    """Calls what a kind defines `<kind>.<Name>`; `<kind>.v2.<Name>` if only older tables need it.

    Everything else is called as FastAPI does.
    """

    def get_defs_ref(self, core_mode_ref: CoreModeRef) -> DefsRef:
        ref = super().get_defs_ref(core_mode_ref)
        if named := OF_A_KIND.match(core_mode_ref[0]):
            choices = self._prioritized_defsref_choices[ref]
            choices[0] = DefsRef(".".join(filter(None, named.groups())))
            # Two of a kind's modules may each have one of this name.
            choices[1:3] = [DefsRef(core_mode_ref[0].partition(":")[0])]
        return ref


def _all_steps() -> Mapping[str, list[type[Form]]]:
    """Return all steps and task actions with their forms; kinds may differ in theirs."""
    forms: dict[str, list[type[Form]]] = {
        name: [request_form(form)] for name, (form, _) in OFFERED_ACTIONS.items()
    }
    for process in KINDS.values():
        for name, form in steps_of(process).items():
            if form not in forms.setdefault(name, []):
                forms[name].append(form)
    return dict(sorted(forms.items()))


def _add_forms(schemas: Schema) -> FormRefs:
    forms = dict.fromkeys(form for of_step in _all_steps().values() for form in of_step)
    openings = dict.fromkeys(process.opens_with for process in CURRENT.values())
    models: list[tuple[type[Form], JsonSchemaMode]] = [
        (form, "validation") for form in {**forms, **openings}
    ]
    refs, definitions = models_json_schema(
        models, ref_template=REF + "{model}", schema_generator=_FormSchemas
    )
    for name, definition in definitions["$defs"].items():
        schema = _without_null_defaults(definition)
        if schemas.setdefault(name, schema) != schema:
            raise ValueError(f"two different schemas are called {name}")
    return {form: dict(refs[form, mode]) for form, mode in models}


def _type_openings(schemas: Schema, refs: FormRefs) -> None:
    """A case to be started is one of a known kind, with that kind's opening form."""
    common, mapping = schemas[NewCase.__name__], {}
    for kind, example in opening_examples().items():
        name = f"{NewCase.__name__}.{kind}"
        form = refs[CURRENT[kind].opens_with]
        typed = {"kind": {"const": kind, "type": "string"}, "form": form}
        properties = {**common["properties"], **typed}
        schemas[name] = {**common, "properties": properties, "examples": [example]}
        mapping[kind] = REF + name
    schemas[NewCase.__name__] = _one_of(mapping, "kind")
    schemas[BULK_START]["properties"]["cases"]["items"] = {"$ref": REF + NewCase.__name__}


def _type_steps(schemas: Schema, refs: FormRefs) -> None:
    """One of several steps: its name decides which form goes with it."""
    mapping = {}
    for step, forms in _all_steps().items():
        name = f"{STEP}.{step}"
        schemas[name] = {
            "type": "object",
            "properties": {
                "step": {"const": step, "type": "string"},
                "form": _any_of([refs[form] for form in forms]),
            },
            "required": ["step"],
            "additionalProperties": False,
        }
        mapping[step] = REF + name
    schemas[STEP] = _one_of(mapping, "step")


def _type_paths(paths: Schema, refs: FormRefs) -> None:
    """The one path for steps takes any step's form. `{}` fits several: `anyOf`, not `oneOf`."""
    steps = _all_steps()
    forms = dict.fromkeys(form for of_step in steps.values() for form in of_step)
    operation = paths["/v1/cases/{number}/steps/{step}"]["post"]
    operation["description"] += "\n\n" + "\n".join(_listed(refs))
    content = operation["requestBody"]["content"][JSON]
    content["schema"] = _any_of([refs[form] for form in forms])
    content["examples"] = {
        name: {"value": request["form"]} for name, request in form_examples().items()
    }
    _parameter(operation, "step")["schema"]["enum"] = list(steps)
    _parameter(paths["/v1/kinds/{kind}"]["get"], "kind")["schema"]["enum"] = sorted(CURRENT)


def _listed(refs: FormRefs) -> Iterator[str]:
    for kind, process in CURRENT.items():
        steps = (
            f"`{name}` ({refs[form]['$ref'].removeprefix(REF)})"
            for name, form in steps_of(process).items()
        )
        yield f"- {kind}: {', '.join(steps)}"


def _opening_example(process: Process) -> Schema:
    story = stories_of(process.kind)[0]
    return {
        "kind": process.kind,
        "channel": story.channel,
        "received_at": story.received.isoformat(),
        "form": _sent(story.opens),
        "external_ref": f"{process.prefix}-20260302-0017",
        "customer": CUSTOMER,
        "order": "SO-20260228-8841",
    }


def _sent(form: Form) -> Schema:
    """Return what a caller sends; the roles of an assignee are looked up."""
    left_out = {"roles"} if isinstance(form, Assignment) else None
    return form.model_dump(mode="json", exclude_unset=True, exclude=left_out)


def _one_of(mapping: Mapping[str, str], name: str) -> Schema:
    return {
        "oneOf": [{"$ref": ref} for ref in mapping.values()],
        "discriminator": {"propertyName": name, "mapping": dict(mapping)},
    }


def _any_of(schemas: list[Schema]) -> Schema:
    distinct = [each for at, each in enumerate(schemas) if each not in schemas[:at]]
    return distinct[0] if len(distinct) == 1 else {"anyOf": distinct}


def _problem() -> Schema:
    schema = {"$ref": REF + ProblemDetails.__name__}
    return {"description": "A problem (RFC 9457).", "content": {MEDIA_TYPE: {"schema": schema}}}


def _parameter(operation: Schema, name: str) -> Schema:
    return next(each for each in operation["parameters"] if each["name"] == name)


def _operations(paths: Schema) -> Iterator[Schema]:
    for path in paths.values():
        yield from (operation for operation in path.values() if "operationId" in operation)


def _untitled(part: Any) -> Any:
    """Return a part of the description without titles; a property may be called `title`."""
    if isinstance(part, list):
        return [_untitled(each) for each in part]
    if not isinstance(part, dict):
        return part
    kept = {name: each for name, each in part.items() if not _is_title(name, each)}
    return {name: _untitled_value(name, each) for name, each in kept.items()}


def _untitled_value(name: str, value: Any) -> Any:
    if name in NAMED:
        return {each: _untitled(schema) for each, schema in value.items()}
    return value if name in LITERALS else _untitled(value)


def _is_title(name: str, value: Any) -> bool:
    return name == "title" and isinstance(value, str)


def _without_null_defaults(schema: Any) -> Any:
    """Return the schema as FastAPI writes it: a default of null goes without saying."""
    if isinstance(schema, list):
        return [_without_null_defaults(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {name: each for name, each in schema.items() if (name, each) != ("default", None)}
    return {name: _without_null_defaults(each) for name, each in kept.items()}

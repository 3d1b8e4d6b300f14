"""The API describes itself in OpenAPI 3.1, its bodies typed by what the process tables know."""

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from api.cases.schemas import NewCase
from api.http.problems import MEDIA_TYPE
from app.step_forms import asked_form, steps_of
from cases import CURRENT, KINDS
from domain.engine.task_actions import TASK_ACTIONS
from domain.language.forms import Form

CASES: Mapping[str, Mapping[str, Any]] = {
    "complaint": {
        "kind": "complaint",
        "channel": "phone",
        "received_at": "2026-11-20T14:05:00+08:00",
        "form": {"words": "刚买二十天内屏就坏了，联系客服不给换，也不给退。"},
        "external_ref": "CRM-20261120-0017",
        "customer": {
            "name": "张三",
            "contacts": [
                {"kind": "phone", "value": "138 0000 0001"},
                {"kind": "email", "value": "zhangsan@example.com"},
            ],
        },
        "order": "SO-20261031-8841",
        "product": "平板",
    },
    "inquiry": {
        "kind": "inquiry",
        "channel": "chat",
        "form": {"words": "订单已经付款，发票什么时候能开？"},
        "external_ref": "chat-77310",
    },
    "returns": {
        "kind": "returns",
        "channel": "app",
        "received_at": "2026-11-20T20:00:00+08:00",
        "form": {"words": "连衣裙尺码偏小，收到三天，吊牌未拆，想退货。"},
        "external_ref": "RMA-20261120-0042",
        "customer": {
            "name": "周琳",
            "contacts": [{"kind": "app", "value": "user-30417"}],
        },
        "order": "SO-20261117-8841",
        "product": "连衣裙",
    },
    "repair": {
        "kind": "repair",
        "channel": "phone",
        "received_at": "2026-11-20T08:00:00+08:00",
        "form": {"words": "热水器打不着火，买了一年半。", "model": "JSQ-20"},
        "external_ref": "WX-APP-5512",
        "customer": {
            "name": "刘芳",
            "contacts": [
                {"kind": "phone", "value": "139 0000 0002"},
                {"kind": "address", "value": "成华区建设路 1 号"},
            ],
        },
        "product": "热水器",
    },
}

FORMS: Mapping[str, Mapping[str, Any]] = {
    "accept": {"note": "已电话联系客户，确认受理。"},
    "classify": {
        "category": "product_quality",
        "severity": "minor",
        "impact": "one",
        "urgency": "normal",
        "hardness": "ordinary",
    },
    "assign": {"assignee": "liu.yang", "team": "complaints"},
    "investigate": {
        "cause": "production",
        "reasonable": True,
        "finding": "屏幕排线虚焊，属生产问题，客户要求合理。",
    },
    "propose": {
        "solution": "免费更换同型号新机，来回运费由我们承担。",
        "cost": {"amount": "35.00", "currency": "CNY"},
    },
    "accept_solution": {},
    "carry_out": {"done": "新机已寄出，旧机已收回。"},
    "answer": {"answer": "付款后在订单页点“开具发票”，24 小时内发到邮箱。", "minutes": 3},
    "convert": {"kind": "complaint"},
    "review": {
        "ground": "personal",
        "ruling": "refund",
        "damaged": False,
        "delivered_on": "2026-11-17",
        "freight": "customer",
        "amount": {"amount": "299.00", "currency": "CNY"},
    },
    "ship": {"tracking": "SF1234567890"},
    "inspect": {
        "grade": "A",
        "passed": True,
        "amount": {"amount": "299.00", "currency": "CNY"},
    },
    "take_job": {"note": "今天下午有空。"},
    "appoint": {"window": "11 月 21 日 14:00—16:00"},
    "visit": {},
    "diagnose": {"outcome": "chargeable", "finding": "点火器老化，已过保修期。"},
    "quote": {
        "price": {"amount": "180.00", "currency": "CNY"},
        "work": "更换点火器，含上门费。",
    },
    "accept_quote": {"note": "客户电话确认。"},
    "repair": {"work": "更换点火器。", "parts": "点火器 1 只"},
    "test": {"passed": True, "note": "连续点火十次正常。"},
    "hand_over": {},
    "follow_up": {"reached": True, "solved": True, "satisfaction": "satisfied", "nps": 8},
    "withdraw": {"reason": "客户表示问题已自行解决。"},
}

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
    found: dict[str, list[type[Form]]] = {n: [asked_form(f)] for n, (f, _) in TASK_ACTIONS.items()}
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
    schemas["BulkStart"]["properties"]["cases"]["items"] = {"$ref": REF + NewCase.__name__}


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

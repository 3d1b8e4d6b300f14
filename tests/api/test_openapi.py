"""The description that is checked in is the API's, and it is valid."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from api.app import bare_app
from api.http import openapi
from api.http.openapi import describe, form_examples, opening_examples
from api.openapi import text
from app.step_forms import steps_of
from cases import CURRENT, newest, stories_of
from tests.api.callers import Callers
from tests.support.copied_kind import KIND, copied_kind

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.json"
METHODS = {"get", "post", "patch", "delete"}


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    return found


def operations(described: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in described["paths"].values():
        yield from (each for method, each in path.items() if method in METHODS)


def validator(described: dict[str, Any], name: str) -> jsonschema.Draft202012Validator:
    """Return a validator for a component."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": described["components"]}
    return jsonschema.Draft202012Validator(schema)


def test_what_is_checked_in_is_not_stale() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == text(), (
        "run `python -m api.openapi > docs/openapi.json`"
    )


def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    known = {f"#/components/schemas/{name}" for name in described["components"]["schemas"]}
    named: set[str] = set()

    def collect(part: Any) -> None:
        for name, each in part.items() if isinstance(part, dict) else enumerate(part):
            if name == "$ref":
                named.add(each)
            elif name == "mapping":
                named.update(each.values())
            elif isinstance(each, dict | list):
                collect(each)

    collect(described)
    assert named
    assert named <= known
    for schema in described["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_components_are_titled_by_their_names_and_nothing_else_has_a_title(
    described: dict[str, Any],
) -> None:
    """Generators name what they make by its title; two that read alike are one, or none."""
    schemas = described["components"]["schemas"]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name) for name in schemas)
    assert sorted(titles(described["paths"]) + titles(schemas)) == sorted(schemas)
    assert len({re.sub("[^a-z0-9]", "", name.lower()) for name in schemas}) == len(schemas)


def titles(part: Any) -> list[str]:
    """Return the titles of all schemas in a part; a property may be called `title`."""
    if isinstance(part, list):
        return [title for each in part for title in titles(each)]
    if not isinstance(part, dict):
        return []
    own = [part["title"]] if isinstance(part.get("title"), str) else []
    return own + [title for each in part.values() for title in titles(each)]


def test_a_kind_may_call_its_forms_as_the_api_calls_its_models(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = {
        "Remedy": "Notice",
        "CauseOf": "RefusalReason",
        "Classification": "CaseDetails",
        "Completion": "Receipt",
        "Finding": "Hold",
        "Solution": "CreatedCase",
    }
    app = bare_app()
    before = app.openapi()["components"]["schemas"]
    with copied_kind(tmp_path, taken) as kinds:
        monkeypatch.setattr(openapi, "KINDS", kinds)
        monkeypatch.setattr(openapi, "CURRENT", newest(kinds))
        after = describe(app)["components"]["schemas"]
    for old, new in taken.items():
        assert after[new] == before[new], "the API's own stays as it is"
        ours, theirs = before[f"complaint.{old}"], after[f"{KIND}.{new}"]
        assert ours.get("properties", {}).keys() == theirs.get("properties", {}).keys()
        assert ours.get("enum") == theirs.get("enum")


def test_every_operation_is_named_once_and_says_what_goes_wrong(
    described: dict[str, Any],
) -> None:
    ids = [operation["operationId"] for operation in operations(described)]
    assert len(ids) == len(set(ids))
    for operation in operations(described):
        problem = operation["responses"]["default"]["content"]["application/problem+json"]
        assert problem["schema"]["$ref"].endswith("/ProblemDetails")


def test_all_but_health_needs_a_key(described: dict[str, Any]) -> None:
    for path, methods in described["paths"].items():
        for operation in methods.values():
            assert bool(operation.get("security")) == path.startswith("/v1"), path


def test_openings_and_steps_are_typed_by_kind(described: dict[str, Any]) -> None:
    mapping = described["components"]["schemas"]["NewCase"]["discriminator"]["mapping"]
    assert set(mapping) == set(CURRENT)
    steps = described["components"]["schemas"]["StepRequest"]["discriminator"]["mapping"]
    for process in CURRENT.values():
        assert set(steps_of(process)) <= set(steps)
    assert {"claim", "release", "assign"} <= set(steps)
    assert "offer_lapsed" not in steps
    openings = validator(described, "NewCase")
    assert not openings.is_valid({"kind": "complaint", "channel": "phone", "form": {}})
    assert not openings.is_valid({"kind": "x", "channel": "phone", "form": {"words": "x"}})
    one = validator(described, "StepRequest")
    assert one.is_valid({"step": "accept"})
    assert not one.is_valid({"step": "investigate", "form": {"note": "x"}})


def test_the_examples_fit(described: dict[str, Any]) -> None:
    for example in opening_examples().values():
        validator(described, "NewCase").validate(example)
    for request in form_examples().values():
        validator(described, "StepRequest").validate(request)


@pytest.mark.parametrize("kind", CURRENT)
def test_each_kind_has_its_own_examples_of_what_is_taken(kind: str) -> None:
    acts = [act for story in stories_of(kind) for act in story.acts]
    taken = [
        (step, form.model_dump(mode="json", exclude_unset=True, exclude={"roles"}))
        for act in acts
        if not act.refused
        for step, form in act.commands
    ]
    examples = form_examples()
    for step in {step for step, _ in taken} & steps_of(CURRENT[kind]).keys():
        assert (step, examples[f"{kind}.{step}"]["form"]) in taken


@pytest.mark.xdist_group("api")
async def test_the_app_hands_it_out_and_loads_nothing_from_elsewhere(
    callers: Callers, described: dict[str, Any]
) -> None:
    assert (await callers["nobody"].get("/openapi.json")).json() == described
    for path in ("/docs", "/redoc", "/docs/oauth2-redirect"):
        assert (await callers["nobody"].get(path)).status_code == 404

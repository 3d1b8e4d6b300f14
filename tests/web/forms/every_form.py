"""All forms that pages show, by the kind they are of, and random values for each."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from pydantic import JsonValue

from app.step_forms import form_schema
from cases import CURRENT, KINDS
from domain.engine.process import Process
from domain.engine.task_actions import TASK_ACTIONS
from web.forms.fields import (
    BooleanField,
    ChoiceField,
    DayField,
    DecimalField,
    Field,
    GroupField,
    IntegerField,
    JsonField,
    ListField,
    MomentField,
    NumberField,
    TextField,
)
from web.forms.schema import read_schema
from web.pages.new_case.form import start_schema

ZONE = ZoneInfo("Asia/Shanghai")
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)


def schemas(kinds: Mapping[tuple[str, int], Process] = KINDS) -> dict[str, dict[str, Any]]:
    """Return the schema of every form: of each kind's steps, of its opening, of what is beside."""
    return dict(_schemas(kinds))


def _schemas(kinds: Mapping[tuple[str, int], Process]) -> Iterator[tuple[str, dict[str, Any]]]:
    for (kind, version), process in kinds.items():
        for name, form in {**process.forms, "": process.opens_with}.items():
            yield f"{kind} {version} {name}", form_schema(kind, form)
        yield f"{kind} {version} start", start_schema(form_schema(kind, process.opens_with))
    for name, (form, _) in TASK_ACTIONS.items():
        yield f"complaint - {name}", form_schema("complaint", form)


def is_newest(name: str) -> bool:
    """Return whether a form is of the newest version of its kind, or of what is beside kinds."""
    kind, version, _ = name.split(" ", 2)
    return version in {"-", str(CURRENT[kind].version)}


SCHEMAS = schemas()
FORMS = {name: read_schema(schema) for name, schema in SCHEMAS.items()}


def values(form: GroupField) -> st.SearchStrategy[dict[str, JsonValue]]:
    """Any value of a form as a caller of the API might write it: nothing empty is written out."""
    required = {each.name: _some(each) for each in form.fields if each.required}
    optional = {each.name: _some(each) for each in form.fields if not each.required}
    return st.fixed_dictionaries(required, optional=optional)


def _some(field: Field) -> st.SearchStrategy[Any]:
    if isinstance(field, GroupField):
        # Of an optional group of which nothing is typed, nothing is posted.
        return values(field) if field.required else values(field).filter(lambda v: says(field, v))
    if isinstance(field, ListField):
        items = _some(field.item).filter(lambda value: says(field.item, value))
        return st.lists(items, min_size=1, max_size=4)
    if isinstance(field, ChoiceField):
        return st.sampled_from([value for _, value in field.choices])
    if isinstance(field, TextField):
        return TEXTS
    return _PLAIN[type(field)]


def says(field: Field, value: JsonValue) -> bool:
    """Whether a value says anything beyond what stands in a new form by itself."""
    if not isinstance(field, GroupField) or not isinstance(value, dict):
        return True
    parts = [each for each in field.fields if each.name in value]
    return any(says(each, value[each.name]) and value[each.name] != each.default for each in parts)


def _instant(at: datetime) -> str:
    return at.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")


_PLAIN: Mapping[type[Field], st.SearchStrategy[Any]] = {
    BooleanField: st.booleans(),
    IntegerField: st.integers(-(10**40), 10**40),
    NumberField: st.floats(allow_nan=False, allow_infinity=False),
    DecimalField: st.from_regex(r"[0-9]{1,9}(\.[0-9]{1,4})?", fullmatch=True),
    DayField: st.dates().map(lambda day: day.isoformat()),
    MomentField: st.datetimes().map(_instant),
    JsonField: st.recursive(
        st.booleans() | st.integers() | TEXTS, lambda parts: st.lists(parts, max_size=3)
    ),
}

"""What people said stays here unless it is asked for; a customer's record stays here always."""

from collections.abc import Iterator
from typing import Annotated

import pytest
from pydantic import BaseModel

from cases import CURRENT
from domain.engine.action_forms import Holding, Notifying, Resuming
from domain.engine.task_actions import TASK_ACTIONS
from domain.language.values import PERSONAL, Code, Money, Note, Text
from ops.export.fields import AttributeType, fields_of
from ops.export.formats import Format
from tests.ops.exports import Exported
from tests.ops.recorded_stories import CONTACT, SAID

pytestmark = pytest.mark.xdist_group("export")
EVERY_FORMAT = pytest.mark.parametrize("form", list(Format))


class Everything(BaseModel):
    words: Text
    maybe: Text | None = None
    note: Note = ""
    bare: str = ""
    bare_too: str | None = None
    several: tuple[str, ...] = ()
    nested: tuple[Money, ...] = ()
    said: Annotated[int, PERSONAL] = 0
    code: Code
    codes: tuple[Code, ...] = ()
    maybe_code: Code | None = None
    price: Money
    number: int | None = None
    sure: bool = False


def texts_of(exported: Exported) -> Iterator[str]:
    """Everything that a person wrote into a form of these cases."""
    for case in exported.cases:
        yield str(case.opening.form["words"])
        for entry in case.entries:
            shape = CURRENT[case.opening.kind].forms.get(entry.step or "")
            named = {field.path[0] for field in fields_of(shape) if field.personal} if shape else ()
            yield from (str(entry.form[name]) for name in named if entry.form.get(name))


@EVERY_FORMAT
def test_nobodys_words_are_told(exported: Exported, form: Format) -> None:
    data = exported.files[form.value].read_bytes()
    texts = set(texts_of(exported))
    assert len(texts) > len(exported.cases)
    for text in {*texts, *SAID, *CONTACT}:
        assert text.encode() not in data, text


@EVERY_FORMAT
def test_words_are_told_when_asked_for_but_no_contact(exported: Exported, form: Format) -> None:
    data = exported.files[f"{form}+texts"].read_bytes()
    for word in SAID[:2]:
        assert data.count(word.encode()) >= len(exported.cases)
    assert not any(word.encode() in data for word in CONTACT)


def test_what_may_be_personal_is_known() -> None:
    personal = {field.name for field in fields_of(Everything) if field.personal}
    assert personal == {
        f"form_{name}"
        for name in ("words", "maybe", "note", "bare", "bare_too", "several", "nested", "said")
    }


def test_values_have_their_types() -> None:
    sorts = {field.name: field.type for field in fields_of(Everything)}
    assert sorts["form_price_amount"] is AttributeType.FLOAT
    assert sorts["form_price_currency"] is AttributeType.STRING
    assert sorts["form_number"] is sorts["form_said"] is AttributeType.INTEGER
    assert sorts["form_sure"] is AttributeType.BOOLEAN
    times = {
        f.name
        for form, _ in TASK_ACTIONS.values()
        for f in fields_of(form)
        if f.type is AttributeType.TIME
    }
    assert times == {"form_due", "form_due_at", "form_limit", "form_until", "form_written_at"}


def test_why_a_task_waits_and_what_a_customer_was_told_stay_here() -> None:
    forms = (Holding, Resuming, Notifying)
    told = {field.name for form in forms for field in fields_of(form) if not field.personal}
    assert told == {"form_until"}

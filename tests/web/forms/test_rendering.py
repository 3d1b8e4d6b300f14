"""Forms as they are shown: everything has its label, its text comes back, faults are beside it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from app.errors import FieldFault
from app.start_case import NewCase
from i18n.labels import LOCALES
from tests.support.copied_kind import KIND, copied_kind
from tests.support.sampling import by_day
from web.forms.fields import GroupField
from web.forms.filled import walk
from web.forms.schema import read_schema
from web.forms.typed import default_pairs, pairs_of, with_row
from web.forms.words import Words, unnamed

from .every_form import FORMS, ZONE, is_newest, schemas, values
from .rendering import posted, render, render_text, view

EVERY_FORM = pytest.mark.parametrize("name", by_day(FORMS, lambda _, name: is_newest(name)))
EVERY_LANGUAGE = pytest.mark.parametrize("locale", LOCALES)
NEW_CASE = FORMS["complaint 2 start"]
PROPOSE = FORMS["complaint 2 propose"]
REVIEW = FORMS["returns 2 review"]


@EVERY_FORM
@EVERY_LANGUAGE
def test_every_field_and_every_choice_has_a_label(name: str, locale: str) -> None:
    assert not [*unnamed(FORMS[name], Words(name.split(maxsplit=1)[0], locale))]


@EVERY_LANGUAGE
@pytest.mark.parametrize("name", [name for name in FORMS if is_newest(name)])
def test_every_control_is_named_and_named_once(name: str, locale: str) -> None:
    pairs = full(FORMS[name])
    shown = render(view(FORMS[name], pairs, name.split(maxsplit=1)[0], locale))
    check_names(shown)
    assert [*dict(posted(shown))] == [each for each, _ in posted(shown)]
    assert {each for each, _ in posted(shown)} <= {each for each, _ in pairs}


def full(form: GroupField) -> list[tuple[str, str]]:
    """Return a new form to which a row of every list was added."""
    pairs = default_pairs(form, ZONE)
    for part in walk(view(form, pairs).root):
        if part.control == "list":
            pairs, _ = with_row(form, pairs, part.pointer, ZONE)
    return [*pairs]


def check_names(shown: html.HtmlElement) -> None:
    ids = [element.get("id") for element in shown.iter() if element.get("id")]
    assert len(ids) == len(set(ids)), sorted(ids)
    labels = {label.get("for") for label in shown.iter("label")}
    for element in shown.iter("input", "select", "textarea"):
        inside = element.getparent().tag == "label"
        assert inside or element.get("id") in labels or element.get("aria-label"), element.attrib
        assert element.get("autocomplete") == "off" or element.get("type") == "radio"
    for element in shown.iter():
        for about in (element.get("aria-describedby") or "").split():
            assert about in ids
        assert element.get("style") is None
    for group in shown.iter("fieldset"):
        assert group.find("legend") is not None
        assert "".join(group.find("legend").itertext()).strip()


@pytest.mark.parametrize("name", ["complaint 2 propose", "returns 2 decide", "complaint - rewind"])
@settings(max_examples=40)
@given(data=st.data())
def test_what_was_typed_is_shown_byte_for_byte(name: str, data: st.DataObject) -> None:
    """Also what a browser would not let a person type: another client may have posted it."""
    form = FORMS[name]
    pairs = dict(pairs_of(form, data.draw(values(form)), ZONE))
    texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=10)
    changed = data.draw(st.dictionaries(st.sampled_from([*pairs, "/reason"]), texts))
    pairs |= {at: text for at, text in changed.items() if at in pairs}
    # Of a radio that nobody chose nothing is posted; HTML cannot hold control characters.
    typed = {at: text for at, text in pairs.items() if text and text.isprintable()}
    shown = dict(posted(render(view(form, [*pairs.items()]))))
    assert {at: shown[at] for at in typed} == typed


def test_the_first_line_of_a_text_may_be_empty() -> None:
    shown = render(view(PROPOSE, [("/solution", "\n\n退款")]))
    assert dict(posted(shown))["/solution"] == "\n\n退款"


def test_markup_that_was_typed_is_text() -> None:
    nasty = "</textarea><script>alert(1)</script>\"'><b>"
    pairs = [("/solution", nasty), ("/cost/amount", nasty), ("/cost/currency", nasty)]
    code = "unheard_of"  # of a library to come: it has no sentence, so its own words are shown
    fault = FieldFault("/solution", code, nasty)
    shown = render(view(PROPOSE, pairs, faults=[fault]))
    assert not [*shown.iter("script")]
    assert dict(posted(shown)) == dict(pairs)


def test_a_fault_stands_beside_its_field_and_others_on_top() -> None:
    faults = [
        FieldFault("/cost/amount", "amount_spelling", ""),
        FieldFault("", "amount_missing", ""),
        FieldFault("/solution", "missing", ""),
    ]
    form = view(PROPOSE, default_pairs(PROPOSE, ZONE), "complaint", faults=faults)
    shown = render(form)
    for name, sentence in (("solution", "此项必填"), ("cost-amount", "请用普通数字填写金额")):
        element = shown.get_element_by_id(f"f-{name}")
        assert element.get("aria-invalid") == "true"
        told = shown.get_element_by_id(element.get("aria-describedby"))
        assert sentence in told.text_content(), told.text_content()
    [top] = shown.find_class("alert")
    assert top.get("role") == "alert"
    assert "退款金额" in render_top(view(REVIEW, [], "returns", faults=[faults[1]]))
    assert shown.get_element_by_id("f-solution").get("data-focus") is not None
    assert len([e for e in shown.iter() if e.get("data-focus") is not None]) == 1


def render_top(form: object) -> str:
    [top] = render(form).find_class("alert")  # type: ignore[arg-type]
    return str(top.text_content())


def test_a_sentence_calls_fields_by_their_labels() -> None:
    missing = FieldFault("", "freight_missing", "")
    assert "「运费」" in render_top(view(REVIEW, [], "returns", faults=[missing]))
    words = Words("returns", "en")
    said = "Say in 'override_reason' why; reason and 'words' stay."
    assert words.in_sentence(said, REVIEW).startswith("Say in “")
    assert words.in_sentence(said, REVIEW).endswith("why; reason and 'words' stay.")
    assert words.in_sentence(said, GroupField((), required=True)) == said


def test_the_faults_of_a_row_stand_in_that_row_though_one_before_it_is_blank() -> None:
    at = "/customer/contacts"
    pairs = [
        (f"{at}/0/kind", ""),
        (f"{at}/0/value", ""),
        (f"{at}/3/kind", "phone"),
        (f"{at}/3/value", "x"),
    ]
    faults = [FieldFault(f"{at}/0/value", "wrong_contact", "")]
    root = view(NEW_CASE, pairs, faults=faults).root
    assert [part.pointer for part in walk(root) if part.faults] == [f"{at}/3/value"]
    # Of the list as a whole nothing is wrong with any row.
    assert [
        part.pointer
        for part in walk(view(NEW_CASE, pairs, faults=[FieldFault(at, "wrong_contact", "")]).root)
        if part.faults
    ] == [at]


def test_a_fault_of_a_part_that_is_not_shown_stands_at_what_it_is_in() -> None:
    faults = [
        FieldFault("/cost/amount/deep/er", "missing", ""),
        FieldFault("/nowhere", "missing", ""),
    ]
    root = view(PROPOSE, [], faults=faults).root
    assert [part.pointer for part in walk(root) if part.faults] == ["", "/cost/amount"]


def test_a_list_has_buttons_that_submit_nothing() -> None:
    pairs, focus = with_row(NEW_CASE, [], "/customer/contacts", ZONE)
    shown = render(view(NEW_CASE, pairs, focus=focus))
    buttons = [*shown.iter("button")]
    assert {button.get("type") for button in buttons} == {"button"}
    assert [button.get("hx-vals") for button in buttons] == [
        '{"_remove": "/customer/contacts/0"}',
        '{"_add": "/customer/contacts"}',
        '{"_add": "/lines"}',
    ]
    [focused] = [each for each in shown.iter() if each.get("data-focus") is not None]
    assert focused.get("name") == "/customer/contacts/0/kind"
    empty = render(view(NEW_CASE, [], focus="/customer/contacts"))
    [focused] = [each for each in empty.iter() if each.get("data-focus") is not None]
    assert focused.get("hx-vals") == '{"_add": "/customer/contacts"}'


def test_controls_fit_their_values() -> None:
    shown = render(view(REVIEW, default_pairs(REVIEW, ZONE), "returns"))
    assert shown.get_element_by_id("f-amount-amount").get("inputmode") == "decimal"
    assert shown.get_element_by_id("f-delivered_on").get("type") == "date"
    assert shown.get_element_by_id("f-reason").tag == "textarea"
    radios = [each.get("value") for each in shown.iter("input") if each.get("name") == "/faulty"]
    assert radios == ["true", "false", ""]
    hold = render(view(FORMS["complaint - hold"], [("/until", "2026-03-03T10:00")]))
    assert hold.get_element_by_id("f-until").get("type") == "datetime-local"
    confirm = render(view(FORMS["complaint 2 confirm"], [("/nps", "five")], locale="en"))
    nps = confirm.get_element_by_id("f-nps")
    assert (nps.get("inputmode"), nps.get("value")) == ("numeric", "five")
    assert confirm.get_element_by_id(nps.get("aria-describedby")).text == "0 to 10"
    solved = [each.get("value") for each in confirm.iter("input") if each.get("name") == "/solved"]
    assert solved == ["true", "false"]


def test_whom_one_may_choose_is_offered_and_what_was_typed_stays() -> None:
    form, staff = FORMS["complaint - assign"], [("liu.yang", "刘洋"), ("ma.qiang", "马强")]
    few = render(view(form, [("/assignee", "gone")], options={"staff": staff}))
    select = few.get_element_by_id("f-assignee")
    assert [option.get("value") for option in select.iter("option")] == [
        "liu.yang",
        "ma.qiang",
        "gone",
    ]
    assert select.value == "gone"
    many = [(f"a{number}", f"n{number}") for number in range(60)]
    shown = render(view(form, [("/assignee", "gone")], options={"staff": many}))
    line = shown.get_element_by_id("f-assignee")
    assert line.get("value") == "gone"
    assert shown.get_element_by_id(line.get("list")).tag == "datalist"
    assert render(view(form, [])).get_element_by_id("f-assignee").get("list") is None


def test_what_the_customer_reads_is_marked_in_words() -> None:
    shown = render_text(view(PROPOSE, [], public=frozenset({"solution"})))
    assert "客户可见" in shown
    assert "内部" not in shown
    other = render_text(view(PROPOSE, [], public=frozenset()))
    assert "内部" in other
    assert "客户可见" not in render_text(view(PROPOSE, []))


@pytest.fixture(scope="module")
def new_kind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, GroupField]]:
    folder: Path = tmp_path_factory.mktemp("copied")
    with copied_kind(folder, {"Finding": "Insight"}) as kinds:
        ours = {key: process for key, process in kinds.items() if key[0] == KIND}
        yield {name: read_schema(schema) for name, schema in schemas(ours).items()}


@EVERY_LANGUAGE
def test_a_new_kind_has_its_forms_without_an_edit_here(
    new_kind: dict[str, GroupField], locale: str
) -> None:
    ours = {name: form for name, form in new_kind.items() if name.startswith(KIND)}
    assert f"{KIND} 1 investigate" in ours
    for form in ours.values():
        assert not [*unnamed(form, Words(KIND, locale))]
        check_names(render(view(form, full(form), KIND, locale)))


def test_the_form_of_a_new_case_is_the_model_that_starts_one() -> None:
    assert {field.name for field in NEW_CASE.fields} == set(NewCase.model_fields)

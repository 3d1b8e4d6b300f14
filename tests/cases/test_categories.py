"""Categories are data of a policy: what it says of a kind is what its cases are sorted into."""

from typing import Any

import pytest

from app.step_forms import form_schema
from cases import CURRENT
from cases.common.errors import ChecksMissing
from cases.common.policy import publish
from cases.common.proposals import proposal_of
from domain.engine.kept_policy import KeptPolicy
from domain.errors import Refusal, WrongForm
from i18n.labels import category_label
from policies.check import read_policy
from policies.documents import DEFAULT, calendars
from tests.cases.test_policy_documents import TEXT, faults_of
from tests.domain.case_driver import CaseDriver
from tests.support.cases import CHEN, FINDING, LIU, ZHAO, opening
from tests.support.categories import CATEGORIES, POLICY_TEXT, publish_categories

VERSION = publish_categories()
BATTERY = {"category": "battery", "severity": "minor"}
PRICE = {"category": "price", "severity": "minor"}


def a_complaint(policy: str = VERSION) -> CaseDriver:
    run = CaseDriver("complaint", policy_version=policy)
    run.do(LIU, ("accept", {}))
    return run


def fault_of(refusal: Refusal) -> dict[str, Any]:
    errors: Any = refusal.params["errors"]
    [fault] = errors
    return dict(fault)


def test_a_case_is_sorted_into_what_its_policy_has_and_nothing_else() -> None:
    run = a_complaint()
    fault = fault_of(run.refuse(WrongForm, LIU, ("classify", PRICE)))
    assert (fault["pointer"], fault["code"]) == ("/category", "no_such_category")
    assert fault["params"]["known"] == ["product_quality", "battery", "service_attitude", "misc"]
    run.do(LIU, ("classify", BATTERY))
    assert run.process.facts(run.case).category == "battery"


def test_a_case_of_another_policy_keeps_the_categories_that_it_had() -> None:
    run = a_complaint(DEFAULT)
    run.do(LIU, ("classify", PRICE))
    fault = fault_of(run.refuse(WrongForm, ZHAO, ("reclassify", BATTERY)))
    assert "battery" not in fault["params"]["known"]
    assert category_label("price", "zh_CN", "complaint", KeptPolicy(VERSION)) == "价格"
    assert (
        category_label("service_attitude", "zh_CN", "complaint", KeptPolicy(DEFAULT)) == "服务态度"
    )
    assert category_label("service_attitude", "zh_CN", "complaint", KeptPolicy(VERSION)) == "服务"
    assert category_label("battery", "en", "complaint", KeptPolicy(VERSION)) == "Battery"


@pytest.mark.parametrize("kind", CURRENT)
def test_every_older_table_holds_to_them_as_well(kind: str) -> None:
    for version in (1, 2):
        run = CaseDriver(kind, version=version)
        run.do(LIU, ("accept", {}))
        form = {"category": "of_nobody", **({"severity": "minor"} if kind == "complaint" else {})}
        fault = fault_of(run.refuse(WrongForm, LIU, ("classify", form)))
        assert fault["code"] == "no_such_category"


def test_a_subcategory_is_one_of_its_category() -> None:
    run = a_complaint()
    other = {"category": "misc", "severity": "minor", "subcategory": "swollen"}
    fault = fault_of(run.refuse(WrongForm, LIU, ("classify", other)))
    assert (fault["code"], fault["params"]["known"]) == ("no_such_subcategory", [])
    wrong = {**BATTERY, "subcategory": "too_old"}
    fault = fault_of(run.refuse(WrongForm, LIU, ("classify", wrong)))
    assert fault["params"]["known"] == ["swollen", "no_charge"]
    run.do(LIU, ("classify", {**BATTERY, "subcategory": "swollen"}))
    assert run.case.last.form["subcategory"] == "swollen"


def test_the_playbook_is_that_of_the_category_and_what_it_requires_is_required() -> None:
    run = a_complaint()
    run.do(LIU, ("classify", BATTERY), ("claim", {}))
    refused = run.refuse(ChecksMissing, LIU, ("investigate", FINDING))
    assert refused.params["checks"] == ["customer_contacted", "power_off"]
    unknown = {**FINDING, "checked": [{"check": "of_nobody"}]}
    fault = fault_of(run.refuse(WrongForm, LIU, ("investigate", unknown)))
    assert (fault["pointer"], fault["code"]) == ("/checked/0/check", "no_such_check")
    done = [{"check": "customer_contacted"}, {"check": "power_off"}]
    run.do(LIU, ("investigate", {**FINDING, "checked": done}))
    book = run.process.playbook(run.case)
    assert book is not None
    assert book.category.playbook.solution["zh_CN"] == "免费更换电池。"
    assert all(each.done for each in book.checks)


def test_the_rules_in_code_hold_for_what_acts_as_the_kinds_own() -> None:
    text = (
        TEXT.replace("2027-1", "test-ideas")
        + """\
categories:
  inquiry:
    - {code: idea, title: {zh_CN: 点子, en: Idea}, acts_as: suggestion}
    - {code: other}
"""
    )
    policy = read_policy(text, calendars())[1]
    publish([policy])
    run = CaseDriver("inquiry", policy_version="test-ideas", actor=CHEN)
    run.do(LIU, ("accept", {}), ("classify", {"category": "idea"}), ("claim", {}))
    assert run.case.state == "handing_on"


def test_the_form_has_the_choices_of_the_policy_with_their_names() -> None:
    form = CURRENT["complaint"].forms["classify"]
    shown = form_schema("complaint", form, KeptPolicy(VERSION))["properties"]
    assert shown["category"]["enum"] == ["product_quality", "battery", "service_attitude", "misc"]
    assert shown["category"]["x-names"]["battery"] == {"zh_CN": "电池问题", "en": "Battery"}
    assert [*shown].index("subcategory") == [*shown].index("category") + 1
    assert shown["subcategory"]["anyOf"][0]["enum"] == ["swollen", "no_charge"]
    usual = form_schema("complaint", form, KeptPolicy(DEFAULT))["properties"]
    assert "subcategory" not in usual
    assert usual["category"]["enum"][-1] == "other"
    assert "x-names" not in usual["category"]


@pytest.mark.parametrize(
    ("words", "proposed"),
    [("屏幕坏了，质量太差", "product_quality"), ("降价了不保价", "misc"), ("。", "misc")],
)
def test_what_is_proposed_is_a_category_that_there_is(words: str, proposed: str) -> None:
    message = opening("TS1", form={"words": words}, policy_version=VERSION)
    assert proposal_of(CURRENT["complaint"], message)["category"] == proposed


def test_a_table_may_ask_for_a_category_of_the_document() -> None:
    row = "      - {when: {category: battery}, budget: PT4H}\n"
    place = "      - {when: {category: product_quality}, budget: PT48H}\n"
    policy = read_policy(POLICY_TEXT.replace(place, row + place), calendars())[1]
    decided = policy.budgets["solution"].decide({"category": "battery"})
    assert decided is not None
    assert decided.row == 1
    assert {each.code for each in faults_of(TEXT.replace(place, row + place))} == {
        "table_unknown_value"
    }


@pytest.mark.parametrize(
    ("written", "instead", "pointer", "code"),
    [
        ("  complaint:", "  complain:", "/categories/complain", "unknown_kind"),
        ("{code: misc,", "{code: misc, acts_as: price,", "/categories/complaint",
         "no_other_category"),
        ("{code: misc,", "{code: battery,", "/categories/complaint/3", "code_twice"),
        ("{code: misc,", "{code: unknown,", "/categories/complaint/3/code", "reserved_code"),
        ("{code: misc,", "{code: Misc!,", "/categories/complaint/3/code",
         "string_pattern_mismatch"),
        ("- {code: product_quality}", "- {code: quality}", "/categories/complaint/0", "untitled"),
        ("acts_as: product_quality", "acts_as: misc", "/categories/complaint/1/acts_as",
         "acts_as_none"),
        ("{code: no_charge, title: {zh_CN: 充不进电, en: Does not charge}}", "{code: no_charge}",
         "/categories/complaint/1/subcategories/1", "untitled"),
        ("{code: power_off, title: {zh_CN: 已请顾客断电, en: Power cut}}", "{code: power_off}",
         "/categories/complaint/1/playbook/checks/1", "untitled"),
        ("[minor, moderate", "[small, moderate",
         "/categories/complaint/1/playbook/required_for/0", "enum"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_categories_is_told_with_its_place(
    written: str, instead: str, pointer: str, code: str
) -> None:
    assert written in CATEGORIES
    found = faults_of(TEXT + CATEGORIES.replace(written, instead, 1))
    assert (pointer, code) in [(each.pointer, each.code) for each in found]
    assert all(each.line for each in found)


def test_checks_are_required_only_where_the_forms_say_which_were_done() -> None:
    text = """\
categories:
  repair:
    - {code: other, playbook: {checks: [{code: seen, title: {zh_CN: 已查看, en: Seen}}],
       required_for: [minor]}}
"""
    assert [each.code for each in faults_of(TEXT + text)] == ["checks_not_kept"]

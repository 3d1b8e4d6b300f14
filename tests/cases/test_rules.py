"""Proposals: simple rules that sort what customers say; a person corrects them."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from cases import CURRENT
from cases.common.classification import (
    Classified,
    Hardness,
    Impact,
    Severity,
    Urgency,
    candidate_rules_of,
)
from cases.common.roles import ACCOUNT_MANAGER, DESK, MANAGEMENT, SERVICE_MANAGER
from cases.complaint.forms import Classification as ComplaintSorted
from cases.complaint.forms import Complaint
from cases.inquiry.forms import Classification as InquirySorted
from cases.inquiry.forms import Inquiry
from domain.engine.process import Process
from domain.language.forms import Empty, Form
from domain.language.sorting import sort_words
from domain.language.values import MAX_TEXT, Priority
from policies.documents import DEFAULT, policies
from tests.cases.form_strategies import accepted

REVIEWS = Path(__file__).parents[3] / "shared/data/negative_reviews.jsonl"
COMPLAINT, INQUIRY = CURRENT["complaint"], CURRENT["inquiry"]


def proposed(process: Process, form: Form) -> dict[str, JsonValue]:
    words = str(getattr(form, "words", ""))
    return process.propose(form, sort_words(process.sorting, words, {}))


def complaint(words: str) -> ComplaintSorted:
    return ComplaintSorted.strict(proposed(COMPLAINT, Complaint(words=words)))


def inquiry(words: str) -> InquirySorted:
    return InquirySorted.strict(proposed(INQUIRY, Inquiry(words=words)))


@pytest.mark.parametrize(
    ("words", "category", "severity"),
    [
        ("刚买二十天内屏就坏了", "product_quality", "moderate"),
        ("店员态度恶劣，客服也敷衍", "service_attitude", "minor"),
        ("售后不给退款也不给换货", "after_sales", "moderate"),
        ("快递太慢，包装破损", "logistics", "moderate"),
        ("刚买就降价，不给保价", "price", "minor"),
        ("假货，和描述不符", "description", "moderate"),
        ("热水器漏水", "product_quality", "serious"),
        ("质量太差，我要找律师", "product_quality", "moderate"),
        ("太难吃了", "product_quality", "minor"),
        ("抵制", "other", "minor"),
    ],
)
def test_a_complaint_is_sorted_by_its_words(words: str, category: str, severity: str) -> None:
    said = complaint(words)
    assert (said.category, said.severity) == (category, severity)


@pytest.mark.parametrize(
    ("words", "category"),
    [
        ("怎么开发票？", "invoice"),
        ("建议退换货窗口周末也开", "suggestion"),
        ("我的快递到哪里了", "delivery"),
        ("这个型号有什么功能", "product"),
        ("How do I get an invoice", "invoice"),
        ("你好", "other"),
    ],
)
def test_an_inquiry_is_sorted_by_its_words(words: str, category: str) -> None:
    assert inquiry(words).category == category


@pytest.mark.parametrize(
    ("words", "category"),
    [
        ("尺寸不合适，想退", "personal"),
        ("裤子颜色与图片不符", "not_as_described"),
        ("快递压坏了", "transport_damage"),
        ("才用一天就故障", "quality"),
        ("你好", "other"),
    ],
)
def test_a_return_is_sorted_by_its_words(words: str, category: str) -> None:
    process = CURRENT["returns"]
    assert proposed(process, process.opens_with.strict({"words": words}))["category"] == category


@pytest.mark.parametrize(
    ("words", "category", "urgency"),
    [
        ("热水器不点火", "ignition", "normal"),
        ("冰箱不制冷", "cooling", "normal"),
        ("手机屏碎了", "screen", "normal"),
        ("洗衣机漏水", "leaking", "high"),
        ("你好", "other", "normal"),
    ],
)
def test_a_repair_is_sorted_by_its_words(words: str, category: str, urgency: str) -> None:
    process = CURRENT["repair"]
    said = proposed(process, process.opens_with.strict({"words": words}))
    assert (said["category"], said["urgency"]) == (category, urgency)


def test_what_endangers_people_is_urgent() -> None:
    assert complaint("充电器起火，孩子受伤").urgency is Urgency.HIGH
    assert complaint("快递慢").urgency is Urgency.NORMAL


@given(st.text(min_size=1, max_size=200))
def test_any_words_are_sorted_somehow(words: str) -> None:
    for process in CURRENT.values():
        form = accepted(process.opens_with, {"words": words})
        if form is not None:
            said = proposed(process, form)
            assert process.forms["classify"].strict(said).canonical() == said


def test_other_forms_are_sorted_as_nothing_in_particular() -> None:
    for process in CURRENT.values():
        assert proposed(process, Empty())["category"] == "other"


@pytest.mark.skipif(not REVIEWS.exists(), reason="the real reviews are not beside the project")
def test_every_real_review_is_sorted() -> None:
    lines = REVIEWS.read_text(encoding="utf-8").splitlines()
    proposals = [complaint(json.loads(line)["text"][:MAX_TEXT]) for line in lines]
    assert len(proposals) == 2148
    categories = {proposed.category for proposed in proposals}
    assert len(categories) == 7
    assert 0.2 < sum(each.category != "other" for each in proposals) / len(proposals) < 1
    assert sum(each.severity is Severity.SERIOUS for each in proposals) < len(proposals) / 20


def test_impact_and_urgency_make_the_priority() -> None:
    matrix = policies()[DEFAULT].priorities
    assert not matrix.faults()
    priorities = {
        (impact, urgency): decided.value
        for impact in Impact
        for urgency in Urgency
        if (decided := matrix.decide({"impact": impact.value, "urgency": urgency.value}))
    }
    assert priorities[Impact.ONE, Urgency.LOW] is Priority.P4
    assert priorities[Impact.ONE, Urgency.NORMAL] is Priority.P3
    assert priorities[Impact.MANY, Urgency.HIGH] is Priority.P1
    for impact in Impact:
        ranks = [priorities[impact, urgency].value for urgency in Urgency]
        assert ranks == sorted(ranks, reverse=True)


@pytest.mark.parametrize("severity", [None, *Severity])
@pytest.mark.parametrize("hardness", Hardness)
def test_severity_raises_the_tier_and_never_lowers_it(
    hardness: Hardness, severity: Severity | None
) -> None:
    tier = max(list(Hardness).index(hardness), list(Severity).index(severity) if severity else 0)
    rules = candidate_rules_of(Classified(hardness=hardness), severity)
    takes = (DESK | SERVICE_MANAGER | ACCOUNT_MANAGER | MANAGEMENT).names - rules.without.names
    assert takes == [DESK, SERVICE_MANAGER | ACCOUNT_MANAGER, MANAGEMENT][tier].names
    assert rules.leads & MANAGEMENT


def test_a_case_that_is_not_sorted_is_ordinary() -> None:
    assert candidate_rules_of(None) == candidate_rules_of(Classified(hardness=Hardness.ORDINARY))

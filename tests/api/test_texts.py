"""Every code has its words in both languages, and a reader gets the language they asked for."""

import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from pydantic import BaseModel, ValidationError
from pydantic_core.core_schema import ErrorType

from api.cases.comments import NewComment
from api.http.problems import STATUS, STATUS_OF_CATEGORY, Problem, problem_body
from api.people.schemas import NewKey, NewStaff, NewTeam, StaffChange
from api.steps.schemas import StepsRequest
from app.error_codes import codes
from app.errors import AppError, CannotConvert, Fault, FormRefused, NoSuchStep
from app.expected_errors import EXPECTED
from app.leavers import DEMOTED, LEFT, OFF_DUTY
from app.start_case import NewCase
from app.step_forms import parse_form, steps_of
from app.texts import Texts, catalogue, negotiate
from cases import KINDS
from domain import errors
from domain.engine.action_forms import AssignmentRequest
from domain.engine.messages import Command
from domain.engine.process import Process
from i18n.labels import LOCALES, label
from tests.support.form_faults import fault_codes, uncoded_faults

ENGLISH_WORDS = re.compile(r"[a-z]{2,} [a-z]{2,}")
CHINESE = re.compile("[\u4e00-\u9fff]")
BODIES = (
    NewCase,
    NewStaff,
    StaffChange,
    NewKey,
    NewTeam,
    NewComment,
    StepsRequest,
    AssignmentRequest,
)
HOSTILE: tuple[Any, ...] = (
    None, "", " ", "x", "x" * 5000, "\0", "1", "1.5", "-1", "NaN", "Infinity", "1" * 40, "1" * 5000,
    "1.2345", "123456789012345.5", -1, 1, 1.5, 10**6, float("nan"), float("inf"), True, [], {}, [1],
    ["x"] * 200, {"x": 1}, "2026-01-01", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z",
)  # fmt: skip
WHOLE: tuple[Any, ...] = (
    {},
    1,
    {"reached": True},
    {"reached": False, "solved": True},
    {"ground": "quality", "ruling": "refused"},
    {"ground": "quality", "ruling": "refund"},
    {"ground": "quality", "ruling": "refund", "freight": "merchant"},
    {"grade": "A", "passed": False},
)
"""What is wrong as a whole, each part being sound."""

HIDDEN = {errors.NotYourCase.code}
PARAMETER = re.compile(r"%\((\w+)\)s")
TEXTS = Texts(ZoneInfo("Asia/Shanghai"))


OF_THE_ENGINE = {
    code for code, each in errors.refusals().items() if each.__module__.startswith("domain.")
}
CODES = {*STATUS, *codes(), *OF_THE_ENGINE} - HIDDEN
"""Every code that an answer can carry, but for the kinds' own, whose sentences stand with them."""


def test_every_refusal_has_a_status_by_its_category() -> None:
    assert set(STATUS_OF_CATEGORY) == {*errors.Category, *Fault}
    assert not STATUS.keys() & (errors.refusals().keys() | codes().keys())


def test_a_code_that_nobody_has_listed_is_no_problem_but_a_fault() -> None:
    with pytest.raises(KeyError, match="no_such_code"):
        Problem("no_such_code")


def test_every_code_has_a_title_and_a_sentence() -> None:
    for locale in LOCALES:
        known = catalogue(locale)
        missing = [code for code in CODES if not (known.get(code) and known.get(f"title.{code}"))]
        assert not missing, locale


def test_both_languages_say_the_same_with_the_same_parameters() -> None:
    chinese, english = (catalogue(locale) for locale in LOCALES)
    assert chinese.keys() == english.keys()
    for code, text in chinese.items():
        assert set(PARAMETER.findall(text)) == set(PARAMETER.findall(english[code])), code


def test_every_fault_of_a_field_is_said_in_both_languages() -> None:
    """Whatever pydantic or a validator of ours finds wrong has a sentence by its code."""
    for code in {*get_args(ErrorType), *fault_codes(), *faults_of_forms()}:
        for locale in LOCALES:
            assert TEXTS.fault(code, "", locale), f"{code} has no sentence in {locale}"
        assert CHINESE.search(TEXTS.fault(code, "", "zh_CN")), code


def test_no_fault_of_a_form_is_without_a_code() -> None:
    """A ValueError has one code for all that may be wrong, and so no sentence of its own."""
    assert not uncoded_faults()
    assert {"freight_missing", "solved_missing", "no_such_time", "one_owner"} <= fault_codes()
    assert not {"value_error", "assertion_error"} & faults_of_forms()


@pytest.mark.parametrize("locale", LOCALES)
def test_a_form_that_does_not_fit_is_answered_in_one_language(locale: str) -> None:
    """The answer to whatever is wrong with the form of any step of any kind, sentence by sentence.

    Values to choose from, names of fields and patterns are codes, and the same in all languages.
    """
    answered = 0
    for process in KINDS.values():
        for step, form in steps_of(process).items():
            for body in (*WHOLE, *(dict.fromkeys(form.model_fields, each) for each in HOSTILE)):
                command = Command(step=step, form=body if isinstance(body, dict) else {"x": body})
                with suppress(NoSuchStep, CannotConvert):
                    for sentence in _answers(process, command, locale):
                        answered += 1
                        assert bool(CHINESE.search(sentence)) is (locale == "zh_CN"), sentence
                        assert locale == "en" or not ENGLISH_WORDS.search(sentence), sentence
    assert answered > 1000


def _answers(process: Process, command: Command, locale: str) -> Iterator[str]:
    try:
        parse_form([process], command, "/form")
    except FormRefused as refused:
        body = problem_body(Problem.of(refused), TEXTS, locale, "")
        yield from (body["title"], body["detail"], *(each["detail"] for each in body["errors"]))


def faults_of_forms() -> set[str]:
    """The codes that hostile values bring out of our forms and bodies."""
    shapes: list[type[BaseModel]] = [*BODIES]
    for process in KINDS.values():
        shapes += [process.opens_with, *process.forms.values()]
    return set(chain.from_iterable(map(_faults, shapes)))


def _faults(shape: type[BaseModel]) -> Iterator[str]:
    for hostile in HOSTILE:
        for nested in (hostile, {"amount": hostile, "currency": hostile}, [{"kind": hostile}]):
            try:
                shape.model_validate({**dict.fromkeys(shape.model_fields, nested), "more": 1})
            except ValidationError as error:
                yield from (fault["type"] for fault in error.errors())
    for whole in WHOLE:
        try:
            shape.model_validate(whole)
        except ValidationError as error:
            yield from (fault["type"] for fault in error.errors())


def test_no_text_is_left_over() -> None:
    returned = {f"returned.{why}" for why in (LEFT, DEMOTED, OFF_DUTY)}
    assert returned <= catalogue("en").keys()
    for code in catalogue("en"):
        of, _, rest = code.partition(".")
        known = of in CODES or (of == "title" and rest in CODES) or of == "field"
        known |= code in returned or of in {"clock_why", "assigned"}
        assert known, code


def test_every_expected_error_becomes_a_problem_with_a_status() -> None:
    assert AppError in EXPECTED
    assert Exception not in EXPECTED


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        (None, "zh_CN"),
        ("", "zh_CN"),
        ("en", "en"),
        ("en-AU,en;q=0.9", "en"),
        ("zh-TW", "zh_CN"),
        ("de,en;q=0.5,zh;q=0.6", "zh_CN"),
        ("de, fr", "zh_CN"),
        ("zh;q=0, en;q=0.1", "en"),
        ("en;q=x", "zh_CN"),
        ("*", "zh_CN"),
    ],
)
def test_the_language_that_is_asked_for(header: str | None, locale: str) -> None:
    assert negotiate(header) == locale


def test_times_are_in_the_business_zone_and_a_word_missing_is_a_dash() -> None:
    params = {"by": "liu.yang", "at": "2026-03-04T10:00:00+00:00"}
    assert "2026年3月4日 18:00" in TEXTS.say("task_taken", params, "zh_CN", otherwise="")
    assert "2026-03-04 18:00" in TEXTS.say("task_taken", params, "en", otherwise="")
    began = {"why": "waiting", "starts_at": "2026-03-04T10:00:00+00:00", "until": "2026-03-05"}
    assert "18:00 开始，请等候客户至 2026年3月5日，" in TEXTS.say(
        "no_appointment", began, "zh_CN", otherwise=""
    )
    assert "2026-03-04 18:00: wait for the customer until 2026-03-05." in TEXTS.say(
        "no_appointment", began, "en", otherwise=""
    )
    assert "–" in TEXTS.say("unknown_staff", {}, "en", otherwise="")
    assert TEXTS.say("no.such.code", {}, "en", otherwise="as it is") == "as it is"


def test_a_label_that_nobody_wrote_is_the_code() -> None:
    assert label("step.no_such_step", "en", "complaint") == "no_such_step"
    assert label("step.x", "en", "../../etc") == "x"

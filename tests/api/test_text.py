"""Every code has its words in both languages, and a reader gets the language they asked for."""

import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest

from api.failures import READERS
from api.problems import STATUS, Problem
from api.text import LOCALES, Texts, catalogue, label, negotiate
from domain import errors

HIDDEN = {errors.NotYourCase.code}
PARAMETER = re.compile(r"%\((\w+)\)s")
TEXTS = Texts(ZoneInfo("Asia/Shanghai"))


def refusals(of: type[errors.Refusal] = errors.Refusal) -> Iterator[str]:
    """The codes of all refusals."""
    yield of.code
    for each in of.__subclasses__():
        yield from refusals(each)


def test_every_refusal_has_a_status() -> None:
    assert set(refusals()) - HIDDEN <= set(STATUS)


def test_every_code_has_a_title_and_a_sentence() -> None:
    for locale in LOCALES:
        known = catalogue(locale)
        missing = [code for code in STATUS if not (known.get(code) and known.get(f"title.{code}"))]
        assert not missing, locale


def test_both_languages_say_the_same_with_the_same_parameters() -> None:
    chinese, english = (catalogue(locale) for locale in LOCALES)
    assert chinese.keys() == english.keys()
    for code, text in chinese.items():
        assert set(PARAMETER.findall(text)) == set(PARAMETER.findall(english[code])), code


def test_no_text_is_left_over() -> None:
    for code in catalogue("en"):
        of, _, rest = code.partition(".")
        known = of in STATUS or (of == "title" and rest in STATUS) or of == "field"
        assert known, code


def test_every_expected_error_becomes_a_problem_with_a_status() -> None:
    assert Problem in READERS
    assert Exception not in READERS


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
    assert "–" in TEXTS.say("unknown_staff", {}, "en", otherwise="")
    assert TEXTS.say("no.such.code", {}, "en", otherwise="as it is") == "as it is"


def test_a_label_that_nobody_wrote_is_the_code() -> None:
    assert label("step.no_such_step", "en", "complaint") == "no_such_step"
    assert label("step.x", "en", "../../etc") == "x"

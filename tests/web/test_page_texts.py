"""Pages have words of their own for errors: none names what only a program sends or reads."""

import re
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from app.texts import catalogue
from i18n.labels import LOCALES
from web.rendering.page_texts import FOR_PROGRAMS, SENTENCES, PageTexts

TEXTS: Final = PageTexts(ZoneInfo("Asia/Shanghai"))
OF_PROGRAMS: Final = re.compile(
    r"header|Idempotency|If-Match|ETag|Authorization|\bBearer|\berrors\b|JSON|HTTP|UTF-8|ASCII"
    r"|\bNUL\b|\bnull\b|\bbody\b|\bbytes?\b|\bpath\b|\bpointer|[cC]ursor|\bqueries|\bseq\b|\bobject\b"
    r"|same key|Your key|\bfields?\b|\bargument|`|[a-z]+_[a-z]+|\btrue or false|T00:|\+08:00|%2B"
    r"|请求头|请求正文|字段|幂等|密钥无权|字节|路径|对象|参数|编码|true|偏移"
)
"""Headers, places in what is sent, words of HTTP and JSON, bare codes."""


@pytest.mark.parametrize("locale", LOCALES)
def test_no_sentence_of_a_page_is_for_programs(locale: str) -> None:
    said = {name: TEXTS.text(name, locale) or "" for name in {*catalogue(locale), *SENTENCES}}
    bare = {name: re.sub(r"%\(\w+\)s", "", text) for name, text in said.items()}
    assert {name: text for name, text in bare.items() if OF_PROGRAMS.search(text)} == {}


@pytest.mark.parametrize("locale", LOCALES)
def test_the_pages_sentences_are_for_codes_and_parameters_that_there_are(locale: str) -> None:
    api = catalogue(locale)
    own = {*SENTENCES} - {"malformed.form_too_large"}
    assert own <= {*api}
    assert {f"field.{name}" for name in FOR_PROGRAMS} <= {*api}
    for name in own:
        told = {*re.findall(r"%\((\w+)\)s", TEXTS.text(name, locale) or "")}
        assert told <= {*re.findall(r"%\((\w+)\)s", api[name])}, name


def test_an_engine_that_is_down_is_told_in_words_for_people() -> None:
    said = TEXTS.say("engine_down", {}, "zh_CN", otherwise="")
    assert said == "系统没有响应，是否已办理尚不清楚；请稍后再次提交，不会重复办理。"

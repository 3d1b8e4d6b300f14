"""A case is shown, and a server that is not there told of, in the language of the terminal."""

import re
from pathlib import Path

import pytest

from cli.core.i18n import CHINESE, ENGLISH, catalogue, pad
from domain.language.entries import EntryType
from tests.cli.system import System, run

HOLES = re.compile(r"%\((\w+)\)s")


def test_both_languages_say_the_same_things() -> None:
    chinese, english = catalogue(CHINESE), catalogue(ENGLISH)
    assert chinese.keys() == english.keys()
    for name, text in english.items():
        assert sorted(HOLES.findall(text)) == sorted(HOLES.findall(chinese[name])), name
        assert text.isascii()
    assert {f"entry.{each}" for each in EntryType} <= english.keys()


def test_columns_stand_under_one_another() -> None:
    assert pad("客户", 9) == "客户     "
    assert pad("received", 9) == "received "


def test_a_case_is_shown_in_chinese(system: System) -> None:
    words = ("--words", "音箱一连蓝牙就断。", "--channel", "phone", "--as", "shop-app")
    number = system.ask("case", "start", "--kind", "complaint", *words)["case"]["number"]
    system.ask("case", "do", number, "accept", "--set", "note=已阅", "--as", "liu.yang")
    output = system.run("case", "show", number, BANJIE_LANG="zh_CN").stdout
    for told in (
        "投诉", "已受理 (分类)", "渠道：电话", "客户原话 音箱", "受理时限", "按时",
        "shop-app（代客户）", "liu.yang (客服专员)", "建单", "受理  ", "备注: 已阅",
    ):  # fmt: skip
        assert told in output, output
    english = system.run("case", "show", number).stdout
    assert "accepted (classify)" in english
    assert "liu.yang (agent)" in english


@pytest.mark.parametrize(("lang", "said"), [("zh_CN.UTF-8", "无人应答"), ("C.UTF-8", "Nobody")])
def test_nobody_there_is_said_in_the_language_of_the_terminal(
    tmp_path: Path, lang: str, said: str
) -> None:
    at = ("--url", "http://127.0.0.1:1", "--key", "bj_x_y")
    assert said in run(tmp_path, "case", "list", *at, BANJIE_LANG="", LC_ALL=lang).stderr

"""The README in Chinese says to type the same as the English one, in the glossary's words."""

import re

from tests.architecture.source import ROOT

ENGLISH = (ROOT / "README.md").read_text(encoding="utf-8")
CHINESE = (ROOT / "README.zh-CN.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```\w+\n.*?^```$", flags=re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#:]+)\)")
# Police and courts, the other word for 超时, and the word that means goods or a rejected step.
NOT_OURS = ("案件", "案例", "逾期", "退回", "认领")


def test_the_blocks_are_the_same() -> None:
    assert BLOCK.findall(CHINESE) == BLOCK.findall(ENGLISH)
    assert len(BLOCK.findall(ENGLISH)) >= 7


def test_the_parts_are_the_same() -> None:
    parts = [
        [line.partition(" ")[0] for line in BLOCK.sub("", text).splitlines() if line[:1] == "#"]
        for text in (ENGLISH, CHINESE)
    ]
    assert parts[0] == parts[1]


def test_links_lead_somewhere() -> None:
    links = LINK.findall(ENGLISH + CHINESE)
    assert links
    assert not [link for link in links if not (ROOT / link).exists()]


def test_the_words_are_those_of_the_glossary() -> None:
    assert not [word for word in NOT_OURS if word in CHINESE]
    assert all(word in CHINESE for word in ("工单", "受理", "领取", "办结", "回访"))

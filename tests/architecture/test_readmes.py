"""The README in Chinese says to type the same as the English one, in the glossary's words."""

import re

from tests.architecture.source import ROOT

ENGLISH = (ROOT / "README.md").read_text(encoding="utf-8")
CHINESE = (ROOT / "README.zh-CN.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```\w+\n.*?^```$", flags=re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#:]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
HAN = "\u4e00-\u9fff"
SAID = {
    "BANJIE_LANG=en": "BANJIE_LANG=zh",
    "Accept-Language: en": "Accept-Language: zh-CN",
    "# send KEY PATH JSON": "# send 密钥 路径 内容",
    "# read_case KEY NUMBER": "# read_case 密钥 工单号",
    'echo "complaint ': 'echo "投诉工单 ',
    "Li Lei": "李雷",
    "The washing machine rattles after three days; I want a new one.": (
        "洗衣机用了三天就异响，要求换新。"
    ),
    "A faulty bearing, the third of its batch.": "轴承缺陷，同批次已有两例。",
    "The whole batch is faulty.": "整批轴承有缺陷。",
    "A new machine, brought to the door": "上门换新",
    "Agreed": "可以",
    "The new one is installed, the old one taken back.": "新机已安装，旧机已取回。",
    "Han Meimei": "韩梅梅",
    '"product": "shirt"': '"product": "衬衫"',
    '"product": "watch"': '"product": "手表"',
    "The shirts are too small, and the watch is slow.": "衬衫太小，手表走不准。",
}
"""What is for people in the blocks, in both languages: all else in them is the same."""
# Police and courts, the other word for 超时, the word that means goods or a rejected step, 领取,
# and the address of customers: the README's reader is one of us.
NOT_OURS = ("案件", "案例", "逾期", "退回", "认领", "您")


def test_the_blocks_are_the_same_but_for_the_language() -> None:
    blocks = BLOCK.findall(ENGLISH)
    assert len(blocks) >= 7
    assert not [said for said in SAID if said not in "".join(blocks)]
    for said, in_chinese in SAID.items():
        blocks = [block.replace(said, in_chinese) for block in blocks]
    assert BLOCK.findall(CHINESE) == blocks


def test_the_english_walk_has_no_chinese_in_it() -> None:
    assert not re.search(f"[{HAN}]", "".join(BLOCK.findall(ENGLISH)))


def test_the_parts_are_the_same() -> None:
    parts = [
        [line.partition(" ")[0] for line in BLOCK.sub("", text).splitlines() if line[:1] == "#"]
        for text in (ENGLISH, CHINESE)
    ]
    assert parts[0] == parts[1]


def test_they_name_the_same_commands_files_and_links() -> None:
    english, chinese = (BLOCK.sub("", text) for text in (ENGLISH, CHINESE))
    assert sorted({*CODE.findall(english)}) == sorted({*CODE.findall(chinese)})
    beside = {"README.md", "README.zh-CN.md"}
    assert {*LINK.findall(english)} - beside == {*LINK.findall(chinese)} - beside


def test_links_lead_somewhere() -> None:
    links = LINK.findall(ENGLISH + CHINESE)
    assert links
    assert not [link for link in links if not (ROOT / link).exists()]


def test_the_words_are_those_of_the_glossary() -> None:
    assert not [word for word in NOT_OURS if word in CHINESE]
    assert all(word in CHINESE for word in ("工单", "受理", "领取", "办结", "回访"))


def test_brackets_and_signs_in_chinese_text_are_full_width() -> None:
    prose = CODE.sub("", LINK.sub("]", BLOCK.sub("", CHINESE)))
    assert not re.findall(f"[{HAN}] ?[(),;:!?]|[(),;:!?] ?[{HAN}]", prose)

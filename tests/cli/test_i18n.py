"""What commands say, they say in the language of the terminal, and in no other beside it."""

import ast
import json
import os
import pickle
import re
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
import typer
from rich.console import Console

from cli.core.help import all_of
from cli.core.i18n import CHINESE, notice_words, pad
from cli.core.prompts import ask, confirm, question_for
from cli.main import app
from i18n.messages import in_language, messages
from runtime.message import Message
from tests.architecture.source import Source, sources
from tests.cli.system import System, environment, run
from tests.support.messages import MAKERS, all_messages, called, code_words

HOLES = re.compile(r"%\((\w+)\)s")
CHINESE_LETTER = re.compile("[\u4e00-\u9fff]")
HALF_WIDTH = re.compile("[\u4e00-\u9fff] ?[,;:?!()]|[,;:?!()] ?[\u4e00-\u9fff]")
ENGLISH_WORDS = re.compile(r"(?<![-\w.=/])[A-Za-z]?[a-z]{2,}[,;:]? +[a-z]{2,}(?![-\w.=/])")
PROSE = re.compile(r"[A-Za-z]{2,}[,;:.]? +\(?[A-Za-z`]")
BETWEEN_QUOTES = re.compile(r"`[^`]*`|“[^”]*”|'[^']*'|\{[^}]*\}")
COMMANDS = re.compile(
    r"(banjie|python -m|openssl|temporal operator) [\w.-]+( (?!is\b)[\w.=-]+)*"
    r"|journal_mode|key (add|list)|\bcase (show|history)|batch (start|list)|audit check"
)
"""Commands are typed as they are, in whichever language one is told of them."""
OPTIONS = re.compile(r"--?[a-z-]+|<[\w ]+>|\[(OPTIONS|ARGS|默认：[^\]]*|环境变量：[^\]]*)\]")
SAID = "已联系仓库。"
NAMES = ("App", "API", "SHA-256", "SQLite", "Temporal", "OpenAPI")
SPEAKING = [
    each
    for each in sources()
    if each.path.startswith(("cli/", "ops/doctor/", "ops/oracle/", "ops/conformance.py"))
    and each.path != "cli/reference.py"
]
"""The modules of commands, and those below that make their sentences; the reference is a page."""
TYPED = ("banjie ", "temporal operator ", "--name ")
NOT_SAID = code_words() | frozenset({
    "Bearer {}", "account:{}", "case do {}", "task do {}", "[dim]banjie up:[/] {}",
    "  (banjie … --as NAME)",
})  # fmt: skip
"""What looks like a sentence and is none: parts of requests and of command lines."""
UNSAID_CALLS = frozenset({"noun_app", "_add_format", "Option", "Argument", "Path", "get", "cast"})
"""What takes helps, which are translated where commands are made, and what speaks to nobody."""


def test_every_sentence_has_its_chinese() -> None:
    catalogue, needed = messages(CHINESE), all_messages()
    assert not needed - catalogue.keys()
    assert not catalogue.keys() - needed, "nobody says these"


def test_chinese_is_chinese_and_says_the_same() -> None:
    for english, chinese in messages(CHINESE).items():
        assert set(HOLES.findall(english)) == set(HOLES.findall(chinese)), english
        assert "您" not in chinese, f"staff are 你: {chinese}"
        plain = COMMANDS.sub("", BETWEEN_QUOTES.sub("", HOLES.sub("", chinese)))
        assert not ENGLISH_WORDS.search(plain), chinese
        if re.search("[a-z]{3,}", HOLES.sub("", english)) and chinese not in NAMES:
            told = CHINESE_LETTER.search(chinese) or not PROSE.search(HOLES.sub("", english))
            assert told, chinese
        marks = re.sub(r"https?://|[A-Z]+:[A-Z]+|\d:\d|[a-z_]+:[A-Z]+|[a-z0-9]+://", "", plain)
        assert not re.search(r"[\u4e00-\u9fff] ?[,;:?!()]|[,;:?!()] ?[\u4e00-\u9fff]", marks), (
            chinese
        )


@pytest.mark.parametrize("source", SPEAKING,
                         ids=lambda source: source.path)  # fmt: skip
def test_no_command_says_what_cannot_be_translated(source: Source) -> None:
    """A sentence that is not handed to `translate` would be English in every language."""
    assert not list(_untranslated(source))


def _untranslated(source: Source) -> Iterator[str]:
    parents = {c: n for n in ast.walk(source.tree) for c in ast.iter_child_nodes(n)}
    for node in ast.walk(source.tree):
        text = _text_of(node)
        if text and PROSE.search(text) and text not in NOT_SAID and _is_said(node, parents):
            yield f"{source.path}:{getattr(node, 'lineno', 0)}: {text}"


def _text_of(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(p.value) if isinstance(p, ast.Constant) else "{}" for p in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _is_said(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    """Return whether a text is said as it stands; not so docstrings, helps, types and commands."""
    inside_function = False
    each = node
    while each in parents:
        parent = parents[each]
        if isinstance(parent, ast.JoinedStr) or (isinstance(parent, ast.Expr) and each is node):
            return False
        if isinstance(parent, ast.Call) and called(parent) in MAKERS | UNSAID_CALLS:
            return False
        if isinstance(parent, ast.keyword) and parent.arg == "help":
            return False
        if isinstance(parent, ast.arg | ast.arguments | ast.Subscript | ast.AnnAssign):
            return False
        if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef):
            if each is parent.returns:
                return False
            inside_function = True
        each = parent
    return inside_function and not _text_of(node).lstrip().startswith(TYPED)


def test_a_message_is_translated_with_the_messages_in_it() -> None:
    inner = Message("the table %(name)s is not there", name="cases")
    outer = Message("It could not be looked at (%(error)s).", error=inner)
    assert outer == "It could not be looked at (the table cases is not there)."
    assert in_language(outer, CHINESE) == "无法检查（没有表 cases）。"
    carried = str(RuntimeError(pickle.loads(pickle.dumps(outer))))  # noqa: S301 — our own
    assert isinstance(carried, Message)
    assert in_language(carried, CHINESE) == "无法检查（没有表 cases）。"
    listed = Message("There is no kind %(kind)s; there are %(kinds)s.", kind="x", kinds=["a", "b"])
    assert listed.endswith("there are a, b.")
    assert in_language(listed, CHINESE).endswith("可用：a、b。")


def test_a_notice_names_its_reason_and_stands_for_its_code_in_english(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`case diff` in Chinese failed on a notice that names more than its case."""
    notice = {"template": "withdrawn_by_us", "params": {"reason": "100% 重复"}}
    monkeypatch.setenv("BANJIE_LANG", "zh_CN")
    said = notice_words(notice, "TS1", "complaint")
    assert "TS1" in said
    assert "100% 重复" in said
    monkeypatch.setenv("BANJIE_LANG", "en")
    assert notice_words(notice, "TS1", "complaint") == "withdrawn_by_us"


def test_columns_stand_under_one_another() -> None:
    assert pad("客户", 9) == "客户     "
    assert pad("received", 9) == "received "


def words_of_commands() -> list[str]:
    """Return the words of every command and group."""
    return [words for words, _ in all_of(typer.main.get_command(app))]


@pytest.fixture(scope="module")
def helps(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The helps of all commands in Chinese."""
    env = environment(tmp_path_factory.mktemp("helps")) | {"BANJIE_LANG": "zh_CN"}
    printed = subprocess.run(
        [sys.executable, "-m", "tests.cli.all_helps"],
        env={**env, "COLUMNS": "4000"},
        capture_output=True,
        check=True,
    )
    helps: dict[str, str] = json.loads(printed.stdout)
    return helps


@pytest.mark.parametrize("words", words_of_commands())
def test_every_help_is_in_chinese(helps: dict[str, str], words: str) -> None:
    output = helps[words]
    assert "用法：" in output
    assert "退出码：" in output or words
    lines = [line for line in output.splitlines() if line.strip(" ─╭╮╰╯")]
    for line in lines:
        assert not english_in(OPTIONS.sub("·", line)), line
    assert len(lines) > 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("case", "sho"), "没有命令 'sho'。是否指 'show'？"),
        (("case", "show"), "缺少：'number'。"),
        (("case", "list", "--limit", "x"), "'--limit'：应为整数。"),
        (("case", "list", "--limit", "0"), "'--limit'：数值太小，最小为 1。"),
        (("case", "list", "--nope"), "没有选项 --nope。是否指 --open？"),
        (("task", "list", "--scope", "mien"), "可选值：mine、teams、unassigned、all。"),
        (
            ("case", "start", "--kind", "zz", "--words", "x", "--channel", "app"),
            "没有类型 zz，可用：",
        ),
        (("key", "add"), "请说明是谁的密钥"),
    ],
)
def test_a_wrong_command_line_is_told_in_chinese(
    tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    env = {"BANJIE_LANG": "", "LC_ALL": "zh_CN.UTF-8", "BANJIE_API_KEY": "bj_x_y"}
    ended = run(tmp_path, *words, **env, BANJIE_URL="http://127.0.0.1:1")
    assert ended.returncode == 2
    assert said in ended.stderr
    assert not english_in(ended.stderr), ended.stderr


def test_a_case_is_shown_in_chinese(system: System) -> None:
    """A case that is played: each line of its clocks, its entries and what it changed."""
    number = _played(system)
    shown = {
        words: system.run(*words, number, BANJIE_LANG="zh_CN").stdout
        for words in (
            ("case", "show"), ("case", "clocks"), ("case", "history"), ("case", "diff", "--list"),
            ("case", "flow"), ("case", "rewind", "--to", "1", "--plan"), ("case", "comments"),
        )
    }  # fmt: skip
    for words, output in shown.items():
        assert CHINESE_LETTER.search(output), words
        for line in output.splitlines():
            assert not english_in(line), f"{words}: {line}"
            assert not HALF_WIDTH.search(line), f"{words}: {line}"
    for told in (
        "投诉", "已受理（分类）", "渠道：电话", "客户原话 音箱", "受理时限", "按时",
        "shop-app（代客户）", "liu.yang（客服专员）", "建单", "受理  ", "备注：已阅",
    ):  # fmt: skip
        assert told in shown["case", "show"]
    for told in ("在 15分 中已计 ", "日历“全天计时”", "即将超时：", "报管理层："):
        assert told in shown["case", "clocks"]
    for told in ("状态：待受理 → 已受理", "响应时限：按时", "已通知客户：您好，"):
        assert told in shown["case", "diff", "--list"]
    assert "将回到“待受理”，处理人：" in shown["case", "rewind", "--to", "1", "--plan"]
    english = system.run("case", "show", number).stdout
    assert "accepted (classify)" in english
    assert "liu.yang (agent)" in english
    assert not CHINESE_LETTER.search(re.sub(f"words .*|note: .*|{SAID}", "", english))


def _played(system: System) -> str:
    words = ("--words", "音箱一连蓝牙就断。", "--channel", "phone", "--as", "shop-app")
    number: str = system.ask("case", "start", "--kind", "complaint", *words)["case"]["number"]
    system.ask("case", "do", number, "accept", "--set", "note=已阅", "--as", "liu.yang")
    system.ask("case", "comment", number, SAID, "--as", "liu.yang")
    return number


@pytest.mark.parametrize(
    "words", ["case list", "task list", "batch list", "mailbox list", "audit log"]
)
def test_heads_of_lists_are_in_chinese(system: System, words: str) -> None:
    """Below them stands what people wrote, in whichever language."""
    output = system.run(*words.split(), BANJIE_LANG="zh_CN").stdout
    assert CHINESE_LETTER.search(output)
    assert not english_in(output.splitlines()[0]), output


@pytest.mark.parametrize(
    "words",
    [
        "staff list", "team list", "key list", "flow complaint", "ops doctor", "ops verify",
        "ops conformance", "ops incidents", "ops outbox list --status all", "audit verify",
        "archive list", "archive verify", "store reconcile --dry-run",
    ],
)  # fmt: skip
def test_checks_are_in_chinese(system: System, words: str) -> None:
    ended = system.run(*words.split(), BANJIE_LANG="zh_CN")
    output = ended.stdout + ended.stderr
    assert CHINESE_LETTER.search(output)
    for line in output.splitlines():
        assert not english_in(line), line


def test_questions_are_asked_in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    """The field by its label and its name, the choices with theirs; what is typed is the code."""
    monkeypatch.setenv("BANJIE_LANG", "zh")
    monkeypatch.setattr("sys.stdin", StringIO("nonsense\nprice\nmaybe\ny\n"))
    out = StringIO()
    console = Console(file=out, width=200)
    assert ask("category", ["price", "other"], console, "complaint") == "price"
    assert confirm(question_for("reasonable", "complaint"), console)
    output = out.getvalue()
    for asked in (
        "price 价格、other 其他", "类别（category） [price/other]", "请从中选择：price、other。",
        "诉求是否合理（reasonable） [y/n]", "请回答 y 或 n。",
    ):  # fmt: skip
        assert asked in output, output
    assert not english_in(output)


def test_a_step_is_told_in_chinese(system: System) -> None:
    number = _played(system)
    form = ("--set", "category=price", "--set", "severity=minor", "--as", "liu.yang")
    done = system.run("case", "do", number, "classify", *form, BANJIE_LANG="zh")
    assert done.stdout.strip() == f"{number}：当前状态“待分配”。"
    task = f"{number}-{3}"
    claimed = system.run("task", "claim", task, "--as", "wang.fang", BANJIE_LANG="zh")
    assert claimed.stdout.strip() == f"{task}：已由你领取。"
    refused = system.run("case", "do", number, "nonsense", "--as", "liu.yang", BANJIE_LANG="zh")
    assert refused.returncode != 0
    assert not english_in(refused.stderr.partition("可用的步骤")[0]), refused.stderr


@pytest.mark.parametrize(("lang", "said"), [("zh_CN.UTF-8", "无人应答"), ("C.UTF-8", "Nobody")])
def test_nobody_there_is_said_in_the_language_of_the_terminal(
    tmp_path: Path, lang: str, said: str
) -> None:
    at = ("--url", "http://127.0.0.1:1", "--key", "bj_x_y")
    assert said in run(tmp_path, "case", "list", *at, BANJIE_LANG="", LC_ALL=lang).stderr


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"BANJIE_ZONE": "Mars/X"}, "BANJIE_ZONE：没有这个时区；请写成 Asia/Shanghai 或 UTC。"),
        (
            {"BANJIE_POLICY": "x"},
            "BANJIE_POLICY：没有这个策略；可用：2026-1-office、2026-1、2026-2-office。",
        ),
        ({"BANJIE_DRAIN": "-1"}, "BANJIE_DRAIN：数值太小，最小为"),
        ({"BANJIE_WEBHOOK_URL": "http://127.0.0.1:1"}, "BANJIE_WEBHOOK_SECRET：设置了"),
    ],
)
def test_a_wrong_setting_is_told_in_chinese(
    tmp_path: Path, settings: dict[str, str], said: str
) -> None:
    env = {"BANJIE_LANG": "zh", "BANJIE_DATABASE_URL": "postgresql://x"}
    ended = run(tmp_path, "ops", "doctor", "--temporal-target", "127.0.0.1:1", **settings, **env)
    lines = [line for line in ended.stdout.splitlines() if "的设置：" in line]
    assert ended.returncode == 10
    assert lines
    assert said.rstrip("。") in ended.stdout
    assert "数据库须用 sqlite+aiosqlite、postgresql+asyncpg" in ended.stdout
    for line in (*lines, *ended.stdout.splitlines()):
        assert not english_in(line), line


def test_why_a_file_cannot_be_read_is_told_in_chinese(tmp_path: Path) -> None:
    missing = tmp_path / "none.jsonl"
    env = {"BANJIE_LANG": "zh", "BANJIE_API_KEY": "bj_x_y", "BANJIE_URL": "http://127.0.0.1:1"}
    ended = run(tmp_path, "feed", str(missing), "--kind", "complaint", **env)
    assert ended.stderr.strip() == f"banjie: 无法读取 {missing}：没有此文件或文件夹。"
    assert os.fspath(missing) in ended.stderr


def english_in(text: str) -> str:
    """Return English words that stand in a text as words, and not as a command or a name."""
    plain = COMMANDS.sub("", BETWEEN_QUOTES.sub("", text))
    found = ENGLISH_WORDS.search(plain)
    return found[0] if found else ""

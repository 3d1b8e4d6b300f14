"""What holds for every command: its help, `--json`, and how it ends when nobody is there."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import typer

from cli.core.exits import all_commands, describe_exit_codes, exit_codes_of
from cli.main import app
from ops.audit.keys import make_key, public_path
from tests.cases.test_policy_documents import TEXT
from tests.cli.command_checks import check_failure, command_name
from tests.cli.command_lines import CASE, LINES, NOT_RUN, Line
from tests.support.command_runner import CommandLine, CommandResult, CommandRunner

pytestmark = pytest.mark.xdist_group("typed")

ALL = dict(all_commands(app))
AT_ONCE = 12
PATIENCE = 40
"""Seconds within which a command gives up, on a busy machine: the engine gets 5, a database 10."""
NOWHERE = {
    "BANJIE_URL": "http://127.0.0.1:1",
    "BANJIE_API_KEY": "bj_nobody_secret",
    "BANJIE_DATABASE_URL": "postgresql+asyncpg://banjie:secret@127.0.0.1:1/banjie",
    "BANJIE_TEMPORAL_TARGET": "127.0.0.1:1",
}


def test_there_is_a_line_for_every_command() -> None:
    assert {command_name(line) for line in LINES} | set(NOT_RUN) == set(ALL)


@pytest.mark.parametrize("words", sorted(ALL))
def test_every_command_has_json_and_tells_its_exit_codes(words: str) -> None:
    command = typer.main.get_command_from_info(
        ALL[words], pretty_exceptions_short=True, rich_markup_mode=None
    )
    assert any("--json" in option.opts for option in command.params)
    assert command.epilog == describe_exit_codes(exit_codes_of(words))
    assert command.help


def places(folder: Path) -> dict[str, str]:
    """Make the files that lines name, and return their places."""
    key, file = folder / "key.pem", folder / "cases.jsonl"
    make_key(key)
    file.write_text('{"id": "1", "text": "断货"}\n', encoding="utf-8")
    orders = folder / "orders.csv"
    orders.write_text("order,line,product\nSO-0,1,P-1\n", encoding="utf-8")
    case = folder / "case.yaml"
    case.write_text(CASE, encoding="utf-8")
    policy = folder / "policy.yaml"
    policy.write_text(TEXT, encoding="utf-8")
    public = public_path(key)
    return {
        "policy": str(policy),
        "case": str(case),
        "orders": str(orders),
        "file": str(file),
        "out": str(folder / "out"),
        "key": str(key),
        "public": str(public),
    }


def run_at_once(
    runner: CommandRunner, lines: list[Line], own: dict[str, str], env: dict[str, str], *more: str
) -> dict[Line, CommandResult]:
    """Run the lines, many at once since they mostly wait, and return how each ended."""

    def one(line: Line) -> CommandResult:
        return runner.run(CommandLine((*line.filled(**own), *more), env, seconds=PATIENCE))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(lines, pool.map(one, lines), strict=True))


@pytest.fixture(scope="module")
def unreachable(
    runner: CommandRunner, tmp_path_factory: pytest.TempPathFactory
) -> dict[Line, CommandResult]:
    """How each command that needs a server, store or engine ends without one."""
    folder = tmp_path_factory.mktemp("nowhere")
    own = places(folder)
    needing = [line for line in LINES if line.needs]
    env = {**NOWHERE, "BANJIE_DATA_DIR": str(folder / "none")}

    results = run_at_once(runner, needing, own, env, "--json")
    left = {path.name for path in folder.iterdir()}
    assert left == {
        "key.pem",
        "key.pub.pem",
        "cases.jsonl",
        "orders.csv",
        "policy.yaml",
        "case.yaml",
    }, "something was begun"
    return results


NEEDING = [
    line for line in LINES if line.needs and command_name(line) not in {"ops doctor", "feed"}
]


@pytest.mark.parametrize("line", NEEDING, ids=command_name)
def test_nobody_there_is_five_and_one_sentence(
    line: Line, unreachable: dict[Line, CommandResult]
) -> None:
    assert check_failure(line, unreachable[line]) == 5


def test_feed_tells_how_far_it_came(unreachable: dict[Line, CommandResult]) -> None:
    ended = next(ended for line, ended in unreachable.items() if command_name(line) == "feed")
    assert ended.code == 5
    assert (ended.document["started"], ended.document["not_tried"]) == (0, 1)


def test_the_doctor_says_of_each_who_is_not_there(unreachable: dict[Line, CommandResult]) -> None:
    ended = next(ended for line, ended in unreachable.items() if command_name(line) == "ops doctor")
    wrong = {e["check"]: e for e in ended.document["findings"] if e["level"] == "wrong"}
    assert ended.code == 10
    assert {"database", "temporal", "api"} <= set(wrong)
    assert all(each["remedy"] for each in wrong.values())


def test_without_any_address_it_says_how_to_name_one(runner: CommandRunner, tmp_path: Path) -> None:
    own = places(tmp_path)
    env = {"BANJIE_DATA_DIR": str(tmp_path / "none")}
    for line, ended in run_at_once(runner, NEEDING, own, env).items():
        assert ended.code == 2, (line, ended)
        assert "--" in ended.stderr
        assert "Traceback" not in ended.stderr

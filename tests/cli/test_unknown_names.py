"""A case, task or id that nobody knows: every command that takes one says so, exit code 3."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from cli.core.exits import all_commands
from cli.main import app
from tests.cli.command_checks import arguments, check_failure, command_name
from tests.cli.command_lines import LINES, Line
from tests.cli.system import System, environment
from tests.support.command_runner import CommandLine, CommandRunner

OF_CASES = [line for line in LINES if line.of_case]
OF_IDS = [
    Line(f"{words} none")
    for words in (
        *("batch show", "batch cancel", "batch retry", "key revoke"),
        *("staff deactivate", "staff activate"),
    )
]
UNKNOWN = [
    *OF_CASES,
    *OF_IDS,
    Line("batch show 00000000-0000-0000-0000-000000000000"),
    Line("staff change none --role agent"),
]
MISTYPED = [
    "case list --kind none",
    "case list --stage none",
    "case list --where state=none",
    "case list --where priority=none",
    "case list --where channel=none",
    "case list --where outcome=none",
    "task list --kind none",
    "task list --stage none",
    "task list --priority none",
    "batch start --kind complaint --step release --reason x --yes --where state=none",
    "flow none",
    "task list --state none",
    "task list --due-within 2,5",
    "task list --due-within P",
    "case list --kind complaint --where state=quoted",
    "case start --kind none --words x --channel app",
    "case start --kind complaint --words x --channel none",
    "case convert TS202603024829107 --to none",
    "feed {file} --kind none",
    "feed {file} --kind complaint --channel none",
    "ops incidents --kind none",
    "ops conformance --kind none",
    "ops conformance --tenant none",
    "ops outbox list --status none",
    "ops outbox list --tenant none",
    "ops outbox redrive --tenant none",
    "audit log --tenant none",
    "audit verify --tenant none",
    "archive list --tenant none",
    "archive verify --tenant none",
    "export csv {out}.csv --kind none",
    "export csv {out}.csv --tenant none",
    "export pnml {out}.pnml --kind none",
]


def test_no_command_that_takes_a_case_is_left_out() -> None:
    taking = {
        words
        for words, command in all_commands(app)
        if {"number", "numbers", "task"} & set(arguments(command))
    }
    assert taking == {command_name(line) for line in OF_CASES}


def line_in(system: System, line: Line, folder: Path) -> CommandLine:
    places = {"out": str(folder / "out"), "file": "", "public": "", "key": ""}
    return CommandLine((*line.filled(**places), "--json"), environment(system.data_dir))


@pytest.mark.parametrize("line", UNKNOWN, ids=lambda line: line.words)
def test_what_nobody_knows_is_three(
    system: System, runner: CommandRunner, tmp_path: Path, line: Line
) -> None:
    ended = runner.run(line_in(system, line, tmp_path))
    assert check_failure(line, ended) == 3
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("words", MISTYPED)
def test_a_name_that_there_is_not_is_two_and_the_names_are_told(
    system: System, runner: CommandRunner, tmp_path: Path, words: str
) -> None:
    ended = runner.run(line_in(system, Line(words), tmp_path))
    assert check_failure(Line(words), ended) == 2
    known = {"--kind": "complaint", "--stage": "accept", "--tenant": "default"}
    told = next((name for option, name in known.items() if f"{option} none" in words), ",")
    assert told in ended.document["error"]["message"]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "words",
    [
        "task assign {task} nope",
        "case start --kind complaint --words x --channel app --customer no",
    ],
)
def test_a_person_that_nobody_knows_is_three(
    system: System, runner: CommandRunner, tmp_path: Path, words: str
) -> None:
    task = system.ask("task", "list", "--limit", "1")["items"][0]["id"]
    line = Line(words.replace("{task}", task))
    assert check_failure(line, runner.run(line_in(system, line, tmp_path))) == 3


def test_a_list_that_does_not_show_all_says_how_many_more_and_how(system: System) -> None:
    for words in ("case list", "task list"):
        count = len(system.ask(*words.split(), "--all")["items"])
        cut = system.run(*words.split(), "--limit", "2")
        *lines, order, last = cut.stdout.splitlines()
        assert len(lines) == 3
        assert order.startswith("Ordered by ")
        more = re.search(r"^(\d+)\+? more: --all .* --cursor (\S+) ", last)
        assert more, last
        assert int(more[1]) == min(100, count - 2)
        rest = system.run(*words.split(), "--cursor", more[2], "--limit", "1000")
        _head, *others, order_again = rest.stdout.splitlines()
        assert (order_again, len(others)) == (order, count - 2)
        assert "--cursor" not in rest.stdout


@pytest.mark.parametrize("within", ["30m", "2h", "1d", "PT2H30M", "P1DT1H"])
def test_a_span_of_time_is_written_as_people_do(system: System, within: str) -> None:
    assert "items" in system.ask("task", "list", "--due-within", within)


RECORD = "case record {number} --out {out}.pdf"
SAYING = [
    "case list",
    "case list --json",
    "key print admin",
    "flow complaint --mermaid",
    "ops outbox list",
    "export csv -",
    "export pnml -",
    "--help",
    "--version",
]


def test_a_record_is_there_whole_or_not_at_all(
    system: System, runner: CommandRunner, tmp_path: Path
) -> None:
    number = system.ask("case", "list", "--limit", "1")["items"][0]["number"]
    line = Line(RECORD.replace("{number}", number))
    asked = line_in(system, line, tmp_path)
    (tmp_path / "out.pdf").write_text("older", encoding="utf-8")
    assert check_failure(line, runner.run(replace(asked, max_file_size=1000))) == 1
    assert [path.read_text("utf-8") for path in tmp_path.iterdir()] == ["older"]
    nowhere = runner.run(line_in(system, line, tmp_path / "out.pdf" / "none"))
    assert check_failure(line, nowhere) == 1
    assert runner.run(asked).code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["out.pdf"]


@pytest.mark.parametrize("words", SAYING)
def test_a_full_disk_behind_standard_output_is_one(
    system: System, runner: CommandRunner, words: str
) -> None:
    env = environment(system.data_dir)
    ended = runner.run(CommandLine(tuple(words.split(" ")), env, stdout="/dev/full"))
    assert ended.code == 1
    assert ended.stderr.startswith("banjie: ")
    assert "Traceback" not in ended.stderr

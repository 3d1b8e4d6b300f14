"""Every argument and option of every command against awkward values, with a system that runs.

Never a traceback, always a documented exit code, and no control character gets to the terminal.
Each is given the values made for what it is, and one of the others; at night each is given all.
"""

import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import pytest
import typer

from cli.core.exits import all_commands, exit_codes_of
from cli.main import app
from ops.audit.keys import make_key, public_path
from tests.cases.test_policy_documents import TEXT
from tests.cli.command_checks import command_name, file_parameters
from tests.cli.command_lines import CASE, LINES, Line
from tests.cli.system import System, environment
from tests.support.command_runner import CommandLine, CommandResult, CommandRunner

ALL = dict(all_commands(app))
AT_ONCE = 6
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
ELSEWHERE, UNKNOWN = "../me?x=1#y", "nope"
ANYTHING = ("\x1b[2J\x9b31m\u202ex\u200b", "caf\udcff", ELSEWHERE, UNKNOWN, "x" * 5000, " ")
TIMES = ("2026", "tomorrow", "1e9", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00")
TIME_PARAMETERS = {"since", "until", "as_of"}
IDS = {"number", "numbers", "task", "id", "assignee"}
NAMES = {"kind", "stage", "state", "priority", "channel", "scope"}
CONNECTION = {"url", "key", "acts_as", "data_dir", "database_url", "temporal_target", "namespace"}
SLOW = {
    "gate",
    "replay",
    "archive sweep",
    "store rebuild",
    "store reconcile",
    "ops verify",
    "backup",
}
"""Commands that work through everything; their values are those of others."""


@dataclass(frozen=True)
class Taken:
    """A parameter of a command, and a line with which it can be given."""

    line: Line
    parameter: str
    option: str
    place: int

    def __str__(self) -> str:
        return f"{command_name(self.line)} {self.option or self.parameter.upper()}"

    def words(self, value: str, own: dict[str, str]) -> tuple[str, ...]:
        """Return the line with the value in the parameter's place."""
        words = [*self.line.filled(**own)]
        if self.option:
            return (*words, self.option, value)
        words[self.place] = value
        return tuple(words)

    @property
    def values(self) -> tuple[str, ...]:
        """All values that it is given at night."""
        return (*ANYTHING, *(TIMES if self.parameter in TIME_PARAMETERS else ()))

    @property
    def sample(self) -> tuple[str, ...]:
        """The values made for what it is, and one of the others, always the same."""
        chosen = [self._one_of(ANYTHING)]
        if self.parameter in TIME_PARAMETERS:
            chosen.append(self._one_of(TIMES))
        if self.parameter in IDS:
            chosen.append(ELSEWHERE)
        if self.parameter in NAMES:
            chosen.append(UNKNOWN)
        return tuple(dict.fromkeys(chosen))

    def _one_of(self, values: tuple[str, ...]) -> str:
        return values[crc32(str(self).encode()) % len(values)]


def parameters() -> Iterator[Taken]:
    """Yield every parameter that takes text."""
    for line in LINES:
        name = command_name(line)
        if name in SLOW:
            continue
        command = typer.main.get_command_from_info(
            ALL[name], pretty_exceptions_short=True, rich_markup_mode=None
        )
        place, files = len(name.split()), file_parameters(ALL[name])
        for each in command.params:
            taken = each.name or ""
            if each.param_type_name == "argument":
                if taken not in files and place < len(line.words.split(" ")):
                    yield Taken(line, taken, "", place)
                place += 1
            elif taken not in files | CONNECTION and not getattr(each, "is_flag", False):
                yield Taken(line, taken, each.opts[0], 0)


PARAMETERS = list(parameters())


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Files that lines name."""
    folder = tmp_path_factory.mktemp("awkward")
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
    files = {
        "policy": policy,
        "case": case,
        "file": file,
        "orders": orders,
        "out": folder / "out",
        "key": key,
        "public": public,
    }
    return {name: str(place) for name, place in files.items()}


@pytest.mark.parametrize("taken", PARAMETERS, ids=str)
def test_no_value_breaks_a_command(
    system: System, runner: CommandRunner, own: dict[str, str], taken: Taken
) -> None:
    _give(system, runner, own, taken, taken.sample)


@pytest.mark.nightly
@pytest.mark.parametrize("taken", PARAMETERS, ids=str)
def test_none_of_all_values_breaks_a_command(
    system: System, runner: CommandRunner, own: dict[str, str], taken: Taken
) -> None:
    _give(system, runner, own, taken, taken.values)


def test_every_value_is_in_several_samples() -> None:
    given = Counter(value for taken in PARAMETERS for value in taken.sample)
    assert set(given) == {*ANYTHING, *TIMES}
    assert min(given[value] for value in ANYTHING) >= 10


def _give(
    system: System,
    runner: CommandRunner,
    own: dict[str, str],
    taken: Taken,
    values: tuple[str, ...],
) -> None:
    def run(value: str) -> CommandResult:
        env = environment(system.data_dir)
        return runner.run(CommandLine(taken.words(value, own), env, str(Path.cwd()), seconds=90))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for value, ended in zip(values, pool.map(run, values), strict=True):
            _check(taken, value, ended)


def _check(taken: Taken, value: str, ended: CommandResult) -> None:
    assert "Traceback" not in ended.stderr, (value, ended.stderr)
    assert ended.code in exit_codes_of(command_name(taken.line)), (value, ended)
    for text in (ended.stdout, ended.stderr):
        assert not CONTROLS.search(text), (value, text)
    if taken.parameter in TIME_PARAMETERS and value in TIMES:
        assert ended.code in {2, 4}, (value, ended)
    names_cases = command_name(taken.line) in {"ops incidents", "ops conformance"}
    if taken.parameter in NAMES and value == "nope" and not names_cases:
        assert ended.code == 2, ended
        assert "there are" in ended.stderr or "one of" in ended.stderr, ended

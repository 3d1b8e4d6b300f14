"""How a command must fail: with one clear sentence, and the same as a document."""

from typing import Any, get_type_hints

from typer.models import CommandInfo

from cli.core.exits import all_commands, exit_codes_of
from cli.main import app
from tests.cli.command_lines import Line
from tests.support.command_runner import CommandResult

NAMES = [words for words, _ in all_commands(app)]


def command_name(line: Line) -> str:
    """Return the command of a line, without its arguments."""
    return max((name for name in NAMES if f"{line.words} ".startswith(f"{name} ")), key=len)


def check_failure(line: Line, ended: CommandResult) -> int:
    """Check how a line with `--json` failed, and return its exit code."""
    assert "Traceback" not in ended.stderr, ended.stderr
    assert ended.code in exit_codes_of(command_name(line)), (line, ended)
    error = ended.document["error"]
    assert error["exit"] == ended.code
    assert error["message"].strip().endswith((".", "…", "。"))
    assert "\n" not in error["message"]
    assert f"banjie: {error['message']}\n" in ended.stderr
    return ended.code


def arguments(command: CommandInfo) -> dict[str, Any]:
    """Return the parameters of a command, by name, with their annotated types."""
    assert command.callback is not None
    return dict(get_type_hints(command.callback, include_extras=True))


def file_parameters(command: CommandInfo) -> set[str]:
    """Return the names of the parameters that are files."""
    taken = arguments(command).items()
    return {name for name, hint in taken if "Path" in str(hint) and name != "data_dir"}

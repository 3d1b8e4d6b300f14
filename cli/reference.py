"""`python -m cli.reference docs/commands.md`: write the page of every command with its options."""

import os
import sys
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

SHARED = {"--url", "--key", "--as", "--data-dir", "--json", "--help"}
"""Options that are the same wherever they are; docs/cli.md says what they do."""
HEAD = """\
# Every command, with its options

Made from the commands by `make docs`. What holds for all of them, and the options `--url`, `--key`,
`--as`, `--data-dir` and `--json` which most of them take, is in [cli.md](cli.md).
"""

Parameter = TyperArgument | TyperOption


def page() -> str:
    """Return the page."""
    from cli.main import app

    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)  # noqa: S101 — an app with commands is one
    return HEAD + "".join(_section(path, command) for path, command in sorted(_commands(root)))


def _commands(group: TyperGroup, before: str = "banjie") -> Iterator[tuple[str, TyperCommand]]:
    for name, command in group.commands.items():
        path = f"{before} {name}"
        if isinstance(command, TyperGroup):
            yield from _commands(command, path)
        elif isinstance(command, TyperCommand):
            yield path, command


def _section(path: str, command: TyperCommand) -> str:
    parameters = [each for each in command.params if isinstance(each, Parameter)]
    arguments = [each for each in parameters if isinstance(each, TyperArgument)]
    own = [each for each in parameters if not SHARED & {*each.opts}]
    usage = " ".join([path, *map(_placeholder, arguments)])
    rows = "".join(f"| {_name(each)} | {_meaning(each)} |\n" for each in own)
    table = f"\n| | |\n|---|---|\n{rows}" if rows else ""
    return f"\n## `{usage}`\n\n{_flowing(command.help or '')}\n{table}"


def _placeholder(argument: TyperArgument) -> str:
    name = (argument.metavar or argument.name or "").upper() + ("…" if argument.nargs == -1 else "")
    return name if argument.required else f"[{name}]"


def _name(parameter: Parameter) -> str:
    if isinstance(parameter, TyperArgument):
        return f"`{_placeholder(parameter)}`"
    return ", ".join(f"`{name}`" for name in (*parameter.opts, *parameter.secondary_opts))


def _meaning(parameter: Parameter) -> str:
    said = [_flowing(parameter.help or "")]
    annotation = parameter.type_descriptor.annotation
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        said.append(f"One of {', '.join(f'`{each.value}`' for each in annotation)}.")
    if parameter.required and isinstance(parameter, TyperOption):
        said.append("Must be given.")
    default = getattr(parameter.default, "value", parameter.default)
    if isinstance(default, str | int | float) and not isinstance(default, bool) and default != "":
        said.append(f"`{default}` unless said.")
    if parameter.envvar:
        said.append(f"[{parameter.envvar}]")
    return " ".join(filter(None, said)).replace("|", "\\|")


def _flowing(text: str) -> str:
    """Return a docstring's text on one line for each of its paragraphs."""
    paragraphs = text.replace("\b", "").strip().split("\n\n")
    return "\n\n".join(" ".join(each.split()) for each in paragraphs)


if __name__ == "__main__":
    os.environ["BANJIE_LANG"] = "en"
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")

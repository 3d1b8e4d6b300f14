"""The help of all commands, and what is said of a wrong command line, in Chinese.

Helps stand in English beside the code, as typer reads them; the catalogue has them paragraph by
paragraph.
"""

import gettext
import inspect
import re
import sys
from collections.abc import Iterator
from typing import Any

import typer
from pydantic import ValidationError
from rich.console import Console

from cli.core.exits import Exit, describe_exit_codes, exit_codes_of
from cli.core.faults import sentence_of
from cli.core.i18n import ENGLISH, locale, translate

USAGE = "Usage: "
SUGGESTION = re.compile(r"(?P<said>.*)\. Did you mean (?P<names>.*)\?")
CONSTANTS = (
    *("DEFAULT_STRING", "ENVVAR_STRING", "REQUIRED_LONG_STRING", "ERRORS_PANEL_TITLE"),
    *("ARGUMENTS_PANEL_TITLE", "OPTIONS_PANEL_TITLE", "COMMANDS_PANEL_TITLE"),
    *("ABORTED_TEXT", "RICH_HELP"),
)
"""What typer has ready of its own texts."""


def command_of(app: typer.Typer) -> Any:
    """Return the command that an app is, its help in the language of the terminal."""
    command = typer.main.get_command(app)
    if locale() != ENGLISH:
        _translate_library()
        for words, each in all_of(command):
            _translate_command(words, each)
    return command


def all_of(command: Any, before: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Yield a command and all commands below it, each with its words: `case show`."""
    yield " ".join(before), command
    for name, each in getattr(command, "commands", {}).items():
        yield from all_of(each, (*before, name))


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a help, each as one line: so the catalogue has them."""
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", inspect.cleandoc(text))]


def _translate_command(words: str, command: Any) -> None:
    if command.epilog:
        command.epilog = describe_exit_codes(exit_codes_of(words) if words else Exit)
    command.help, command.short_help = _translated(command.help), _translated(command.short_help)
    for parameter in command.params:
        parameter.help = _translated(getattr(parameter, "help", None))
    get_usage, get_help_option = command.get_usage, command.get_help_option

    def help_option(ctx: Any) -> Any:
        option = get_help_option(ctx)
        option.help = _translated(option.help)
        return option

    command.get_help_option = help_option
    command.get_usage = lambda ctx: get_usage(ctx).replace(USAGE, translate(USAGE), 1)


def _translated(text: str | None) -> str | None:
    return "\n\n".join(translate(each) for each in paragraphs(text)) if text else text


def _translate_library() -> None:
    """Give typer our catalogue: it asks gettext, which knows none of its texts."""
    # It takes as long to read as the rest of a command; most that are run show no help.
    from typer import rich_utils

    own: dict[str, Any] = {name: translate(getattr(rich_utils, name)) for name in CONSTANTS}
    own["rich_format_error"] = _print_wrong_usage
    vars(rich_utils).update(own)
    for name, module in [*sys.modules.items()]:
        if name.startswith("typer") and vars(module).get("_") is gettext.gettext:
            vars(module).update(_=translate)


def _print_wrong_usage(error: Any) -> None:
    if type(error).__name__ == "NoArgsIsHelpError":
        return
    console = Console(stderr=True, highlight=False)
    if error.ctx is not None:
        console.print(error.ctx.get_usage(), markup=False)
        tip = translate("%(command)s --help tells more.", command=error.ctx.command_path)
        console.print(tip, markup=False)
    console.print(_wrong_usage(error), markup=False, soft_wrap=True, style="red")


def _wrong_usage(error: Any) -> str:
    """Return what is wrong with a command line; typer says it in English alone."""
    parameter = getattr(error, "param", None)
    name = parameter.get_error_hint() if parameter is not None else ""
    if type(error).__name__ == "MissingParameter":
        return translate("Missing: %(name)s.", name=name)
    if type(error).__name__ == "NoSuchOption":
        known = translate(" Did you mean %(names)s?", names=sorted(error.possibilities or ()))
        tail = known if error.possibilities else ""
        return translate("There is no option %(name)s.", name=error.option_name) + tail
    if type(error).__name__ == "BadOptionUsage":
        return translate("%(name)s takes a value, or none.", name=error.option_name)
    if isinstance(error.__cause__, ValidationError):
        return translate("%(name)s: %(value)s", name=name, value=_faults(error.__cause__))
    if suggestion := SUGGESTION.fullmatch(error.format_message()):
        names = suggestion["names"].split(", ")
        said = suggestion["said"].rstrip("。")
        return f"{said}。" + translate(" Did you mean %(names)s?", names=names)
    return str(error.format_message())


def _faults(error: ValidationError) -> str:
    faults = error.errors(include_url=False, include_input=False)
    return " ".join(sentence_of(each) for each in faults)

"""docs/cli.md tells of every command, exit code and setting; docs/commands.md of every option."""

from collections.abc import Iterator

import pytest
import typer
from pydantic_settings import BaseSettings

from api.settings import ApiSettings
from cli import reference
from cli.core.exits import Exit
from cli.main import app
from tests.architecture.source import ROOT
from worker.settings import WorkerSettings

DOCS = (ROOT / "docs/cli.md").read_text(encoding="utf-8")


def verbs(of: typer.Typer, before: str = "banjie") -> Iterator[str]:
    for command in of.registered_commands:
        yield f"{before} {command.name}"
    for group in of.registered_groups:
        assert group.typer_instance is not None
        yield from verbs(group.typer_instance, f"{before} {group.name}")


@pytest.mark.parametrize("command", sorted(verbs(app)))
def test_every_command_is_told(command: str) -> None:
    assert f"`{command}`" in DOCS or f"`{command} " in DOCS


def test_the_page_of_the_options_is_fresh() -> None:
    page = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
    assert page == reference.page(), "docs/commands.md does not fit the commands; run `make docs`"
    untold = [line for line in page.splitlines() if line.startswith("| `") and "|  |" in line]
    assert not untold, "an option without a word about it"


@pytest.mark.parametrize("option", sorted(reference.SHARED))
def test_the_options_of_all_commands_are_told(option: str) -> None:
    assert f"`{option}`" in DOCS or f" {option}`" in DOCS


@pytest.mark.parametrize("code", list(Exit), ids=lambda code: code.name)
def test_every_exit_code_is_told(code: Exit) -> None:
    assert f"\n| {code.value} |" in DOCS


@pytest.mark.parametrize("settings", [ApiSettings, WorkerSettings], ids=lambda each: each.__name__)
def test_every_setting_is_told(settings: type[BaseSettings]) -> None:
    missing = [
        name for name in settings.model_fields if f"\n| `BANJIE_{name.upper()}` |" not in DOCS
    ]
    assert not missing

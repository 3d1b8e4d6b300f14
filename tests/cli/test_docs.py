"""docs/cli.md tells of every command, exit code and setting that there is."""

from collections.abc import Iterator

import pytest
import typer
from pydantic_settings import BaseSettings

from api.settings import ApiSettings
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


@pytest.mark.parametrize("code", list(Exit), ids=lambda code: code.name)
def test_every_exit_code_is_told(code: Exit) -> None:
    assert f"\n| {code.value} |" in DOCS


@pytest.mark.parametrize("settings", [ApiSettings, WorkerSettings], ids=lambda each: each.__name__)
def test_every_setting_is_told(settings: type[BaseSettings]) -> None:
    missing = [
        name for name in settings.model_fields if f"\n| `BANJIE_{name.upper()}` |" not in DOCS
    ]
    assert not missing

"""A client of the API, made by openapi-python-client in an environment of its own.

The generator's pins contradict ours (typer), and it is a program: it needs no part of ours. uv
keeps what it fetched, so that only the first test on a machine needs the network.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.architecture.source import ROOT

# A file is sent as it is; the generator knows no type of its own for CSV.
CONFIG = """\
post_hooks: []
content_type_overrides:
  text/csv: application/octet-stream
"""
PINS = ROOT / "requirements" / "client.txt"


def install_generator(folder: Path) -> Path:
    """Install the generator below a folder and return its command."""
    _uv("venv", "--python", sys.executable, folder)
    _uv("pip", "install", "--python", folder, "--require-hashes", "-r", PINS)
    return folder / "bin" / "openapi-python-client"


def generate(generator: Path, description: dict[str, Any], package: Path) -> None:
    """Write the client as a package; a part that the generator leaves out fails."""
    source = package.with_suffix(".json")
    source.write_text(json.dumps(description), encoding="utf-8")
    config = package.with_suffix(".yml")
    config.write_text(CONFIG, encoding="utf-8")
    _run(
        *(generator, "generate", "--path", source, "--output-path", package),
        *("--meta", "none", "--config", config, "--fail-on-warning"),
    )


def _uv(*arguments: str | Path) -> None:
    _run(Path(sys.executable).with_name("uv"), *arguments)


def _run(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr

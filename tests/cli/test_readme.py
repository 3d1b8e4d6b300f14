"""What the README tells people to type works as it stands there, in both languages."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cli.main import app
from tests.architecture.source import ROOT
from tests.cli.system import PATIENCE, System, environment
from tests.cli.test_docs import verbs

READMES = {
    "README.md": (
        r"TS\d+ +complaint +closed \(close\), solved",
        r"claimed by liu\.yang\n",
        r"was not sold with this order",
        r"TH\d+ +returns +closed \(close\), solved",
        r"All is well: nothing lost, doubled or bent\.\n\Z",
    ),
    "README.zh-CN.md": (r"TS\d+ +投诉 +已办结", r"wrong_serial", r"TH\d+ +退换货 +已办结"),
}
COMMAND = re.compile(r"`(banjie(?: [a-z]+)+)")
ONE_WORD = re.compile(r"`([a-z]+)`")


@pytest.mark.parametrize("name", READMES)
def test_the_walk_of_the_readme_works_word_for_word(system: System, name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 6
    beside = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    outcome = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(blocks)],
        cwd=ROOT,
        env={**environment(system.data_dir), "BANJIE_URL": system.url, "PATH": beside},
        capture_output=True,
        text=True,
        timeout=4 * PATIENCE,
        check=False,
    )
    assert outcome.returncode == 0, f"{outcome.stdout}\n{outcome.stderr}"
    assert outcome.stderr == ""
    for seen in READMES[name]:
        assert re.search(seen, outcome.stdout), outcome.stdout


@pytest.mark.parametrize("name", READMES)
def test_the_commands_of_the_table_are_there(name: str) -> None:
    """`banjie case list`, `show`: what follows in the same cell are verbs of the same noun."""
    known = {*verbs(app)}
    nouns = {command.rpartition(" ")[0] for command in known}
    rows = re.findall(
        r"^\| (`banjie.*?) \|", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE
    )
    assert len(rows) >= 7
    for row in rows:
        first = COMMAND.findall(row)
        noun = first[0].rpartition(" ")[0]
        told = [*first, *(f"{noun} {verb}" for verb in ONE_WORD.findall(row))]
        assert not {*told} - known - nouns

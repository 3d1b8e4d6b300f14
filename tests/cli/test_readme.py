"""What the README tells people to type works as it stands there."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.architecture.source import ROOT
from tests.cli.system import PATIENCE, System, environment


def test_the_walk_of_the_readme_works_word_for_word(system: System) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
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
    assert re.search(r"TS\d+ +complaint +closed \(close\), solved", outcome.stdout)
    assert re.search(r"ZX\d+ +inquiry +closed \(close\), solved", outcome.stdout)
    assert outcome.stdout.rstrip().endswith("All is well: nothing lost, doubled or bent.")

"""A worker whose key cannot be used says so and does not start: nothing would be signed."""

import os
import subprocess
import sys
from pathlib import Path


def test_a_worker_without_the_key_that_was_named_ends(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "worker"],
        env={**os.environ, "BANJIE_AUDIT_KEY": str(tmp_path / "none.pem")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 2
    assert "none.pem cannot be read" in done.stderr
    assert "Traceback" not in done.stderr

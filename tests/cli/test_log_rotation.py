"""Logs are rotated while they are written, and so many old ones are kept."""

import asyncio
import sys
from pathlib import Path

from cli.core.data_folder import OLD_LOGS, rotate_log


def test_a_short_log_stays(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    assert not rotate_log(log, longest=10), "there is none yet"
    log.write_text("0123456789")
    assert not rotate_log(log, longest=10)
    assert log.read_text() == "0123456789"


def test_so_many_old_ones_are_kept(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    for n in range(OLD_LOGS + 2):
        log.write_text(f"run {n}")
        assert rotate_log(log, longest=1)
    kept = {path.name: path.read_text() for path in tmp_path.iterdir()}
    newest = OLD_LOGS + 1
    assert kept == {
        "worker.log": "",
        **{f"worker.log.{n}": f"run {newest - n + 1}" for n in range(1, OLD_LOGS + 1)},
    }


async def test_whoever_writes_it_goes_on_in_the_emptied_file(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    with log.open("ab") as file:
        writer = await asyncio.create_subprocess_exec(
            sys.executable, "-uc", "print('before'); input(); print('after')",
            stdin=asyncio.subprocess.PIPE, stdout=file,
        )  # fmt: skip
    while log.stat().st_size < len("before\n"):  # noqa: ASYNC110 — another process writes it
        await asyncio.sleep(0.01)
    assert rotate_log(log, longest=1)
    await writer.communicate(b"\n")
    assert (log.read_text(), log.with_suffix(".log.1").read_text()) == ("after\n", "before\n")

"""Whose process is it? Ours are ended, another's with the same number is not."""

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cli.up.supervisor import StartedProcess, end_orphans, start_time, write_pids


@pytest.fixture
def orphan() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.kill()


def started(process: subprocess.Popen[bytes]) -> StartedProcess:
    return StartedProcess("worker", process.pid, start_time(process.pid) or "")


def test_the_living_are_known_again_and_the_dead_are_dead(orphan: subprocess.Popen[bytes]) -> None:
    first = start_time(orphan.pid)
    assert first is not None
    assert start_time(orphan.pid) == first
    assert start_time(os.getpid()) != first
    orphan.kill()
    orphan.wait()
    assert start_time(orphan.pid) is None


def test_an_orphan_of_ours_is_ended(orphan: subprocess.Popen[bytes], tmp_path: Path) -> None:
    file = tmp_path / "pids.json"
    write_pids(file, [started(orphan)])
    assert end_orphans(file) == ["worker"]
    assert orphan.wait(30) != 0
    assert not file.exists()
    assert end_orphans(file) == []


def test_another_with_its_number_is_left_alone(
    orphan: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    file = tmp_path / "pids.json"
    write_pids(file, [replace(started(orphan), born="long ago")])
    assert end_orphans(file) == []
    assert orphan.poll() is None


@pytest.mark.parametrize("text", ["", "{", json.dumps([{"pid": 1}]), "[1]"])
def test_a_spoilt_list_names_nobody(text: str, tmp_path: Path) -> None:
    file = tmp_path / "pids.json"
    file.write_text(text, encoding="utf-8")
    assert end_orphans(file) == []

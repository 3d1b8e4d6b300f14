"""Whose process is it? Ours are ended, another's with the same number is not."""

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cli.up.supervisor import Started, born, end_orphans, remember


@pytest.fixture
def stray() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.kill()


def started(process: subprocess.Popen[bytes]) -> Started:
    return Started("worker", process.pid, born(process.pid) or "")


def test_the_living_are_known_again_and_the_dead_are_dead(stray: subprocess.Popen[bytes]) -> None:
    first = born(stray.pid)
    assert first is not None
    assert born(stray.pid) == first
    assert born(os.getpid()) != first
    stray.kill()
    stray.wait()
    assert born(stray.pid) is None


def test_a_stray_of_ours_is_ended(stray: subprocess.Popen[bytes], tmp_path: Path) -> None:
    file = tmp_path / "pids.json"
    remember(file, [started(stray)])
    assert end_orphans(file) == ["worker"]
    assert stray.wait(30) != 0
    assert not file.exists()
    assert end_orphans(file) == []


def test_another_with_its_number_is_left_alone(
    stray: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    file = tmp_path / "pids.json"
    remember(file, [replace(started(stray), born="long ago")])
    assert end_orphans(file) == []
    assert stray.poll() is None


@pytest.mark.parametrize("text", ["", "{", json.dumps([{"pid": 1}]), "[1]"])
def test_a_spoilt_list_names_nobody(text: str, tmp_path: Path) -> None:
    file = tmp_path / "pids.json"
    file.write_text(text, encoding="utf-8")
    assert end_orphans(file) == []

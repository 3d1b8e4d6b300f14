"""Replay: each history gets its own verdict, wherever it comes from and however many there are."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowHistory

from cases import KINDS
from domain.read_models.projection import case_view
from ops.replay.history import PackedHistory, UnreadableHistory, unpack_history
from ops.replay.replay import replay
from ops.replay.sources import of_archive, of_files
from ops.replay.verdicts import Divergence
from store.archive import Archive, Bundle
from temporal.converter import data_converter
from temporal.histories import as_json, case_input_of, entries_of, pack
from tests.ops.test_gate import GOLDEN, ROOT

pytestmark = pytest.mark.xdist_group("gate")


@pytest.fixture
async def golden() -> list[PackedHistory]:
    """Three histories, as Temporal's bytes."""
    files = sorted(GOLDEN.rglob("*.json.gz"))[:3]
    return [
        replace(each, data=pack(unpack_history(each)), as_json=False)
        async for each in of_files(files)
    ]


async def test_the_same_history_twice_is_the_same_twice(golden: list[PackedHistory]) -> None:
    verdicts = await replay([golden[0], golden[0], golden[1], golden[0]])
    assert [(each.sort, each.detail) for each in verdicts] == [(Divergence.SAME, "")] * 4


async def test_verdicts_are_in_order_whatever_is_between(golden: list[PackedHistory]) -> None:
    one, other, _ = golden
    no_bytes = replace(one, number="A", data=b"\xff\xff")
    no_json = replace(one, number="B", data=b'{"events": [{"eventId": "x"}]}', as_json=True)
    empty = replace(one, number="C", data=b"")
    # Nothing was decided in it yet.
    begun = replace(
        one, number="D", data=pack(WorkflowHistory("D", unpack_history(one).events[:2]))
    )
    verdicts = await replay([no_bytes, one, no_json, begun, other, empty])
    assert [(each.number, each.sort) for each in verdicts] == [
        ("A", Divergence.UNREADABLE),
        (one.number, Divergence.SAME),
        ("B", Divergence.UNREADABLE),
        ("D", Divergence.SAME),
        (other.number, Divergence.SAME),
        ("C", Divergence.UNREADABLE),
    ]


async def test_an_archived_run_is_a_file_to_replay(
    golden: list[PackedHistory], tmp_path: Path
) -> None:
    bundle = await bundled(golden[0])
    archived = await Archive(tmp_path.as_uri()).write(bundle)
    (packed_file,) = [each async for each in of_files([tmp_path / archived.path])]
    assert (packed_file.number, packed_file.run) == (bundle.number, bundle.run)
    assert packed_file.data == bundle.history
    # The API's version of it has Temporal's own JSON instead.
    from_api = tmp_path / "from_api.json"
    history = as_json(bundle.history)
    from_api.write_text(json.dumps({"number": "N", "run": "R", "history": history}))
    (from_json,) = [each async for each in of_files([from_api])]
    assert unpack_history(from_json).events == unpack_history(packed_file).events
    verdicts = await replay([packed_file, from_json])
    assert [(each.number, each.same) for each in verdicts] == [(bundle.number, True), ("N", True)]


@pytest.mark.parametrize("text", ["[1, 2]", '"words"', '{"history": "no base64!"}', "{"])
async def test_a_file_of_something_else_is_no_history(tmp_path: Path, text: str) -> None:
    file = tmp_path / "other.json"
    file.write_text(text)
    with pytest.raises(UnreadableHistory, match=r"other\.json"):
        [unpack_history(each) async for each in of_files([file])]


def test_many_are_replayed_in_processes(tmp_path: Path) -> None:
    good = min(GOLDEN.rglob("*.json.gz"))
    for n in range(24):
        shutil.copy(good, tmp_path / f"{n:02}.json.gz")
    (tmp_path / "30.json").write_text('{"events": []}')
    code, document = banjie("replay", "--file", str(tmp_path), "--processes", "2")
    assert (code, document["histories"], document["same"]) == (10, 25, False)
    assert [(each["number"], each["sort"]) for each in document["diverging"]] == [
        ("30", "unreadable")
    ]


def test_a_damaged_file_among_others_is_a_finding(tmp_path: Path) -> None:
    good = min(GOLDEN.rglob("*.json.gz")).read_bytes()
    flipped = bytearray(good)
    flipped[-5] ^= 1  # of the CRC
    files = {"cut": good[:300], "flipped": bytes(flipped), "good": good, "words": b"hello"}
    for name, content in files.items():
        (tmp_path / f"{name}.json.gz").write_bytes(content)
    each = [word for name in files for word in ("--file", str(tmp_path / f"{name}.json.gz"))]
    for words in (["--file", str(tmp_path)], each):
        code, document = banjie("replay", *words)
        verdicts = {
            each["number"]: (each["sort"], each["detail"]) for each in document["diverging"]
        }
        assert (code, document["histories"]) == (10, 4)
        assert {name: sort for name, (sort, _) in verdicts.items()} == dict.fromkeys(
            ("cut", "flipped", "words"), "unreadable"
        )
        assert ["does not unpack" in verdicts[name][1] for name in ("cut", "flipped")] == [True] * 2
    code, document = banjie("replay", "--file", str(tmp_path / "cut.json.gz"))
    assert (code, "does not unpack" in document["error"]["message"]) == (1, True)


async def test_a_damaged_file_of_the_archive_is_a_finding(
    golden: list[PackedHistory], tmp_path: Path
) -> None:
    archive, bundle = Archive(tmp_path.as_uri()), await bundled(golden[0])
    cut = await archive.write(bundle.model_copy(update={"run": "cut"}))
    await archive.write(bundle)
    (tmp_path / cut.path).write_bytes((tmp_path / cut.path).read_bytes()[:300])
    verdicts = await replay([each async for each in of_archive(archive, bundle.tenant)])
    assert {each.where: (each.number, each.sort) for each in verdicts} == {
        cut.path: (bundle.number, Divergence.UNREADABLE),
        bundle.path: (bundle.number, Divergence.SAME),
    }


def test_a_tenant_that_was_mistyped_is_no_good_news(tmp_path: Path) -> None:
    where = ("--archive-url", tmp_path.as_uri(), "--temporal-target", "127.0.0.1:1")
    for words in (("--all",), ("--open",), ("--since", "2026-03-01"), ("TS202603024829107",)):
        code, document = banjie("replay", *words, "--tenant", "nix", *where)
        assert code == 2
        assert "no tenant nix in the archive; there are: default" in document["error"]["message"]


@pytest.mark.parametrize("words", [("replay", "--file"), ("gate", "--no-temporal", "--golden")])
def test_a_file_that_is_not_there_is_not_found(tmp_path: Path, words: tuple[str, ...]) -> None:
    code, document = banjie(*words, str(tmp_path / "nothing.json"))
    assert (code, document["error"]["exit"]) == (3, 3)
    assert "nothing.json" in document["error"]["message"]


ENDLESS = """
import asyncio, sys
from pathlib import Path
from domain.engine.process import Process
from ops.replay import replay
from ops.replay.sources import of_files

def forever(*_):
    while True:
        pass

async def verdicts(pool):
    async for verdict in replay.replay_all(of_files([Path(sys.argv[1])] * 2), pool):
        print(verdict.sort.value, verdict.detail)

Process.apply_request, replay.TIME_LIMIT = forever, 1
with replay.replay_pool(1) as pool:
    asyncio.run(verdicts(pool))
from temporal.process_exit import leave
leave(0)
"""


def test_code_that_comes_to_no_end_is_broken(tmp_path: Path) -> None:
    file = shutil.copy(min(GOLDEN.rglob("*.json.gz")), tmp_path)
    command = [sys.executable, "-c", ENDLESS, str(file)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    lines = ran.stdout.splitlines()
    assert len(lines) == 2, ran.stderr
    assert all(line.startswith("broken") and "has not come to an end" in line for line in lines)


async def bundled(packed: PackedHistory) -> Bundle:
    """The history as the archive would have it."""
    events, converter = unpack_history(packed).events, data_converter()
    case_input = await case_input_of(converter, events)
    entries = await entries_of(converter, events)
    assert case_input is not None
    process = KINDS[case_input.opening.kind, case_input.opening.process_version]
    case = case_view(process, process.fold(case_input.opening, entries))
    began = entries[0].at
    return Bundle(
        tenant=case.tenant, number=case.number, kind=case.kind, run="run", began=began,
        process_version=case.process_version, policy_version=case.policy_version, code="test",
        archived_at=began, complete=True, case=case, entries=tuple(entries),
        events=len(events), history=packed.data,
    )  # fmt: skip


def banjie(*words: str) -> tuple[int, Any]:
    """The exit code and the document of a command."""
    command = [sys.executable, "-m", "cli.main", *words, "--json"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return ran.returncode, json.loads(ran.stdout)

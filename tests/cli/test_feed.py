"""`banjie feed`: one case per line, whatever happens on the way."""

import json
import signal
import subprocess
from collections import Counter
from pathlib import Path

import httpx

from tests.cli.system import (
    BANJIE,
    PATIENCE,
    System,
    alive,
    environment,
    free_ports,
    run,
    states,
    until,
)

MANY = 40


def written(path: Path, *lines: object) -> Path:
    told = (
        line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines
    )
    path.write_text("\n".join(told) + "\n", encoding="utf-8", errors="surrogateescape")
    return path


def reviews(prefix: str, count: int) -> list[dict[str, str]]:
    return [
        {"id": f"{prefix}-{n:03}", "product": "平板", "text": f"第 {n} 条：屏幕碎了，客服不理。"}
        for n in range(count)
    ]


def counted(system: System, prefix: str) -> Counter[str]:
    cases = system.ask("case", "list", "--where", "source=feedback", "--all")["items"]
    return Counter(c["external_ref"] for c in cases if c["external_ref"].startswith(f"{prefix}-"))


def is_there(system: System, external_ref: str) -> bool:
    """Asked without the command, which takes so long to start that the feed would be over."""
    found = httpx.get(
        f"{system.url}/v1/cases",
        params={"external_ref": external_ref},
        headers={"Authorization": f"Bearer {system.client['keys']['feedback']}"},
        timeout=PATIENCE,
    )
    return bool(found.json()["items"])


def test_twice_is_once(system: System, tmp_path: Path) -> None:
    file = written(tmp_path / "feed.jsonl", *reviews("twice", 20))
    first = system.ask("feed", str(file), "--kind", "complaint")
    assert (first["started"], first["already_there"], first["failed"]) == (20, 0, 0)
    assert first["cases_per_second"] > 0
    assert counted(system, "twice") == dict.fromkeys((r["id"] for r in reviews("twice", 20)), 1)
    second = system.ask("feed", str(file), "--kind", "complaint")
    assert (second["started"], second["already_there"], second["failed"]) == (0, 20, 0)
    assert counted(system, "twice").total() == 20


def test_killed_half_way_and_run_again(system: System, tmp_path: Path) -> None:
    file = written(tmp_path / "feed.jsonl", *reviews("killed", MANY))
    words = ["feed", str(file), "--kind", "complaint", "--concurrency", "2"]
    feeding = subprocess.Popen(
        [BANJIE, *words],
        env=environment(system.data_dir),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until(lambda: is_there(system, "killed-000"), "the first case")
    feeding.kill()
    feeding.wait()
    assert 0 < counted(system, "killed").total() < MANY
    again = system.ask(*words)
    assert again["started"] + again["already_there"] == MANY
    assert counted(system, "killed") == dict.fromkeys((r["id"] for r in reviews("killed", MANY)), 1)


def test_the_server_is_killed_and_comes_back(system: System, tmp_path: Path) -> None:
    file = written(tmp_path / "feed.jsonl", *reviews("away", 5))
    before, children = states(system), system.children()
    assert system.stop(signal.SIGKILL) == -signal.SIGKILL
    until(lambda: not [pid for pid in children if alive(pid)], "its processes are gone")
    feeding = subprocess.Popen(
        [BANJIE, "feed", str(file), "--kind", "complaint", "--json"],
        env=environment(system.data_dir),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    system.start()
    assert states(system) == before
    output, _ = feeding.communicate(timeout=2 * PATIENCE)
    assert feeding.returncode == 0
    assert json.loads(output)["started"] == 5


def test_patience_has_an_end(tmp_path: Path) -> None:
    file = written(tmp_path / "feed.jsonl", *reviews("gone", 3))
    nobody = f"http://127.0.0.1:{free_ports(1)[0]}"
    where = ("--url", nobody, "--key", "bj_x_y")
    outcome = run(
        tmp_path, "feed", str(file), "--kind", "complaint", *where, "--patience", "0.5", "--json"
    )
    document = json.loads(outcome.stdout)
    assert outcome.returncode == 5
    assert (document["started"], document["not_tried"]) == (0, 3)
    assert "nobody answers" in document["gave_up"]


def test_wrong_lines_are_named_and_stop_nobody(system: System, tmp_path: Path) -> None:
    good = reviews("wrong", 3)
    file = written(
        tmp_path / "feed.jsonl",
        good[0],
        "{half",
        {"id": "wrong-a", "text": "  "},
        {"text": "没有编号"},
        "",
        good[1],
        ["no object"],
        {"id": "wrong-b", "text": "坏字节 \udcff"}["text"],
        {"id": "wrong-c", "text": "太旧", "received_at": "2020-01-01T00:00:00Z"},
        {"id": "wrong-000", "text": "同一个编号，另一段话"},
        good[2],
    )
    document = system.ask("feed", str(file), "--kind", "complaint", "--concurrency", "1", code=1)
    assert document["started"] == 3
    assert [each["line"] for each in document["failures"]] == [2, 3, 4, 7, 8, 9, 10]
    reasons = [each["reason"] for each in document["failures"]]
    for said, reason in zip(
        ["not JSON", "no words", "give id", "not a JSON object", "not UTF-8", "received_at", ""],
        reasons,
        strict=True,
    ):
        assert said in reason
    outcome = system.run("feed", str(file), "--kind", "complaint")
    assert "line 2: it is not JSON" in outcome.stderr
    assert counted(system, "wrong") == dict.fromkeys((r["id"] for r in good), 1)


def test_what_is_piped_in_is_read(system: System) -> None:
    lines = "".join(json.dumps(each) + "\n" for each in reviews("piped", 2))
    outcome = subprocess.run(
        [BANJIE, "feed", "-", "--kind", "inquiry"],
        input=lines,
        env=environment(system.data_dir),
        capture_output=True,
        text=True,
        timeout=2 * PATIENCE,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stdout.startswith("2 started, 0 already there, 0 failed")

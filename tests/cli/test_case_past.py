"""The past in the terminal: as of a moment, entry by entry, and how cases flow."""

import os
import pty
import subprocess

import pytest

from tests.cli.system import BANJIE, System, environment, until


@pytest.fixture(scope="module")
def number(system: System) -> str:
    """A complaint that liu.yang has just claimed."""
    words = ("--words", "音箱一连蓝牙就断。", "--channel", "app")
    started = system.ask("case", "start", "--kind", "complaint", *words, "--as", "shop-app")
    number = str((started.get("case") or started)["number"])
    system.ask("task", "do", f"{number}-1", "accept", "--as", "liu.yang")
    system.ask("case", "do", number, "claim", "--as", "liu.yang")
    return number


def test_a_case_is_shown_as_it_was(system: System, number: str) -> None:
    first = system.ask("case", "show", number, "--seq", "1")
    assert (first["case"]["state"], first["as_of"]["seq"], len(first["history"])) == (
        "received",
        1,
        1,
    )
    again = system.ask("case", "show", number, "--as-of", first["as_of"]["at"])
    assert again["case"] == first["case"]
    output = system.run("case", "show", number, "--seq", "1").stdout
    assert ", entry 1" in output
    assert f"task {number}-1, claimed by nobody" in output
    assert "banjie task" not in output


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("--seq", "99"), 4, "entries 1 to 3"),
        (("--as-of", "2026-03-02T12:00"), 3, "not open yet"),
        (("--as-of", "2999-01-01"), 4, "nobody knows"),
        (("--as-of", "noon"), 2, "2026-03-03T10:00"),
        (("--as-of", "2026-03-02", "--seq", "1"), 2, "not both"),
    ],
)
def test_what_cannot_be_shown_is_said_why(
    system: System, number: str, words: tuple[str, ...], code: int, says: str
) -> None:
    outcome = system.run("case", "show", number, *words)
    assert (outcome.returncode, outcome.stdout) == (code, "")
    assert says in outcome.stderr


def test_a_case_is_walked_through(system: System, number: str) -> None:
    items = system.ask("case", "diff", number)["items"]
    assert [each["entry"]["seq"] for each in items] == [1, 2, 3]
    output = system.run("case", "diff", number).stdout
    for told in ("assignee: – → liu.yang", "clock response: met", "told customer: received"):
        assert told in output
    assert system.run("case", "diff", "TS202603024829107").returncode == 3


def test_at_a_terminal_it_goes_by_key(system: System, number: str) -> None:
    ours, theirs = pty.openpty()
    env = {**environment(system.data_dir), "TERM": "xterm", "COLUMNS": "160"}
    words = [BANJIE, "case", "diff", number]
    process = subprocess.Popen(words, env=env, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    seen = ""

    def shows(text: str) -> bool:
        nonlocal seen
        seen += os.read(ours, 65536).decode("utf-8", "replace")
        return text in seen

    for text, key in (("1 of 3", "n"), ("2 of 3", "n"), ("3 of 3", "p"), ("2 of 3", "q")):
        until(lambda text=text: shows(text), text)  # type: ignore[misc]
        seen = ""
        os.write(ours, key.encode())
    assert process.wait(30) == 0
    os.close(ours)


def test_flow_is_shown_drawn_and_told(system: System, number: str) -> None:
    document = system.ask("flow", "complaint")
    assert document["cases"] >= 1
    assert {"from": "received", "to": "accepted", "step": "accept"}.items() <= (
        document["arrows"][0].items()
    )
    output = system.run("flow", "complaint").stdout
    assert "received → accepted" in output
    drawn = system.run("flow", "complaint", "--mermaid").stdout
    assert drawn == system.ask("flow", "complaint", "--mermaid")["mermaid"]
    way = system.ask("case", "flow", number)
    assert [each["step"] for each in way["path"]] == ["accept"]
    assert "received → accepted" in system.run("case", "flow", number).stdout
    unknown = system.run("flow", "nonsense")
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert "there are complaint, inquiry" in unknown.stderr
    backwards = ("--since", "2026-03-02", "--until", "2026-03-01")
    assert system.run("flow", "complaint", *backwards).returncode == 4

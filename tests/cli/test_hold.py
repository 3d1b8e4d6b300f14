"""`banjie task hold|resume` and `banjie case notify` on a running system, and in batches."""

import re
from datetime import UTC, datetime, timedelta

from tests.cli.system import System

WHY = ("--reason", "配件周五到货")
TEXT = "您好，配件周五到货，届时与您联系。"


def later(time: timedelta = timedelta(days=1)) -> str:
    """As people here write it, without a zone."""
    return (datetime.now(UTC) + timedelta(hours=8) + time).strftime("%Y-%m-%dT%H:%M")


def started(system: System) -> str:
    """The number of a new complaint; its task, which nobody has yet, is its first."""
    words = ("--words", "遥控器坏了。", "--channel", "app", "--as", "shop-app")
    answer = system.ask("case", "start", "--kind", "complaint", *words)
    return str((answer.get("case") or answer)["number"])


def test_a_task_on_hold_and_its_customer_told(system: System) -> None:
    number = started(system)
    task = f"{number}-1"
    system.ask("task", "claim", task, "--as", "liu.yang")
    system.ask("task", "hold", task, later(), *WHY, "--as", "liu.yang")
    output = system.run("case", "show", number, "--as", "liu.yang").stdout
    assert re.search("on hold +until", output)
    assert f"by liu.yang: {WHY[1]}" in output
    assert f"banjie task resume {task}" in output
    assert task not in system.run("task", "list", "--scope", "mine", "--as", "liu.yang").stdout
    held = system.run("task", "list", "--scope", "mine", "--on-hold", "--as", "liu.yang").stdout
    assert task in held
    assert "on hold until" in held
    again = system.run("task", "hold", task, later(), *WHY, "--as", "liu.yang")
    assert again.returncode == 4
    assert "liu.yang has put this task on hold until" in again.stderr
    diff = system.run("case", "diff", number, "--list").stdout
    assert "on_hold_until: – →" in diff
    assert system.run("task", "resume", task, "--as", "liu.yang").returncode == 0
    assert system.run("task", "hold", task, "tomorrow", *WHY, "--as", "liu.yang").returncode == 2

    outcome = system.run("case", "notify", number, TEXT, "--as", "liu.yang")
    assert outcome.stdout == f"{number}: the customer will be told.\n"
    assert TEXT in system.run("case", "show", number).stdout


def test_many_at_once(system: System) -> None:
    since = datetime.now(UTC).isoformat()
    number = started(system)
    ours = ("--kind", "complaint", "--where", f"received_from={since}", *WHY)
    hold = ("--step", "hold", "--set", f"until={later()}")
    assert system.ask("batch", "start", *ours, *hold, "--dry-run")["counts"] == {"would": 1}
    assert system.ask("batch", "start", *ours, *hold, "--yes")["counts"] == {"done": 1}
    listed = system.ask(
        "case", "list", "--where", "on_hold=true", "--where", f"received_from={since}"
    )
    assert [each["number"] for each in listed["items"]] == [number]
    told = ("--step", "notify", "--set", f"text={TEXT}")
    assert system.ask("batch", "start", *ours, *told, "--yes")["counts"] == {"done": 1}
    back = ("--step", "resume", "--where", "on_hold=true")
    assert system.ask("batch", "start", *ours, *back, "--yes")["counts"] == {"done": 1}
    types = [entry["type"] for entry in system.ask("case", "history", number)["items"]]
    assert types[-3:] == ["held", "notified", "resumed"]

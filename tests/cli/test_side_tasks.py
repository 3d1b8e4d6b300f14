"""`banjie case ask-approval|ask-assistance|chase` and the answers, on a running system."""

from tests.cli.system import System
from tests.cli.test_hold import later, started

LIU, ZHAO = ("--as", "liu.yang"), ("--as", "zhao.fang")
WHY = ("--reason", "老客户")


def test_an_approval_is_asked_and_given(system: System) -> None:
    number = started(system)
    system.ask("task", "claim", f"{number}-1", *LIU)
    asked = system.ask("case", "ask-approval", number, "800.00", *WHY, *LIU)
    task = f"{number}-{asked['receipt']['first']}"
    own = system.run("task", "approve", task, *LIU)
    assert own.returncode
    assert "Nobody answers a request of their own" in own.stderr
    listed = system.run("task", "list", "--request", "approval", "--scope", "unassigned", *ZHAO)
    assert task in listed.stdout
    assert WHY[1] in listed.stdout
    system.ask("task", "claim", task, *ZHAO)
    done = system.run("task", "approve", task, "--note", "可以", *ZHAO)
    assert done.stdout == f"{task}: approved.\n"
    shown = system.run("case", "requests", number, *LIU).stdout
    assert "approved" in shown
    assert "800.00 CNY" in shown
    assert task in system.run("case", "show", number, *LIU).stdout
    assert system.run("task", "list", "--request", "favour", *ZHAO).returncode == 2


def test_a_team_is_asked_and_a_chase_is_noted(system: System) -> None:
    number = started(system)
    system.ask("task", "claim", f"{number}-1", *LIU)
    unknown = system.run("case", "ask-assistance", number, "nobody", "?", "--until", later(), *LIU)
    assert "There is no such team" in unknown.stderr
    chased = system.run("case", "chase", number, "--channel", "phone", *ZHAO)
    assert chased.stdout == f"{number}: noted; it is the chase no. 1.\n"
    assert "1, last at" in system.run("case", "show", number, *LIU).stdout
    found = system.ask("case", "list", "--where", "chased=true", *LIU)
    assert number in [each["number"] for each in found["items"]]

"""`banjie case duplicates|merge|unmerge`, on a running system."""

from tests.cli.system import System
from tests.cli.test_hold import started

LIU, ZHAO = ("--as", "liu.yang"), ("--as", "zhao.fang")
WHY = ("--reason", "同一件事")


def test_cases_are_merged_and_separated_again(system: System) -> None:
    first, second = started(system), started(system)
    for number in (first, second):
        system.ask("task", "claim", f"{number}-1", *LIU)
    assert "items" in system.ask("case", "duplicates", second, *LIU)
    refused = system.run("case", "merge", second, first, *WHY, *LIU)
    assert refused.returncode
    assert "although the customers differ" in refused.stderr
    meant = (*WHY, "--although-other-customer", *LIU)
    done = system.run("case", "merge", second, first, *meant)
    assert done.stdout == f"{second} goes on as {first}.\n"
    assert "merged" in system.run("case", "show", second, *LIU).stdout
    assert f"banjie case unmerge {second}" in system.run("case", "show", second, *LIU).stdout
    back = system.run("case", "unmerge", second, *WHY, *ZHAO)
    assert back.stdout == f"{second} is a case of its own again.\n"
    shown = system.ask("case", "show", second, *LIU)
    assert (shown["case"]["state"], shown["merged_into"]) == ("received", None)

"""`banjie customer`: a record is found, corrected, merged and taken apart at the terminal."""

from tests.cli.system import System


def start(system: System, name: str) -> str:
    """Start a complaint of somebody with this name on one telephone; return their reference."""
    started = system.ask(
        *("case", "start", "--kind", "complaint", "--words", "断货", "--channel", "phone"),
        *("--name", name, "--contact", "phone=138 1234 5678"),
    )
    return str(system.ask("case", "show", started["number"])["customer"]["ref"])


def test_a_customer_is_corrected_merged_and_taken_apart(system: System) -> None:
    wang, li = start(system, "王小名"), start(system, "李雷")
    found = system.ask("customer", "find", "+86-13812345678")
    assert [each["ref"] for each in found["items"]] == [wang, li]
    why = ("--reason", "本人来电")
    changed = system.ask(
        *("customer", "correct", wang, *why, "--set", "name=王小明", "--set", "tier=vip"),
        *("--contact", "email=wang@example.com", "--consent", "sms=refused", "--version", "1"),
    )
    assert (changed["name"], changed["version"], changed["consent"]) == (
        "王小明", 2, {"sms": "refused"},
    )  # fmt: skip
    late = system.run("customer", "correct", wang, *why, "--set", "tier=", "--version", "1")
    assert late.returncode == 4
    assert system.ask("customer", "correct", wang, *why, "--set", "tier=")["tier"] is None
    shown = system.run("customer", "show", wang)
    assert (shown.returncode, "wang@example.com" in shown.stdout) == (0, True)
    assert "王小名" in shown.stdout
    assert system.ask("customer", "merge", li, wang, *why)["merged"] == [li]
    assert len(system.ask("customer", "show", li)["cases"]) == 2
    history = system.run("customer", "history", wang)
    assert (history.returncode, history.stdout.count("本人来电")) == (0, 3)
    assert system.ask("customer", "unmerge", li, *why)["ref"] == li
    both = system.run("customer", "correct", wang, *why, "--no-contact", "--contact", "phone=1")
    assert both.returncode == 2

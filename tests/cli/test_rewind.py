"""Taking a case back from the terminal: the plan, what hinders, the usual slips, doing it."""

import pytest

from tests.cli.system import System


@pytest.fixture(scope="module")
def number(system: System) -> str:
    """A complaint whose offer, a message to the customer, waits for an answer since its entry 5."""
    words = ("--words", "音箱一连蓝牙就断。", "--channel", "app")
    started = system.ask("case", "start", "--kind", "complaint", *words, "--as", "shop-app")
    number = str((started.get("case") or started)["number"])
    for step, *sets in (
        ("accept",),
        ("classify", "category=other", "severity=minor"),
        ("claim",),
        ("investigate", "cause=other", "reasonable=true", "finding=旧版软件"),
        ("propose", "solution=换新", "cost.amount=10"),
    ):
        given = [word for each in sets for word in ("--set", each)]
        system.ask("case", "do", number, step, *given, "--as", "liu.yang")
    return number


def test_the_plan_is_shown_and_may_not_be_carried_out_by_everybody(
    system: System, number: str
) -> None:
    rewind = ("case", "rewind", number, "--to", "4")
    outcome = system.run(*rewind, "--plan")
    assert outcome.returncode == 0, (
        "a manager's key is the default: " + outcome.stdout + outcome.stderr
    )
    assert "To do it: banjie case rewind" in outcome.stdout
    assert "1  notice offer" in outcome.stdout
    assert "--compensate notices=HOW" in outcome.stdout
    assert "restart  resolution 2 running, due" in outcome.stdout
    agent = system.run(*rewind, "--as", "liu.yang")
    assert agent.returncode == 4
    assert "It cannot be done now" in agent.stdout
    asked = system.run(*rewind, "--json", "--as", "liu.yang")
    assert (asked.returncode, '"step_not_allowed"' in asked.stdout) == (4, True)


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ((), 2, "--clocks go_on, as_then or restart"),
        (("--clocks", "never"), 2, "--clocks go_on, as_then or restart"),
        (("--clocks", "go_on"), 4, "need something that makes up for them: 1"),
        (("--clocks", "go_on", "--compensate", "1=accept"), 2, "how or why after a colon"),
        (("--clocks", "go_on", "--compensate", "offer=reverse"), 2, "the effect's number"),
        (("--clocks", "go_on", "--compensate", "7=reverse"), 4, "no effect 7"),
    ],
)
def test_a_slip_is_told_in_a_sentence(
    system: System, number: str, words: tuple[str, ...], code: int, says: str
) -> None:
    outcome = system.run(
        "case", "rewind", number, "--to", "4", "--reason", "wrong", *words, "--as", "zhao.fang"
    )
    assert outcome.returncode == code
    assert says in " ".join(outcome.stderr.split())


def test_messages_are_made_up_for_all_at_once(system: System, number: str) -> None:
    how = ("--reason", "错了", "--clocks", "go_on", "--compensate", "notices=accept:他知道")
    outcome = system.run("case", "rewind", number, "--to", "4", *how, "--as", "zhao.fang")
    assert outcome.stdout.strip() == f"{number}: now investigating.", outcome.stderr
    output = system.run("case", "history", number).stdout
    assert "compensations: 1 accept 他知道" in output

"""The commands of which docs/cli.md says that they need an administrator are refused to others."""

import re

import pytest

from cli.core.exits import Exit
from cli.main import app
from tests.cli.system import System
from tests.cli.test_docs import DOCS, verbs

ARGUMENTS = {
    "staff list": (),
    "staff add": ("x.y", "--name", "x", "--role", "agent"),
    "staff change": ("chen.min", "--role", "administrator"),
    "staff invite": ("chen.min",),
    "staff deactivate": ("admin",),
    "staff activate": ("admin",),
    "team list": (),
    "team add": ("x", "--name", "x"),
    "key list": (),
    "key add": ("--system", "x"),
    "key revoke": ("x",),
}
LOCAL = {"key print", "key bootstrap"}
"""At the store or the file themselves, with no key."""


OF_DUTY = {"staff on-duty", "staff off-duty", "staff profile", "staff skills"}
"""Of oneself, or as one who leads: they change who is given work, not who may do what."""


def test_the_page_names_all_that_change_who_may_do_what() -> None:
    sentence = re.search(r"An administrator's\s+key is needed for (.*?)\.", DOCS, re.DOTALL)
    assert sentence
    commands = {command.removeprefix("banjie ") for command in verbs(app)}
    administration = {each for each in commands if each.split()[0] in {"staff", "team", "key"}}
    administration -= OF_DUTY
    assert {*re.findall("`([^`]+)`", sentence[1])} == administration - LOCAL == {*ARGUMENTS}


@pytest.mark.parametrize("command", ARGUMENTS)
def test_nobody_but_an_administrator_may(system: System, command: str) -> None:
    words = (*command.split(), *ARGUMENTS[command])
    outcome = system.run(*words, "--as", "chen.min", "--json")
    assert outcome.returncode == Exit.REFUSED, outcome.stderr
    assert '"forbidden"' in outcome.stdout

"""The samples suffice to try everything that the README and the stories tell of."""

from cases import CURRENT
from cases.common.roles import STAFF_ROLES
from cli.up.prepare import SAMPLE_STAFF
from tests.architecture.source import ROOT


def test_each_role_that_a_step_is_for_is_somebodys() -> None:
    known = {person.role for person in SAMPLE_STAFF}
    steps = [s for kind in CURRENT.values() for state in kind.states for s in state.steps]
    wanted = {name for step in steps for name in step.by.names & STAFF_ROLES.names}
    assert wanted <= known


def test_who_starts_it_on_another_port_is_told_what_the_walk_needs() -> None:
    text = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    _, option, after = text.partition("banjie up --port 8090")
    assert option
    assert "export BANJIE_URL=http://127.0.0.1:8090" in after

"""The exported nets allow what the processes allow: histories are played on them by tokens."""

from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from cases import CURRENT, KINDS
from domain.engine.case import Case
from domain.engine.merged import MERGE, MERGE_REFUSED, MERGED, UNMERGE, UNMERGED
from domain.engine.messages import Outcome
from domain.engine.process import Process
from domain.mining.petri_net import activity, net_of
from domain.read_models.projection import pending_call
from ops.export.pnml import pnml
from tests.cases.random_walks import EVERYTHING, walks
from tests.domain.case_driver import NINE
from tests.ops.exports import Exported
from tests.ops.recorded_stories import played
from tests.ops.schemas_pnml import pnml_schema
from tests.ops.token_game import NS, Net, read
from tests.support.cases import CHEN, opening, request

pytestmark = pytest.mark.xdist_group("export")
EVERY_KIND = pytest.mark.parametrize("process", CURRENT.values(), ids=CURRENT)


def document(*, strict: bool = False) -> bytes:
    return "".join(pnml(map(net_of, KINDS.values()), strict=strict)).encode()


NETS: Mapping[str, Net] = read(document())
HISTORIES = [[activity(entry) for entry in case.entries] for case in played()]


def net_for(process: Process) -> Net:
    return NETS[f"{process.kind}-v{process.version}"]


def reached(net: Net, case: Case) -> bool:
    """Whether the net has a run of these entries that ends where the case is."""
    here = f"{case.opening.kind}-v{case.opening.process_version}.state_{case.state}"
    return frozenset({here}) in net.play([activity(entry) for entry in case.entries])


def test_the_grammar_accepts_it() -> None:
    grammar = pnml_schema()
    assert grammar.validate(etree.fromstring(document(strict=True))), grammar.error_log


def test_only_the_final_markings_and_marks_of_silence_are_beyond_the_grammar() -> None:
    tree = etree.fromstring(document())
    assert not pnml_schema().validate(tree)
    for name in ("finalmarkings", "toolspecific"):
        for each in list(tree.iter(f"{NS}{name}")):
            parent = each.getparent()
            assert parent is not None
            parent.remove(each)
    assert pnml_schema().validate(tree)
    strict = etree.fromstring(document(strict=True))
    assert [(e.tag, dict(e.attrib)) for e in tree.iter()] == [
        (e.tag, dict(e.attrib)) for e in strict.iter()
    ]


@EVERY_KIND
def test_a_place_for_each_state_and_a_transition_for_each_arrow(process: Process) -> None:
    net = net_for(process)
    # Start, end, the way back, and the end that every kind has.
    assert len(net.places) == len(process.states) + 4
    labels = [each.label for each in net.transitions]
    for name in process.forms:
        arrows = [
            len(step.arrows)
            for state in process.states
            for step in state.steps
            if step.name == name
        ]
        assert labels.count(name) == sum(arrows)
    assert net.first != net.last
    assert all(len(marking) == 1 for marking in (net.first, net.last))


def test_what_was_recorded_is_a_run(exported: Exported) -> None:
    for case in exported.cases:
        net = net_for(CURRENT[case.opening.kind])
        assert reached(net, case), case.opening.number
        over = CURRENT[case.opening.kind].state_of(case).closed
        assert (net.last in net.play([activity(entry) for entry in case.entries])) == over


@EVERY_KIND
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_is_tried_is_a_run(process: Process, data: st.DataObject) -> None:
    walk = data.draw(walks(process))
    assert reached(net_for(process), walk.case)


@EVERY_KIND
def test_a_merge_that_is_refused_done_and_undone_is_a_run(process: Process) -> None:
    now = NINE
    case = process.open(opening("TS1", process.kind, CHEN, received_at=now), now)
    steps = [(MERGE, MERGE_REFUSED), (MERGE, MERGED), (UNMERGE, UNMERGED), (MERGE, MERGED)]
    for n, (step, answer) in enumerate(steps):
        form = {"into": "TS2", "reason": "-"} if step == MERGE else {"reason": "-"}
        asked = request(f"r{n}", (step, form), actor=EVERYTHING)
        process.apply_request(case, asked, now)
        call = pending_call(process, case)
        assert call is not None
        process.apply_outcome(case, call, Outcome(step=answer), now)
        assert reached(net_for(process), case), case.state
    assert case.state == "merged"
    assert net_for(process).last in net_for(process).play([activity(e) for e in case.entries])


def test_a_history_without_a_step_is_no_run() -> None:
    """The step that left the first state is needed by all that follows."""
    for case in played():
        events = [activity(entry) for entry in case.entries]
        assert not net_for(CURRENT[case.opening.kind]).play([e for e in events if e != "accept"])


def test_a_history_of_another_kind_is_no_run() -> None:
    for case in played():
        events = [activity(entry) for entry in case.entries]
        others = [process for kind, process in CURRENT.items() if kind != case.opening.kind]
        assert "classify" in events
        assert not any(reached(net_for(process), case) for process in others)


def test_an_unknown_event_is_no_run() -> None:
    for net in NETS.values():
        assert net.play(["banjie.case.opened"])
        assert not net.play(["banjie.case.opened", "banjie.case.forged"])

"""An export in XES is valid, and its traces are the cases."""

from datetime import datetime

import pytest
from lxml import etree

from domain.mining.petri_net import activity
from tests.ops.exports import Exported, logged_times
from tests.ops.schemas_xes import xes_schema

pytestmark = pytest.mark.xdist_group("export")
EXTENDED = {"concept:name", "time:timestamp", "lifecycle:transition", "org:resource", "org:role"}


@pytest.fixture(scope="module")
def log(exported: Exported) -> etree._Element:
    return etree.fromstring(exported.files["xes"].read_bytes())


def values(element: etree._Element) -> dict[str | None, str | None]:
    return {each.get("key"): each.get("value") for each in element if each.get("key")}


@pytest.mark.parametrize("name", ["xes", "xes+texts"])
def test_the_schema_accepts_it(exported: Exported, name: str) -> None:
    schema = xes_schema()
    assert schema.validate(etree.fromstring(exported.files[name].read_bytes())), schema.error_log


@pytest.mark.parametrize(
    "wrong",
    [
        '<log xes.version="1.0"><event/><trace/></log>',
        '<log xes.version="1.0"><trace><event><int key="a" value="x"/></event></trace></log>',
        '<log xes.version="1849-2016"/>',
        '<log xes.version="1.0"><string key="a b" value=""/></log>',
    ],
)
def test_the_schema_refuses_what_is_none(wrong: str) -> None:
    assert not xes_schema().validate(etree.fromstring(wrong))


def test_a_trace_for_each_case(exported: Exported, log: etree._Element) -> None:
    found = {
        values(trace)["concept:name"]: [
            (values(e)["concept:name"], datetime.fromisoformat(str(values(e)["time:timestamp"])))
            for e in trace.iterchildren("event")
        ]
        for trace in log.iterchildren("trace")
    }
    assert found == {
        case.opening.number: [
            (activity(entry), at)
            for entry, at in zip(case.entries, logged_times(case), strict=True)
        ]
        for case in exported.cases
    }


def test_what_is_declared_is_in_every_event(log: etree._Element) -> None:
    scoped = {each.get("scope"): set(values(each)) for each in log.iterchildren("global")}
    prefixes = {each.get("prefix") for each in log.iterchildren("extension")}
    assert {name.partition(":")[0] for name in EXTENDED} <= prefixes
    for classifier in log.iterchildren("classifier"):
        assert set(str(classifier.get("keys")).split()) <= scoped["event"]
    for event in log.iter("event"):
        assert values(event).keys() >= scoped["event"] | EXTENDED
        assert len(event) == len(values(event)), "a key is there twice"


def test_what_is_done_with_a_task_has_its_own_lifecycle(log: etree._Element) -> None:
    found = {(values(e)["type"], values(e)["lifecycle:transition"]) for e in log.iter("event")}
    assert {("assigned", "reassign"), ("released", "unknown"), ("stepped", "complete")} <= found
    assert {("held", "suspend"), ("resumed", "resume"), ("notified", "complete")} <= found

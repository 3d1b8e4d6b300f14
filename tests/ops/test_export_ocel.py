"""An object-centric export is what the standard says, and tells what happened."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from cases import CURRENT
from domain.engine.process import Process
from domain.language.roles import ActorKind
from domain.mining.petri_net import activity
from domain.read_models.projection import case_view, clock_views, task_views
from ops.export.fields import AttributeCatalogue
from ops.export.history import CaseHistory
from ops.export.ocel.database import BEGINNING, table_of
from ops.export.ocel.objects import (
    OBJECT_TYPES,
    AttributeChange,
    EventRecord,
    ObjectRecord,
    ocel_records,
)
from tests.cases.random_walks import walks
from tests.ops.exports import Exported, logged_times
from tests.ops.schemas_ocel import OCEL_JSON, OCEL_KEYS, OCEL_OF_TYPE, OCEL_TABLES

pytestmark = pytest.mark.xdist_group("export")
TIMED = Draft7Validator.FORMAT_CHECKER
Log = dict[str, Any]


@pytest.fixture(scope="module")
def log(exported: Exported) -> Log:
    read: Log = json.loads(exported.text("json"))
    return read


@pytest.fixture(scope="module")
def database(exported: Exported) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(exported.files["sqlite"])) as connection:
        yield connection


@pytest.mark.parametrize("name", ["json", "json+texts"])
def test_the_schema_accepts_it(exported: Exported, name: str) -> None:
    document = json.loads(exported.text(name))
    assert not list(Draft7Validator(OCEL_JSON, format_checker=TIMED).iter_errors(document))


def test_the_schema_refuses_what_is_none(log: Log) -> None:
    event = {**log["events"][0], "attributes": [{"name": "seq", "value": 1}]}
    for wrong in ({**log, "events": [event]}, {**log, "objects": [{"id": "x"}]}, {}):
        assert list(Draft7Validator(OCEL_JSON).iter_errors(wrong))


def test_an_event_for_each_entry(exported: Exported, log: Log) -> None:
    wanted = {
        f"{case.opening.number}/{entry.seq}": (activity(entry), at)
        for case in exported.cases
        for entry, at in zip(case.entries, logged_times(case), strict=True)
    }
    found = {e["id"]: (e["type"], datetime.fromisoformat(e["time"])) for e in log["events"]}
    assert found == wanted
    assert len(log["events"]) == exported.entries == exported.tallies["json"].events


def test_objects_of_each_type(exported: Exported, log: Log) -> None:
    cases = [(CURRENT[case.opening.kind], case) for case in exported.cases]
    staff = {e.actor.id for _, c in cases for e in c.entries if e.actor.kind is ActorKind.STAFF}
    counted = Counter(each["type"] for each in log["objects"])
    assert counted == exported.tallies["json"].objects
    assert counted["case"] == len(cases)
    assert counted["task"] == sum(len(task_views(process, case, 0)) for process, case in cases)
    assert counted["clock"] == sum(len(clock_views(process, case, 0)) for process, case in cases)
    assert counted["customer"] == len({case.opening.customer for _, case in cases})
    units = {f"order:{c.opening.order}" for _, c in cases}
    units |= {f"product:{c.opening.product}" for _, c in cases}
    assert {each["id"] for each in log["objects"] if each["type"] == "unit"} == units
    agents = {each["id"] for each in log["objects"] if each["type"] == "agent"}
    assert agents >= {f"agent:{id}" for id in staff}
    assert len(log["objects"]) == len({each["id"] for each in log["objects"]})


@pytest.mark.parametrize("process", CURRENT.values(), ids=CURRENT)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_is_tried_has_its_objects(process: Process, data: st.DataObject) -> None:
    case = data.draw(walks(process)).case
    told = list(
        ocel_records(
            CaseHistory(case_view(process, case), process, case.entries),
            AttributeCatalogue([process]),
        )
    )
    made = {(each.type, each.id) for each in told if isinstance(each, ObjectRecord)}
    last = {(each.id, each.name): each.value for each in told if isinstance(each, AttributeChange)}
    assert {id for type, id in made if type == "task"} == {
        t.id for t in task_views(process, case, 0)
    }
    found = {f"{c.number}-{c.clock}-{c.instance}": c.state for c in clock_views(process, case, 0)}
    assert {id: last[id, "state"] for type, id in made if type == "clock"} == found
    for task in task_views(process, case, 0):
        open_status = "on_hold" if task.held_until else "open"
        assert last[task.id, "status"] == ("done" if task.done_at else open_status)
    events = [each.id for each in told if isinstance(each, EventRecord)]
    assert events == [f"{case.opening.number}/{entry.seq}" for entry in case.entries]


def test_all_that_is_named_is_there_and_of_a_declared_type(log: Log) -> None:
    objects = {each["id"] for each in log["objects"]}
    for kind in ("event", "object"):
        declared = {
            type["name"]: {a["name"] for a in type["attributes"]} for type in log[f"{kind}Types"]
        }
        for each in log[f"{kind}s"]:
            assert {a["name"] for a in each["attributes"]} <= declared[each["type"]]
            assert {r["objectId"] for r in each["relationships"]} <= objects
            assert kind == "object" or each["relationships"]


def test_a_case_ends_as_its_values_say(exported: Exported, log: Log) -> None:
    told = {each["id"]: each["attributes"] for each in log["objects"]}
    for case in exported.cases:
        last = {each["name"]: each["value"] for each in told[case.opening.number]}
        assert last["state"] == case.state
        assert last.get("assignee", "") == (case.holder.id if case.holder else "")
        states = [a["value"] for a in told[case.opening.number] if a["name"] == "state"]
        moved = [entry.led_to for entry in case.arrivals()]
        assert states == moved


def test_a_clock_ends_as_its_values_say(exported: Exported, log: Log) -> None:
    told = {each["id"]: each["attributes"] for each in log["objects"]}
    for case in exported.cases:
        for clock in clock_views(CURRENT[case.opening.kind], case, 0):
            values = told[f"{clock.number}-{clock.clock}-{clock.instance}"]
            last = {each["name"]: each["value"] for each in values}
            assert last["state"] == clock.state.value


def test_the_file_has_the_standards_tables(database: sqlite3.Connection) -> None:
    for table, columns in OCEL_TABLES.items():
        assert columns_of(database, table) == columns
        keys = database.execute(f'PRAGMA foreign_key_list("{table}")').fetchall()
        assert {(key[3], key[2]) for key in keys} == OCEL_KEYS.get(table, set())
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("each", OCEL_OF_TYPE)
def test_each_type_has_its_table(database: sqlite3.Connection, each: str) -> None:
    types = select(database, f"{each}_map_type", "ocel_type", "ocel_type_map")
    assert types
    told: list[tuple[Any, ...]] = []
    for _, name in types:
        columns = columns_of(database, f"{each}_{name}")
        assert columns[: len(OCEL_OF_TYPE[each])] == OCEL_OF_TYPE[each]
        keys = database.execute(f'PRAGMA foreign_key_list("{each}_{name}")').fetchall()
        assert [(key[3], key[2]) for key in keys] == [("ocel_id", each)]
        told += set(select(database, f"{each}_{name}", "ocel_id"))
    assert sorted(told) == sorted(select(database, each, "ocel_id"))


def test_a_change_tells_of_one_field(database: sqlite3.Connection) -> None:
    for type, attributes in OBJECT_TYPES.items():
        names = ["ocel_time", "ocel_changed_field", *attributes]
        for row in select(database, table_of("object", type), *names):
            time, changed, *values = row
            given = [n for n, v in zip(attributes, values, strict=True) if v is not None]
            assert given == [changed] if changed else time == BEGINNING
            assert datetime.fromisoformat(time).tzinfo is None


def test_both_forms_tell_the_same(log: Log, database: sqlite3.Connection) -> None:
    for each in OCEL_OF_TYPE:
        rows = select(database, each, "ocel_id", "ocel_type")
        assert rows == [(told["id"], told["type"]) for told in log[f"{each}s"]]
    related = database.execute("SELECT count(*) FROM event_object").fetchone()
    assert related == (sum(len(event["relationships"]) for event in log["events"]),)


def select(database: sqlite3.Connection, table: str, *columns: str) -> list[tuple[Any, ...]]:
    named = ", ".join(f'"{column}"' for column in columns)
    return database.execute(f'SELECT {named} FROM "{table}" ORDER BY rowid').fetchall()  # noqa: S608


def columns_of(database: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in database.execute(f'PRAGMA table_info("{table}")')]

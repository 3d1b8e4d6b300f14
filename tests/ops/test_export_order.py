"""Every reader of an export has one order, by the times alone, and one spelling of times."""

import csv
import io
import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from typing import Any

import pytest
from lxml import etree

from ops.export.ocel.database import table_of
from tests.ops.exports import Exported

pytestmark = pytest.mark.xdist_group("export")

Orders = dict[str, list[int]]
"""The seqs of each case's entries, as a reader orders them."""

SPELLING = {
    "json": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z",
    "sqlite": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}",
}
SPELLING |= {"xes": SPELLING["json"], "csv": SPELLING["json"]}
ANY_TIME = re.compile(r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d")


def by_time(events: list[tuple[str, int, str]]) -> Orders:
    """Order events by nothing but their times in milliseconds, as a browser reads them."""
    orders: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for number, seq, time in reversed(events):
        moment = datetime.fromisoformat(time)
        orders[number].append((int(moment.timestamp() * 1000), seq))
    # Sorted by time alone, what shares a time would stay reversed.
    return {
        number: [seq for _, seq in sorted(found, key=lambda each: each[0])]
        for number, found in orders.items()
    }


def from_json(exported: Exported) -> list[tuple[str, int, str]]:
    events = json.loads(exported.text("json"))["events"]
    split = [(each["id"].split("/"), each["time"]) for each in events]
    return [(number, int(seq), time) for (number, seq), time in split]


def from_sqlite(exported: Exported) -> list[tuple[str, int, str]]:
    """Read type by type, as PM4Py does."""
    events = []
    with closing(sqlite3.connect(exported.files["sqlite"])) as database:
        for (type,) in database.execute("SELECT ocel_type FROM event_map_type ORDER BY 1"):
            table = table_of("event", type)
            for id, time in database.execute(f'SELECT ocel_id, ocel_time FROM "{table}"'):  # noqa: S608
                number, seq = id.split("/")
                events.append((number, int(seq), f"{time}Z"))
    return events


def from_xes(exported: Exported) -> list[tuple[str, int, str]]:
    events = []
    log: Any = etree.fromstring(exported.text("xes").encode())
    for trace in log.iter("{*}trace"):
        number = trace.find("{*}string[@key='concept:name']").get("value")
        for event in trace.iter("{*}event"):
            seq = event.find("{*}int[@key='seq']").get("value")
            time = event.find("{*}date[@key='time:timestamp']").get("value")
            events.append((number, int(seq), time))
    return events


def from_csv(exported: Exported) -> list[tuple[str, int, str]]:
    rows = csv.DictReader(io.StringIO(exported.text("csv"), newline=""))
    return [(row["case"], int(row["seq"]), row["at"]) for row in rows]


@pytest.mark.parametrize("read", [from_json, from_sqlite, from_xes, from_csv])
def test_times_alone_give_the_order_of_the_entries(
    exported: Exported, read: Callable[[Exported], list[tuple[str, int, str]]]
) -> None:
    ties = [c for c in exported.cases if len({e.at for e in c.entries}) < len(c.entries)]
    assert ties, "some entries share a time"
    assert by_time(read(exported)) == {
        case.opening.number: [entry.seq for entry in case.entries] for case in exported.cases
    }


def values_of(exported: Exported, form: str) -> set[str]:
    """Return every value in a file."""
    match form:
        case "sqlite":
            with closing(sqlite3.connect(exported.files[form])) as database:
                names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
                return {
                    str(value)
                    for (name,) in names.fetchall()
                    for row in database.execute(f'SELECT * FROM "{name}"')  # noqa: S608
                    for value in row
                }
        case "csv":
            rows = csv.reader(io.StringIO(exported.text(form), newline=""))
            return {value for row in rows for value in row}
    return set(re.findall(r'"([^"]*)"', exported.text(form)))


@pytest.mark.parametrize("form", SPELLING)
def test_every_time_has_one_spelling(exported: Exported, form: str) -> None:
    times = {value for value in values_of(exported, form) if ANY_TIME.match(value)}
    assert times
    assert not [time for time in times if not re.fullmatch(SPELLING[form], time)]

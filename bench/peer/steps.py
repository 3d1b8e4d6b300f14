"""What our own engine writes for one complaint, step by step: the peer has to write the same."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from bench.customer import reserve
from bench.peer.workflow import NOW, NUMBER, Rows
from bench.peer.writer import KEYS
from cases import CURRENT
from domain.engine.case import Case
from domain.engine.messages import Command
from domain.language.entries import Cause
from domain.language.roles import the_world
from domain.read_models.projection import pending_call, projection_update
from store import Store
from store.all_tables import metadata
from store.db.types import Instant
from store.outbox.records import Delivered
from tests.support.cases import WHOLE_COMPLAINT, opening, request

PROCESS = CURRENT["complaint"]
APART = timedelta(seconds=10)
Row = dict[str, Any]


@dataclass
class Played:
    """A complaint on the pure engine and in a store, and what each of its steps wrote there."""

    store: Store
    file: Path
    case: Case
    at: datetime
    recorded: int = 0
    seen: dict[str, list[Row]] = field(default_factory=dict)

    async def record(self) -> Rows:
        """Write what is new of the case as the worker does; the rows that were made or changed."""
        await self.store.recorder.write(projection_update(PROCESS, self.case, self.recorded))
        self.recorded = self.case.last.seq
        return self._news()

    async def tell(self) -> Rows:
        """Tell the customer as the worker does; the rows that this made, and the told step."""
        asked = pending_call(PROCESS, self.case)
        assert asked is not None
        answer = await self.store.outbox.deliver(asked)
        assert isinstance(answer, Delivered)
        rows = self._news()
        form: dict[str, JsonValue] = {"message": answer.message, "channel": answer.channel}
        command = Command(step=asked.done, form=form)
        PROCESS.take(self.case, command, the_world(asked.port), self.at, Cause(entry=asked.seq))
        return rows

    def due(self) -> float:
        """When the timer runs out, in seconds from the opening."""
        moment = PROCESS.next_timer(self.case)
        until = PROCESS.steps_end_at(self.case) or (moment and moment[0])
        assert until is not None
        return (until - self.case.entries[0].at).total_seconds()

    def _news(self) -> Rows:
        before, self.seen = self.seen, rows_of(self.file, self.case.opening.number)
        news = {t: [r for r in rows if r not in before.get(t, [])] for t, rows in self.seen.items()}
        number = self.case.opening.number
        return {t: [_blank(t, row, number) for row in rows] for t, rows in news.items() if rows}


async def steps(folder: Path) -> list[Row]:
    """By step, the first being the opening: its name, its rows, the telling's rows, the timer."""
    file = folder / "template.db"
    store = await Store.open(f"sqlite+aiosqlite:///{file}", migrate=True)
    reserved, at = await reserve(store), datetime.now(UTC)
    first = opening(reserved.number, customer=reserved.customer, received_at=at)
    played = Played(store, file, PROCESS.open(first, at), at)
    found = [step async for step in _steps(played)]
    await store.close()
    return found


async def _steps(played: Played) -> Any:
    yield _step("open", await played.record(), played)
    for index, commands in enumerate(WHOLE_COMPLAINT):
        played.at += APART
        PROCESS.apply_request(played.case, request(f"step-{index}", *commands), played.at)
        due = played.due()
        rows = await played.record()
        tells = await played.tell() if pending_call(PROCESS, played.case) else None
        yield {"step": commands[0][0], "rows": rows, "tells": tells, "due": due}
        if tells:
            yield _step("told", await played.record(), played)


def _step(name: str, rows: Rows, played: Played) -> Row:
    return {"step": name, "rows": rows, "tells": None, "due": played.due()}


def rows_of(file: Path, number: str) -> dict[str, list[Row]]:
    """All rows of a case, by table."""
    with sqlite3.connect(file) as connection:
        connection.row_factory = sqlite3.Row
        return {table: [dict(row) for row in _select(connection, table, number)] for table in KEYS}


def _select(connection: sqlite3.Connection, table: str, number: str) -> Iterator[sqlite3.Row]:
    name = "number" if "number" in KEYS[table] else "id"
    return connection.execute(f"SELECT * FROM {table} WHERE {name} = ?", (number,))  # noqa: S608 — ours


def _blank(table: str, row: Row, number: str) -> Row:
    """The row with a place for another case's number and time."""
    columns = metadata.tables[table].c
    timed = {name: NOW for name, v in row.items() if v and isinstance(columns[name].type, Instant)}
    return {n: NUMBER if v == number else v for n, v in {**row, **timed}.items()}

"""A store full of cases: each story in each phase, told once by the engine, copied by SQL."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection, Table, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from cases import CURRENT, stories_of
from domain.case_numbers import case_number
from domain.engine.case import Case
from domain.engine.process import Process
from domain.errors import Refusal
from domain.read_models.projection import projection_update
from domain.stories import CUSTOMER_REF, Story, opening_for, pass_time, requests
from store import Store
from store.cases.tables import case_goods, case_words, cases, clocks, entries, task_roles, tasks
from store.db.types import Instant
from store.outbox.tables import outbox

TABLES = (cases, entries, tasks, task_roles, clocks, case_words, case_goods, outbox)
OPEN_SHARE = 0.1
"""One case in ten is open: a few weeks' work of many months."""

MONTHS = timedelta(days=180)
CASES_PER_CUSTOMER = 2
SEED = 20261122
SETTINGS = {
    "sqlite": (
        "PRAGMA journal_mode = OFF",
        "PRAGMA synchronous = OFF",
        "PRAGMA cache_size = -1000000",
    ),
    # What refers to what is right already; and copies come in their order, as in life.
    "postgresql": (
        "SET session_replication_role = replica",
        "SET enable_hashjoin = off",
        "SET enable_mergejoin = off",
    ),
}
"""How filling is made quick; only the connection that fills has them."""


@dataclass(frozen=True)
class Template:
    """A case at some point of a story."""

    process: Process
    case: Case

    @property
    def number(self) -> str:
        return self.case.opening.number

    @property
    def open(self) -> bool:
        return not self.process.state_of(self.case).closed


async def fill(url: str, n: int, open_share: float = OPEN_SHARE) -> list[str]:
    """Fill an empty store with so many cases and their customers; the cases' numbers."""
    store = await Store.open(url, migrate=True)
    found = list(templates())
    for each in found:
        await store.recorder.write(projection_update(each.process, each.case, 0))
    await store.close()
    copies = sorted(_copies(found, n, open_share), key=lambda copy: str(copy["received"]))
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(_copy, copies)
    await _analyze(engine)
    await engine.dispose()
    return [str(copy["target"]) for copy in copies]


def templates() -> Iterator[Template]:
    """Every kind's stories, cut off after each of their acts."""
    serial = 100_000
    for kind, process in CURRENT.items():
        for story in stories_of(kind):
            for acts in range(len(story.acts) + 1):
                serial += 1
                number = case_number(process.prefix, date(2026, 1, 1), str(serial))
                yield Template(process, _played(process, story, number, acts))


def _played(process: Process, story: Story, number: str, acts: int) -> Case:
    case = process.open(opening_for(process, story, number), story.entered or story.received)
    for act, request in requests(story)[:acts]:
        pass_time(process, case, act.at)
        trial = case.copy()
        try:
            process.check_request(case, request, act.at)
            process.apply_request(trial, request, act.at)
        except Refusal:
            continue
        case = trial
    return case


def _copies(found: list[Template], n: int, open_share: float) -> Iterator[dict[str, object]]:
    """Which template each case copies, and by how much later it was received."""
    draw, now = random.Random(SEED), datetime.now(UTC)
    sorts = [each for each in found if each.open], [each for each in found if not each.open]
    for index in range(n):
        is_open = draw.random() < open_share
        like = draw.choice(sorts[0 if is_open else 1])
        last = like.case.last.at
        ended = now - draw.random() * (timedelta(hours=8) if is_open else MONTHS)
        moved = int((ended - last).total_seconds())
        received = like.case.opening.received_at
        later = received + timedelta(seconds=moved)
        yield {
            "source": like.number,
            "target": case_number(like.process.prefix, later.date(), f"{index:06d}"),
            "customer": f"customer-{index // CASES_PER_CUSTOMER}",
            "moved": moved,
            "was": _iso(received),
            "received": _iso(later),
        }


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _copy(connection: Connection, copies: list[dict[str, object]]) -> None:
    run = connection.exec_driver_sql
    for setting in SETTINGS[connection.dialect.name]:
        run(setting)
    run(
        "CREATE TABLE copies (source TEXT, target TEXT, customer TEXT, moved INTEGER,"
        " was TEXT, received TEXT)"
    )
    into = "INSERT INTO copies VALUES (:source, :target, :customer, :moved, :was, :received)"
    connection.execute(text(into), copies)
    run("UPDATE outbox SET status = 'delivered', next_at = NULL, delivered_at = at")
    _customers(connection)
    for table in TABLES:
        run(f"CREATE TABLE like_{table.name} AS SELECT * FROM {table.name}")  # noqa: S608 — our names
        run(f"CREATE INDEX ix_like_{table.name} ON like_{table.name} (number)")
    for table in reversed(TABLES):
        run(f"DELETE FROM {table.name}")  # noqa: S608 — our names
    for table in TABLES:
        run(_copying(table, connection.dialect.name))
        run(f"DROP TABLE like_{table.name}")
    run("DROP TABLE copies")


def _customers(connection: Connection) -> None:
    """Each with a name and a phone, told by the shop."""
    since = "2026-01-01 00:00:00.000000"
    tail, when = "substr('0000000' || substr(customer, 10), -8)", f"'{since}'"
    if connection.dialect.name == "postgresql":
        tail, when = "lpad(substr(customer, 10), 8, '0')", f"TIMESTAMPTZ '{since}Z'"
    phone = f"'138' || {tail}"
    rows = {
        "customers (tenant, ref, created_at)": (when,),
        "customer_sources (tenant, customer, source, name, since)": ("'shop'", "'顾客'", when),
        "contact_points (tenant, customer, kind, normal, rank)": ("'phone'", phone, "1"),
        "contact_sources (tenant, source, kind, normal, value, since)": (
            *("'phone'", phone, phone),
            when,
        ),
    }
    for into, values in rows.items():
        whose = "'shop'" if "contact_sources" in into else "customer"
        what = ", ".join(("'default'", whose, *values))
        connection.exec_driver_sql(f"INSERT INTO {into} SELECT DISTINCT {what} FROM copies")  # noqa: S608 — ours


def _copying(table: Table, dialect: str) -> str:
    """`INSERT … SELECT` of a table's rows for all copies."""
    names = [column.name for column in table.columns]
    values = ", ".join(_value(table, name, dialect) for name in names)
    listed = ", ".join(f'"{name}"' for name in names)
    return (
        f"INSERT INTO {table.name} ({listed}) SELECT {values} FROM copies AS c "  # noqa: S608 — our names
        f"CROSS JOIN like_{table.name} AS t WHERE c.source = t.number"
    )


def _value(table: Table, name: str, dialect: str) -> str:
    column, due = f't."{name}"', "next_due" if table is cases else "due_at"
    own = f"replace({column}, t.number, c.target)"
    special = {
        "number": "c.target",
        "customer": f"CASE WHEN {column} IS NULL THEN NULL ELSE c.customer END",
        "external_ref": "'order-' || c.target",
        "rank": f"CASE WHEN t.{due} IS NULL THEN t.rank ELSE {_moved(f't.{due}', dialect)} END",
        "message": own,
        "form": f"replace(replace({own}, '{CUSTOMER_REF}', c.customer), c.was, c.received)",
    }
    if name not in special and isinstance(table.c[name].type, Instant):
        return _moved(column, dialect)
    return special.get(name, column)


def _moved(column: str, dialect: str) -> str:
    if dialect == "postgresql":
        return f"{column} + c.moved * INTERVAL '1 second'"
    return f"strftime('%Y-%m-%d %H:%M:%f000', {column}, c.moved || ' seconds')"


async def _analyze(engine: AsyncEngine) -> None:
    """PostgreSQL does it by itself after a while; SQLite never does unless it is told to."""
    if engine.dialect.name == "postgresql":
        async with engine.connect() as connection:
            alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await alone.exec_driver_sql("VACUUM ANALYZE")

"""How fast the inbox, its counts, the next task and searches are, when the store is full."""

import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, insert, update
from sqlalchemy.ext.asyncio import create_async_engine

from app.authentication import Principal
from app.inbox import InboxQuery, View, count_queries, count_views, list_inbox
from app.next_task import MOST_TRIES
from app.search import search
from app.services import Services, build_services
from bench.both_databases import on_both_databases
from bench.fill import SEED, fill
from bench.machine import at_share, measured_on
from bench.page import paragraph
from cases import CURRENT
from domain.language.roles import ActorKind
from policies.documents import DEFAULT
from store import Store
from store.archive import Archive
from store.cases.tables import case_words, comments
from temporal.case_client import CaseClient
from tests.support.agents import TENANT
from tests.support.cases import SHOP

OPEN_SHARE = 0.2
UNREAD_SHARE = 0.01
COMMENTED_SHARE = 0.2
WARM, IN_TURN, PAGE = 10, 100, 50
GOAL_MS = 150.0
TEXT = (
    "手机屏幕坏了客服态度很差退款一直没有处理快递包装破损发货太慢质量问题不能开机充电发热售后不理"
    "我要投诉换货收到已经裂开希望尽快解决价格降价保价赠品少了型号不符噪音漏水维修师傅没来"
)
PHRASES = [TEXT[at : at + 2] for at in range(0, len(TEXT), 2)]
RARE = "镀铬"

Ask = Callable[[], Awaitable[Any]]


@dataclass(frozen=True)
class Times:
    """Milliseconds of each request, and how much CPU this process spent on one."""

    in_turn: list[float]
    cpu: float


Found = Mapping[str, Times]


async def section(n: int) -> list[str]:
    """The same on both databases, each filled anew."""
    return _told(n, await on_both_databases(lambda folder, url: _measure(folder, url, n)))


async def _measure(folder: Path, url: str, n: int) -> Found:
    """Through the use cases, as a page calls them; what HTTP and the template cost is not in it."""
    numbers = await fill(url, n, OPEN_SHARE)
    await write_and_comment(url, numbers)
    async with services_on(url, folder) as services:
        return {name: await timed(ask) for name, ask in _asked(services, numbers).items()}


@asynccontextmanager
async def services_on(url: str, folder: Path) -> AsyncIterator[Services]:
    """Open the services of a process that reads a store and asks no engine."""
    store = await Store.open(url)
    try:
        yield build_services(
            store,
            CaseClient(cast(Any, None)),
            Archive(folder.as_uri()),
            business_zone=ZoneInfo("Asia/Shanghai"),
            policy_version=DEFAULT,
            record_timeout=timedelta(seconds=1),
        )
    finally:
        await store.close()


def _asked(services: Services, numbers: Sequence[str]) -> Mapping[str, Ask]:
    teams = tuple(process.team for process in CURRENT.values())
    agent = Principal(TENANT, ActorKind.STAFF, "liu.yang", roles=("agent",), teams=teams)
    vendor = Principal(TENANT, ActorKind.STAFF, "mei", roles=("vendor",))
    unassigned = InboxQuery(view=View.UNASSIGNED)
    offered = InboxQuery(view=View.ALL, kind="complaint", state="proposed")
    saved = [InboxQuery(view=View.ALL, kind=kind, stage="resolve") for kind in CURRENT] * 3

    def inbox(query: InboxQuery, by: Principal = agent) -> Ask:
        async def ask() -> None:
            await list_inbox(services, by, query, None, PAGE)
            await count_views(services, by, query)

        return ask

    return {
        **{f"inbox: {view}, and all counts": inbox(InboxQuery(view=view)) for view in View},
        "inbox: filtered by kind and state": inbox(offered),
        "inbox: of a vendor": inbox(unassigned, vendor),
        "counts of all views": lambda: count_views(services, agent),
        f"counts of {len(saved)} saved views": lambda: count_queries(services, agent, saved),
        "candidates of next": lambda: list_inbox(services, agent, unassigned, None, MOST_TRIES),
        **_searches(services, agent, numbers),
    }


def _searches(services: Services, caller: Principal, numbers: Sequence[str]) -> Mapping[str, Ask]:
    draw = random.Random(SEED)
    texts: Mapping[str, Callable[[], str]] = {
        "a number": lambda: draw.choice(numbers),
        "the end of a number": lambda: draw.choice(numbers)[-6:],
        "a phone": lambda: f"138{draw.randrange(len(numbers) // 2):08d}",
        "a frequent word": lambda: "退款",
        "two words": lambda: f"漏水 {RARE}",
        "a rare word": lambda: RARE,
        "a word that nobody wrote": lambda: "咩咩",
    }

    def found(text: Callable[[], str]) -> Ask:
        return lambda: search(services, caller, text())

    return {f"search: {name}": found(text) for name, text in texts.items()}


async def timed(ask: Ask) -> Times:
    """Ask in turn, after a few times that do not count."""

    async def one() -> float:
        began = time.perf_counter()
        await ask()
        return 1000 * (time.perf_counter() - began)

    for _ in range(WARM):
        await one()
    began = time.process_time()
    in_turn = [await one() for _ in range(IN_TURN)]
    return Times(in_turn, 1000 * (time.process_time() - began) / IN_TURN)


async def write_and_comment(url: str, numbers: Sequence[str]) -> None:
    """Give each case words of its own, and some of them messages, a few unread."""
    draw, now = random.Random(SEED), datetime.now(UTC)
    words = [
        {"of": number, "text": "".join(draw.choices(PHRASES, k=draw.randint(10, 60)))}
        for number in numbers
    ]
    for each in draw.sample(words, max(1, len(words) // 5000)):
        each["text"] += RARE
    written = [
        {
            "tenant": TENANT,
            "number": number,
            "id": "co-1",
            "at": now,
            "author": SHOP.model_dump(mode="json"),
            "visibility": "public",
            "body": "在吗？",
            "unread": chance < UNREAD_SHARE,
        }
        for number in numbers
        if (chance := draw.random()) < COMMENTED_SHARE
    ]
    engine = create_async_engine(url)
    key = (case_words.c.tenant == TENANT, case_words.c.number == bindparam("of"))
    rewording = update(case_words).where(*key).values(words=bindparam("text"))
    async with engine.begin() as connection:
        await connection.execute(rewording, words)
        await connection.execute(insert(comments), written)
    if engine.dialect.name == "postgresql":
        async with engine.connect() as connection:
            alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await alone.exec_driver_sql("VACUUM ANALYZE")
    await engine.dispose()


def _told(n: int, found: Mapping[str, Found]) -> list[str]:
    (lite, full) = found.values()
    rows = [
        f"| {name} | {shares(lite[name])} | {lite[name].cpu:.0f} | {shares(full[name])} |"
        for name in lite
    ]
    worst = max(at_share(t.in_turn, 0.95) for each in found.values() for t in each.values())
    return [
        f"## The workbench's lists at {n:,} cases",
        "",
        measured_on("SQLite and PostgreSQL on the same machine"),
        "",
        paragraph(
            f"Cases of all kinds in every phase of their stories, {OPEN_SHARE:.0%} of them open,",
            "each with words of its own. Use cases called in turn in one process, 50 lines a page,",
            "without HTTP and the page around them. Milliseconds as p50 / p95. The worst p95 is",
            f"**{worst:.0f} ms** (goal ≤ {GOAL_MS:.0f} ms). CPU is that of the process, in which",
            "SQLite is.",
        ),
        "",
        f"| {IN_TURN} in turn | SQLite | its CPU | PostgreSQL |",
        "|---|---|---|---|",
        *rows,
    ]


def shares(times: Times) -> str:
    """Return the median and the 95th percentile."""
    return " / ".join(f"{at_share(times.in_turn, share):.0f}" for share in (0.5, 0.95))

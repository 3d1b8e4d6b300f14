"""How fast the lead's board and the charts are read when the store is full."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from app.authentication import Principal
from app.board import read_board
from app.charts import MAX_DAYS, Chart, ChartQuestion, ReportScope, read_chart
from app.services import Services
from bench.both_databases import on_both_databases
from bench.fill import fill
from bench.machine import at_share, measured_on
from bench.page import paragraph
from bench.workbench import GOAL_MS, IN_TURN, OPEN_SHARE, Ask, Times, services_on, shares, timed
from cases import CURRENT
from domain.language.roles import ActorKind
from tests.support.agents import TENANT

AGENTS: Final = 60
MONTH: Final = 30
TEAM: Final = CURRENT["complaint"].team
ASSIGN = {
    "sqlite": "'agent-' || abs(random() % :agents)",
    "postgresql": "'agent-' || floor(random() * :agents)::int",
}
"""How each database spreads cases over agents."""

Found = Mapping[str, Times]


async def section(n: int) -> list[str]:
    """The same on both databases, each filled anew."""
    return _told(n, await on_both_databases(lambda folder, url: _measure(folder, url, n)))


async def _measure(folder: Path, url: str, n: int) -> Found:
    """Through the use cases, as a page calls them; no number is kept from the time before."""
    await fill(url, n, OPEN_SHARE)
    await spread(url)
    async with services_on(url, folder) as services:
        await services.store.people.add_team(TENANT, TEAM, TEAM)
        for each in range(AGENTS):
            id = f"agent-{each}"
            await services.store.people.add_staff(TENANT, id, id, ("agent",), (TEAM,))
        return {name: await timed(ask) for name, ask in _asked(services).items()}


def _asked(services: Services) -> Mapping[str, Ask]:
    lead = Principal(TENANT, ActorKind.STAFF, "wang.fang", roles=("lead",))
    scopes = {
        "the board": ReportScope(),
        "the board of a kind": ReportScope(kind="complaint"),
        "the board of a team": ReportScope(team=TEAM),
    }

    def board(scope: ReportScope) -> Ask:
        return lambda: read_board(services, lead, scope, "zh_CN")

    def chart(name: Chart, days: int) -> Ask:
        today = datetime.now(UTC).date()
        question = ChartQuestion(chart=name, since=today - timedelta(days=days - 1), until=today)

        async def ask() -> None:
            services.chart_cache.clear()
            await read_chart(services, lead, question, "zh_CN")

        return ask

    return {
        **{name: board(scope) for name, scope in scopes.items()},
        **{
            f"chart: {name}, {days} days": chart(name, days)
            for days in (MONTH, MAX_DAYS)
            for name in Chart
        },
    }


async def spread(url: str) -> None:
    """Give nine open cases in ten to one of many agents, and the others to nobody."""
    engine = create_async_engine(url)
    agent = ASSIGN[engine.dialect.name]
    spread = (
        f"UPDATE cases SET assignee = CASE WHEN substr(number, 12, 1) = '0' THEN NULL ELSE {agent} "  # noqa: S608 — ours
        "END WHERE closed_at IS NULL"
    )
    async with engine.begin() as connection:
        await connection.execute(text(spread), {"agents": AGENTS})
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
    boards = [times for each in found.values() for name, times in each.items() if "board" in name]
    worst = max(at_share(times.in_turn, 0.95) for times in boards)
    return [
        f"## The board and the charts at {n:,} cases",
        "",
        measured_on("SQLite and PostgreSQL on the same machine"),
        "",
        paragraph(
            f"Cases as above, {OPEN_SHARE:.0%} of them open, nine in ten of those with one of",
            f"{AGENTS} agents. Milliseconds as p50 / p95. The board's worst p95 is",
            f"**{worst:.0f} ms** (goal ≤ {GOAL_MS:.0f} ms). Charts are counted anew each time",
            "here; in use an answer is kept for a minute.",
        ),
        "",
        f"| {IN_TURN} in turn | SQLite | its CPU | PostgreSQL |",
        "|---|---|---|---|",
        *rows,
    ]

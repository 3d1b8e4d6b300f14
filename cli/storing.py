"""What `banjie store rebuild` and `reconcile` do."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cli.advancing import advancing
from cli.archiving import interval
from cli.failures import CommandFailed, Refused, Unavailable
from cli.operating import engine
from cli.output import Shown, sentence, stderr

if TYPE_CHECKING:
    from ops.rebuild.looking import Looker
    from ops.rebuild.reports import Rebuilt, Reconciled


UNREADABLE = "The store cannot be read: nothing is compared, and no records are copied."


@dataclass(frozen=True)
class Where:
    """The store, the archive and the engine."""

    database_url: str
    archive_url: str
    target: str
    namespace: str


async def rebuilt(where: Where, into: str, processes: int | None, *, records: bool) -> "Rebuilt":
    """Make the read model again.

    Raises:
        Refused: the database to fill is not empty.
        CommandFailed: its file cannot be made, or its disk is full.
    """
    from ops.rebuild.rebuilding import Rebuilder
    from ops.rebuild.target import NoPlace, NotFresh, fresh
    from ops.rebuild.workers import calm, workers
    from store.errors import StoreFull

    calm()
    try:
        with workers(processes) as by:
            async with _looker(where) as (looker, live), fresh(into) as store:
                if not live:
                    stderr().print(UNREADABLE, markup=False)
                rebuilder = Rebuilder(looker, store, live, by)
                with advancing("cases", None) as step:
                    return await rebuilder.run(lambda _, done, __: step(done), records=records)
    except NotFresh as error:
        raise Refused(str(error)) from None
    except NoPlace as error:
        raise CommandFailed(str(error)) from None
    except StoreFull:
        raise CommandFailed(
            "The disk is full where the new database is written; nothing is left of it. "
            "Make room and try again."
        ) from None


async def reconciled(
    where: Where, processes: int | None, *, mend: bool, entries: bool
) -> "Reconciled":
    """Find what differs, and mend it.

    Raises:
        Unavailable: there is no store that answers.
    """
    from ops.rebuild.reconciling import Reconciler
    from ops.rebuild.workers import workers

    with workers(processes) as by:
        async with _looker(where) as (looker, live):
            if not live:
                said = "The store cannot be read; `banjie store rebuild` makes a new one."
                raise Unavailable(said)
            with advancing("cases", None) as step:
                reconciler = Reconciler(looker, mend, entries, by)
                return await reconciler.run(lambda _, done, __: step(done))


async def scheduled(target: str, namespace: str, every: str) -> Shown:
    """Have workers do it so often, or never again.

    Raises:
        WrongUsage: it is no interval.
    """
    from ops.rebuild.chore import RECONCILE
    from ops.schedules import schedule, unschedule

    often = interval(every)
    client = await engine(target, namespace)
    if often is None:
        was = await unschedule(client, RECONCILE)
        told = "Reconciling is no longer scheduled." if was else "It was not scheduled."
        return Shown({"every": None, "was_scheduled": was}, sentence(told))
    await schedule(client, RECONCILE, often)
    seconds = int(often.total_seconds())
    return Shown({"every": seconds}, sentence(f"A worker reconciles the store every {every}."))


@asynccontextmanager
async def _looker(where: Where) -> "AsyncIterator[tuple[Looker, bool]]":
    """Who looks at the store, and whether there is one."""
    from ops.rebuild.looking import Looker
    from ops.rebuild.opening import readable
    from ops.rebuild.sources import Sources
    from store import Store

    sources = Sources(await engine(where.target, where.namespace), where.archive_url)
    async with readable(where.database_url) as store:
        if store is not None:
            yield Looker(sources, store), True
            return
    yield Looker(sources, await Store.open(where.database_url)), False

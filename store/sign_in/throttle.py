"""Failed attempts to sign in, and the browsers in which a person signed in before.

An attempt is counted before its password is checked, and forgotten if that was right: of a hundred
at once no more are checked than of a hundred one by one.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, delete, select, update

from store.db.clock import Clock
from store.db.session import Sessions
from store.db.sql import insert, upsert
from store.sign_in.records import new_token, token_hash
from store.sign_in.tables import known_browsers, sign_in_attempts

WINDOW: Final = timedelta(minutes=15)
"""How long failures are remembered after the last one."""
FREE: Final = 5
"""So many attempts may fail before anybody has to wait: people mistype."""
SHORTEST, LONGEST = timedelta(seconds=2), timedelta(minutes=1)
"""The wait after the last free attempt, and the one at which it no longer doubles."""
BROWSER_LIFETIME: Final = timedelta(days=90)
BROWSER_COLUMNS: Final = ("tenant", "token_hash", "staff", "seen_at")


def wait_after(failures: int) -> timedelta:
    """Return how long to wait for the next attempt after so many that failed."""
    if failures < FREE:
        return timedelta()
    return min(SHORTEST * (1 << min(failures - FREE, 10)), LONGEST)


class Attempts:
    """Counts the attempts of each `who`, a hash that says nothing of anybody."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock

    async def count(self, tenant: str, who: bytes) -> timedelta:
        """Count an attempt as failed; or return how long to wait first, and count nothing."""
        now = self._clock()
        this = and_(sign_in_attempts.c.tenant == tenant, sign_in_attempts.c.who == who)
        row = {"tenant": tenant, "who": who, "failures": 0, "last_at": now, "next_at": now}
        async with self._sessions.writing() as connection:
            adding = insert(connection, sign_in_attempts).values(row).on_conflict_do_nothing()
            await connection.execute(adding)
            query = select(sign_in_attempts).where(this).with_for_update()
            earlier = (await connection.execute(query)).one()
            if earlier.next_at > now:
                return earlier.next_at - now  # type: ignore[no-any-return]
            is_recent = earlier.last_at > now - WINDOW
            failures = 1 + (earlier.failures if is_recent else 0)
            times = {"last_at": now, "next_at": now + wait_after(failures)}
            counting = update(sign_in_attempts).where(this).values(failures=failures, **times)
            await connection.execute(counting)
        if failures == 1:
            await self._prune(tenant, now)
        return timedelta()

    async def forget(self, tenant: str, who: bytes) -> None:
        """Forget the failures, since one attempt was right."""
        this = (sign_in_attempts.c.tenant == tenant, sign_in_attempts.c.who == who)
        async with self._sessions.writing() as connection:
            await connection.execute(delete(sign_in_attempts).where(*this))

    async def _prune(self, tenant: str, now: datetime) -> None:
        is_old = sign_in_attempts.c.last_at <= now - WINDOW
        async with self._sessions.writing() as connection:
            old = delete(sign_in_attempts).where(sign_in_attempts.c.tenant == tenant, is_old)
            await connection.execute(old)


class KnownBrowsers:
    """Remembers in which browsers a person signed in; `Passwords.find` says whether it knows one.

    A browser is a random token; it signs nobody in.
    """

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock

    async def remember(self, tenant: str, id: str, token: str | None) -> str:
        """Remember that a person signed in; return the browser's token, a new one if it had none.

        A token that nobody was given by us is not taken: somebody else may know it.
        """
        now = self._clock()
        is_this = (
            known_browsers.c.tenant == tenant,
            known_browsers.c.token_hash == token_hash(token or ""),
        )
        is_old = known_browsers.c.seen_at <= now - BROWSER_LIFETIME
        async with self._sessions.writing() as connection:
            forgetting = delete(known_browsers).where(known_browsers.c.tenant == tenant, is_old)
            await connection.execute(forgetting)
            query = select(known_browsers.c.staff).where(*is_this).limit(1)
            if token is None or await connection.scalar(query) is None:
                token = new_token()
            values = (tenant, token_hash(token), id, now)
            row = dict(zip(BROWSER_COLUMNS, values, strict=True))
            await connection.execute(
                upsert(connection, known_browsers, BROWSER_COLUMNS).values(row)
            )
        return token

"""The access log: which colleague saw which customer's record, written down once a day."""

from datetime import date
from zoneinfo import ZoneInfo

from app.authentication import Principal
from store import Store
from store.db.clock import Clock, utc_now


class AccessLog:
    """Remembers what was written down today, so that reading on costs nothing.

    Another process, or this one after a restart, writes the same act again; the audit log keeps
    one.
    """

    def __init__(self, store: Store, zone: ZoneInfo, clock: Clock = utc_now) -> None:
        self._store, self._zone, self._clock = store, zone, clock
        self._day: date | None = None
        self._views: set[tuple[str, str, str]] = set()

    async def note(self, caller: Principal, customer: str) -> None:
        """Write down that a colleague is shown a customer's name and contact points.

        Raises:
            StoreDown: it cannot be written down, so nothing may be shown.
        """
        day = self._clock().astimezone(self._zone).date()
        if day != self._day:
            self._day, self._views = day, set()
        view = (caller.tenant, caller.id, customer)
        if view not in self._views:
            await self._store.audit_log.add_customer_viewed(
                caller.tenant, caller.actor(), customer, day
            )
            self._views.add(view)

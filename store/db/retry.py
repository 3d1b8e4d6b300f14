"""Try a transaction again that another one was quicker than."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from store.db.session import Sessions
from store.errors import StoreDown

TRIES: Final = 10

R = TypeVar("R")


async def retrying(sessions: Sessions, work: Callable[[AsyncConnection], Awaitable[R]]) -> R:
    """Return what the work returns; it is done again where another request wrote the same first.

    Raises:
        StoreDown: others were quicker each time.
    """
    for _ in range(TRIES):
        try:
            async with sessions.writing() as connection:
                return await work(connection)
        except IntegrityError:
            # Another request wrote the same key or contact point first; now it can be read.
            continue
    raise StoreDown("Too many requests at once want the same; try again.")

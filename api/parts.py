"""What the routes are given: the store, the desk and the other parts of one running API."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request

from api.auth import Doorman
from api.counting import Counting
from api.cursors import Cursors
from api.damage import Damage
from api.desk import Desk
from api.metrics import Metrics
from api.settings import ApiSettings
from api.text import Texts
from api.views import Views
from store import Store
from store.archive import Archive

AT_ONCE = 8
"""How many cases of batches may wait to be recorded at a time, over all callers."""


@dataclass
class Parts:
    """Built once in `create_app`; nothing else makes any of these."""

    store: Store
    desk: Desk
    settings: ApiSettings
    texts: Texts
    cursors: Cursors
    metrics: Metrics
    doorman: Doorman
    views: Views
    archive: Archive
    counting: Counting
    damage: Damage = field(default_factory=Damage)
    pace: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))


def parts_of(request: Request) -> Parts:
    """The parts of the app that this request came to."""
    parts: Parts = request.app.state.parts
    return parts


def now() -> datetime:
    """The time, aware and in UTC."""
    return datetime.now(UTC)


Given = Annotated[Parts, Depends(parts_of)]

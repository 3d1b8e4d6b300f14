"""Every role's open page: it hears of what its reader sees, of nothing else, and of no failure."""

import asyncio
import inspect
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any, Final

import pytest

from app.authentication import Authenticator
from app.live import LiveFeed
from app.subscription import Subscription
from cases.common.roles import STAFF_ROLES
from store.changes.changes import add_change
from store.changes.records import OF_CASES, ChangeName
from tests.web.everybody import AWAY, COLLEAGUE, HOME, STRANGER, Everybody, Which, id_of
from tests.web.rights_table import HEARD
from tests.web.site import Site, sign_in
from tests.web.streams import PATIENCE, Stream, beginning, streaming

pytestmark = pytest.mark.xdist_group("hostile")

READERS: Final = (*STAFF_ROLES, STRANGER)
NAMED: Final = (Which.OWN, Which.OTHER, Which.FOREIGN)
SECRET: Final = "王女士 13800001234"
FAILING: Final = (
    (LiveFeed, "_begin", False),
    (Authenticator, "read_session", False),
    (LiveFeed, "_read", True),
    (LiveFeed, "_offer", True),
    (Subscription, "offer", True),
    (Subscription, "_take", True),
    (Subscription, "_told_of", True),
    (Subscription, "_wait", True),
)
"""Where it may fail: when a page begins to listen, or when it is told something, which ends it."""


@pytest.fixture(scope="module")
async def streams(everybody: Everybody, address: str) -> AsyncIterator[dict[str, Stream]]:
    """A page of each, which shows their own case, a colleague's and another tenant's."""
    async with AsyncExitStack() as pages:
        yield {
            person: await pages.enter_async_context(
                streaming(address, everybody.tokens[person], *_numbers(everybody, person))
            )
            for person in READERS
        }


def _numbers(everybody: Everybody, person: str) -> list[str]:
    return [everybody.things[person, "case", which]["number"] for which in NAMED]


def _subjects(everybody: Everybody, name: ChangeName, person: str) -> list[str]:
    """Return what a change is about, of each whose it is."""
    if name is ChangeName.STAFF:
        return [id_of(COLLEAGUE)] * len(NAMED)
    if name is ChangeName.BATCH:
        return [everybody.things[person, "batch", which]["batch"] for which in NAMED]
    numbers = _numbers(everybody, person)
    return numbers if name in OF_CASES else [f"{number}/note" for number in numbers]


async def _changed(everybody: Everybody) -> None:
    """Let a colleague change everything; at last each keeps a draft of their own."""
    about = {
        (AWAY if which is Which.FOREIGN and person != STRANGER else HOME, name, subject)
        for person in READERS
        for name in ChangeName
        for which, subject in zip(NAMED, _subjects(everybody, name, person), strict=True)
    }
    async with everybody.site.callers.store._sessions.writing() as connection:
        for tenant, name, subject in sorted(about):
            by = id_of(COLLEAGUE)
            await add_change(connection, tenant, name, subject, version=1, person=by)
        for person in READERS:
            tenant, own = AWAY if person == STRANGER else HOME, id_of(person)
            await add_change(connection, tenant, ChangeName.DRAFT, f"new/{own}", person=own)


async def test_everybody_hears_what_the_table_says(
    everybody: Everybody, streams: dict[str, Stream]
) -> None:
    await _changed(everybody)
    for person, stream in streams.items():
        await stream.hears(ChangeName.DRAFT, f"new/{id_of(person)}")
    heard = {
        person: {
            name: "".join(
                "s" if stream.those(name, subject) else "-"
                for subject in _subjects(everybody, name, person)
            )
            for name in ChangeName
        }
        for person, stream in streams.items()
    }
    assert heard == {
        person: {name: HEARD[name].of(person) for name in ChangeName} for person in READERS
    }


async def test_nobody_hears_a_name_or_a_word(
    everybody: Everybody, streams: dict[str, Stream]
) -> None:
    for person, stream in streams.items():
        allowed = {*_numbers(everybody, person)}
        assert [s for s in everybody.signs[person] - allowed if s in stream.text] == []


@pytest.mark.parametrize(("owner", "method", "ends"), FAILING)
async def test_a_failure_says_nothing_on_the_stream_or_in_the_log(
    site: Site,
    address: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    owner: type[Any],
    method: str,
    ends: bool,
) -> None:
    token, number = await sign_in(site.callers, "liu.yang"), await site.callers.complaint()
    failed = asyncio.Event()

    async def fail(*_: object, **__: object) -> None:
        failed.set()
        raise RuntimeError(SECRET)

    def fail_at_once(*_: object, **__: object) -> None:
        failed.set()
        raise RuntimeError(SECRET)

    is_async = inspect.iscoroutinefunction(getattr(owner, method))
    async with streaming(address, token, number) as stream:
        with monkeypatch.context() as patch:
            patch.setattr(owner, method, fail if is_async else fail_at_once)
            await site.callers.step(number, "accept")
            fresh = None if ends else await beginning(site.app, f"/live?cases={number}", token)
            async with asyncio.timeout(PATIENCE):
                await failed.wait()
            if ends:
                await stream.ends()
    assert fresh is None or fresh.status_code == 500
    assert SECRET not in stream.text + (fresh.text if fresh else "")
    assert SECRET not in "".join(capsys.readouterr())

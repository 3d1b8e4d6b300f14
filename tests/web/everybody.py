"""Everybody who may ask, and what they may ask about: for the table of rights.

One person of each role; a system; a leaver, whose session and key are from before; nobody; and a
stranger, who has every role at another tenant. Each has a case of their own and one of a
colleague's; what stands in these is known by its words, wherever it turns up.
"""

import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum, auto
from itertools import count
from typing import Any, Final

import httpx
from sqlalchemy import update

from app.saved_views import MOST_VIEWS
from cases.common.roles import BATCH_ROLES, STAFF_ROLES, VENDOR
from domain.language.orders import NewOrder
from store.cases.tables import cases, tasks
from store.db.clock import utc_now
from store.people.records import KeyOwner, OwnerKind
from store.saved_views import ViewOwner, ViewOwnerKind
from store.scheduled.records import MessageStatus, ScheduledMessage
from store.sign_in.records import SessionLimits
from tests.api.callers import api_client, new_case
from tests.support.cases import new_number
from tests.web.site import Site, site_client

HOME, AWAY = "default", "rights-away"
"""The tenant of the table, and another one."""
SYSTEM, LEAVER, NOBODY, STRANGER = "system", "leaver", "nobody", "stranger"
PEOPLE: Final = (*STAFF_ROLES, SYSTEM, LEAVER, NOBODY, STRANGER)
SEAT, AGENT, COLLEAGUE = "seat", "agent", "colleague"


class Which(StrEnum):
    """Whose the thing is that a path names."""

    OWN = auto()
    OTHER = auto()
    FOREIGN = auto()
    MISSING = auto()


MESSAGES: Final = {"message": MessageStatus.WAITING, "unsent message": MessageStatus.FAILED}
TEAMS: Final = ("rights",)
Names = Mapping[str, str]
"""What stands for the names in a path."""


def id_of(person: str) -> str:
    """Return the id of one of these people on the staff."""
    return f"rights.{person}"


_view_names = count(1)


@dataclass(frozen=True)
class Everybody:
    """The people with their clients, and the things by person, sort and whose they are."""

    site: Site
    keys: Mapping[str, str]
    tokens: dict[str, str]
    things: Mapping[tuple[str, str, Which], Names]
    signs: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """What each person must never be shown: names and words of what they do not see."""

    @asynccontextmanager
    async def visiting(self, person: str) -> AsyncIterator[httpx.AsyncClient]:
        """Yield a browser of this person; a system's has its key where a session would be."""
        client = site_client(self.site.app, self.tokens.get(person))
        try:
            yield client
        finally:
            await client.aclose()

    @asynccontextmanager
    async def calling(self, person: str) -> AsyncIterator[httpx.AsyncClient]:
        """Yield a client of the API for this person."""
        client = api_client(self.site.callers.app, self.keys.get(person))
        try:
            yield client
        finally:
            await client.aclose()

    async def sign_in_again(self, person: str) -> None:
        """Give a person a new session, if they may have one."""
        if person not in {SYSTEM, LEAVER, NOBODY}:
            self.tokens[person] = await _session(self.site, person)

    async def hold_again(self, person: str, number: str) -> None:
        """Let a person hold their case whose rows the engine has written again."""
        if person in STAFF_ROLES:
            await write_holder(self.site, number, person)


async def write_holder(site: Site, number: str, person: str) -> None:
    """Let the rows say that a person holds a case."""
    async with site.callers.store._sessions.writing() as connection:
        for held in (cases, tasks):
            this = (held.c.tenant == HOME, held.c.number == number)
            await connection.execute(update(held).where(*this).values(assignee=id_of(person)))


async def gather_everybody(site: Site) -> Everybody:
    """Add the people and the things."""
    making = _Making(site)
    await making.people()
    await making.cases()
    await making.messages()
    await making.drafts()
    await making.views()
    await making.batches()
    await making.accounts()
    await _let_go(site)
    return Everybody(site, making.keys, making.tokens, making.things, making.signs())


LINE: Final = {"line": "1", "product": "P-1"}


@dataclass
class _Making:
    """Makes people and things, and notes of them."""

    site: Site
    keys: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    things: dict[tuple[str, str, Which], Names] = field(default_factory=dict)
    said: dict[tuple[str, Which], frozenset[str]] = field(default_factory=dict)

    def note(self, sort: str, which: Which, make: Callable[[str], Names]) -> None:
        """Note what a sort of thing is called, for everybody."""
        for person in PEOPLE:
            self.things[person, sort, which] = make(person)

    async def people(self) -> None:
        """Add everybody, each with a key and a session."""
        store = self.site.callers.store
        for team in TEAMS:
            await store.people.add_team(HOME, team, team)
        others = {LEAVER: "administrator", COLLEAGUE: SEAT}
        for person in (*STAFF_ROLES, *others):
            role = others.get(person, person)
            await store.people.add_staff(HOME, id_of(person), f"called-{person}", (role,), TEAMS)
            await self._let_in(HOME, person)
        await store.people.add_staff(AWAY, id_of(STRANGER), id_of(STRANGER), tuple(STAFF_ROLES))
        await self._let_in(AWAY, STRANGER)
        self.keys[SYSTEM] = self.tokens[SYSTEM] = self.site.callers.keys["shop"]

    async def _let_in(self, tenant: str, person: str) -> None:
        owner = KeyOwner(OwnerKind.STAFF, id_of(person))
        _, self.keys[person] = await self.site.callers.store.keys.add(tenant, owner)
        self.tokens[person] = await _session(self.site, person)

    async def cases(self) -> None:
        """Start the cases; who holds which is written into the rows, since not every role could."""
        for person in PEOPLE:
            for which in (Which.OWN, Which.OTHER):
                by = "app" if (person, which) == (SYSTEM, Which.OTHER) else "shop"
                await self._case(person, which, self.site.callers[by])
        async with api_client(self.site.callers.app, self.keys[STRANGER]) as stranger:
            await self._case(STRANGER, Which.FOREIGN, stranger)
        foreign = self.things[STRANGER, "case", Which.FOREIGN]
        at_home = self.things[NOBODY, "case", Which.OTHER]
        self.note("case", Which.FOREIGN, lambda p: at_home if p == STRANGER else foreign)
        self.note("case", Which.MISSING, lambda _: _case_names(new_number()))
        away, here = (
            self.things[who, "order", which]["id"]
            for who, which in ((STRANGER, Which.FOREIGN), (NOBODY, Which.OTHER))
        )
        self.note("order", Which.FOREIGN, lambda p: {"id": here if p == STRANGER else away})
        self.note("order", Which.MISSING, lambda _: {"id": "order-of-none"})

    async def _case(self, person: str, which: Which, starter: httpx.AsyncClient) -> None:
        mark = f"{person}-{which}"
        tenant = AWAY if which is Which.FOREIGN else HOME
        said = (f"words-of-{mark}", f"name-of-{mark}", f"{mark}@a.test")
        body = new_case(
            form={"words": said[0]},
            external_ref=f"rights-{mark}",
            customer={"name": said[1], "contacts": [{"kind": "email", "value": said[2]}]},
            order=f"order-of-{mark}",
        )
        orders = [(body["order"], NewOrder.model_validate({"lines": [LINE]}))]
        source = "app" if (person, which) == (SYSTEM, Which.OTHER) else "shop"
        await self.site.callers.store.orders.put(tenant, source, orders)
        self.things[person, "order", which] = {"id": body["order"]}
        answer = await starter.post("/v1/cases", json=body)
        assert answer.status_code == 201, answer.text
        number = answer.json()["case"]["number"]
        row = await self.site.callers.store.cases.get(tenant, number)
        assert row
        names = {"words": said[0], "contact": said[2], "customer": row.customer or ""}
        self.things[person, "case", which] = _case_names(number) | names
        self.said[person, which] = frozenset({*said, number})
        if which is not Which.FOREIGN:
            await self._hold(number, person if which is Which.OWN else COLLEAGUE)

    async def _hold(self, number: str, person: str) -> None:
        """Let a person hold a case; for those who could not claim it the rows alone say so."""
        if person in self.keys and await self._does(person, f"{number}-1/claim"):
            return
        for action in ("claim", "release"):
            assert await self._does(COLLEAGUE, f"{number}-1/{action}")
        await write_holder(self.site, number, person)

    async def _does(self, person: str, action: str) -> bool:
        async with api_client(self.site.callers.app, self.keys[person]) as client:
            return (await client.post(f"/v1/tasks/{action}", json={})).is_success

    async def messages(self) -> None:
        """Leave messages to customers: some wait for a day, some could not be sent."""
        for (person, sort, which), names in [*self.things.items()]:
            # A stranger has no case of their own here, and so nothing to say about one.
            is_strangers = (person, which) == (STRANGER, Which.OWN)
            if sort == "case" and which is not Which.MISSING and not is_strangers:
                away = COLLEAGUE if person == STRANGER else STRANGER
                author = {Which.OWN: person, Which.OTHER: COLLEAGUE, Which.FOREIGN: away}[which]
                for made, status in MESSAGES.items():
                    message = await self._message(names["number"], author, status)
                    self.things[person, made, which] = {**names, "message": message}
        for made in MESSAGES:
            self.note(made, Which.MISSING, self._no_message)

    def _no_message(self, person: str) -> Names:
        return {**self.things[person, "case", Which.OWN], "message": "0" * 16}

    async def _message(self, number: str, author: str, status: MessageStatus) -> str:
        now, id = utc_now(), secrets.token_hex(8)
        message = ScheduledMessage(
            tenant=_tenant(author),
            id=id,
            number=number,
            author=id_of(author),
            text=f"message-of-{author}-{id}",
            digest=id,
            made_at=now,
            due_at=now + timedelta(days=1),
            status=status,
            ended_at=now if status is MessageStatus.FAILED else None,
        )
        await self.site.callers.store.scheduled_messages.add(message)
        return id

    async def drafts(self) -> None:
        """Keep what each has typed of their own case and of the colleague's."""
        drafts = self.site.callers.store.drafts
        for person in STAFF_ROLES:
            # What somebody typed of a case that they do not see any more is theirs, its number too.
            for which in (Which.OWN,) if person in VENDOR else (Which.OWN, Which.OTHER):
                number = self.things[person, "case", which]["number"]
                typed = (("/body", f"typed-by-{person}"), ("/text", f"typed-by-{person}"))
                for what in ("note", "public_note", "message"):
                    subject = f"{number}/{what}"
                    author = id_of(person)
                    await drafts.save(HOME, author, subject, typed, 1, number=number, version=1)

    async def views(self) -> None:
        """Save views: one of each person's own, and one of the team for each to remove."""
        person, team = ViewOwnerKind.PERSON, ViewOwnerKind.TEAM
        for who in PEOPLE:
            mine = await self._view(HOME, ViewOwner(person, id_of(who)), who)
            self.things[who, "view", Which.OWN] = mine
            ours = await self._view(HOME, ViewOwner(team, TEAMS[0]), who)
            self.things[who, "team view", Which.OWN] = ours
        others = await self._view(HOME, ViewOwner(person, id_of(COLLEAGUE)), COLLEAGUE)
        another_teams = await self._view(HOME, ViewOwner(team, "complaints"), COLLEAGUE)
        away = await self._view(AWAY, ViewOwner(person, id_of(STRANGER)), STRANGER)
        self._note_views("view", others, away)
        self._note_views("team view", another_teams, away)

    def _note_views(self, sort: str, other: Names, away: Names) -> None:
        self.note(sort, Which.OTHER, lambda _: other)
        self.note(sort, Which.FOREIGN, lambda p: other if p == STRANGER else away)
        self.note(sort, Which.MISSING, lambda _: {"id": "0" * 16})

    async def _view(self, tenant: str, owner: ViewOwner, by: str) -> Names:
        views, query = self.site.callers.store.saved_views, {"view": "mine"}
        name = f"view {next(_view_names)}"
        view = await views.add(tenant, owner, name, query, by=id_of(by), most=MOST_VIEWS)
        return {"id": view.id}

    async def batches(self) -> None:
        """Begin batches that only look; those who may not have the lead's for their own."""
        made = {role: await self._batch(HOME, role) for role in BATCH_ROLES}
        foreign = await self._batch(AWAY, STRANGER)
        some, other = made["lead"], made["management"]
        self.note("batch", Which.OWN, lambda p: made.get(p, some))
        self.note("batch", Which.OTHER, lambda p: other if p != "management" else some)
        self.note("batch", Which.FOREIGN, lambda p: some if p == STRANGER else foreign)
        self.note("batch", Which.MISSING, lambda _: {"id": "0" * 16, "batch": "0" * 16})

    async def _batch(self, tenant: str, person: str) -> Names:
        whose = (SEAT, Which.FOREIGN) if tenant == AWAY else (person, Which.OWN)
        number = self.things[whose[0], "case", whose[1]]["number"]
        body = {"numbers": [number], "step": "prioritise", "form": {"priority": "P1"}}
        sent = {**body, "reason": f"reason-of-{person}", "dry_run": True}
        async with api_client(self.site.callers.app, self.keys[person]) as client:
            answer = await client.post("/v1/batches", json=sent)
        assert answer.status_code == 201, answer.text
        return {"id": answer.json()["id"], "batch": answer.json()["id"]}

    async def accounts(self) -> None:
        """Note of people, their spare keys and their other sessions."""
        some, away = id_of(COLLEAGUE), id_of(STRANGER)
        self.note("staff", Which.OWN, lambda p: {"id": _real(p)})
        self.note("staff", Which.OTHER, lambda _: {"id": some})
        self.note("staff", Which.FOREIGN, lambda p: {"id": some if p == STRANGER else away})
        self.note("staff", Which.MISSING, lambda _: {"id": "rights.who"})
        spare = {p: await self._spare(p) for p in (*STAFF_ROLES, STRANGER)}
        for sort in ("key", "session"):
            ids = {person: {"id": each[sort]} for person, each in spare.items()}
            self._note_ids(sort, ids)

    def _note_ids(self, sort: str, ids: Mapping[str, Names]) -> None:
        self.note(sort, Which.OWN, lambda p: ids.get(p, ids[SEAT]))
        self.note(sort, Which.OTHER, lambda p: ids[AGENT if p != AGENT else SEAT])
        self.note(sort, Which.FOREIGN, lambda p: ids[SEAT if p == STRANGER else STRANGER])
        self.note(sort, Which.MISSING, lambda _: {"id": secrets.token_hex(6)})

    async def _spare(self, person: str) -> Names:
        store, tenant = self.site.callers.store, _tenant(person)
        owner = KeyOwner(OwnerKind.STAFF, id_of(person))
        before = {each.id for each in await _sessions(self.site, person)}
        await _session(self.site, person)
        (session,) = {each.id for each in await _sessions(self.site, person)} - before
        return {"key": (await store.keys.add(tenant, owner))[0], "session": session}

    def signs(self) -> Mapping[str, frozenset[str]]:
        """Return what nobody but those who see it may be shown, by person."""
        everything = frozenset().union(*self.said.values())
        own = {person: self.said[person, Which.OWN] for person in PEOPLE}
        ours = frozenset(
            each for p in (*STAFF_ROLES, COLLEAGUE) for each in (id_of(p), f"called-{p}")
        )
        at_home = everything - self.said[STRANGER, Which.FOREIGN]
        brought = at_home - self.said[SYSTEM, Which.OTHER]
        seen: dict[str, frozenset[str]] = dict.fromkeys(STAFF_ROLES, at_home)
        seen |= {each: own[each] for each in VENDOR}
        seen |= {SYSTEM: brought, STRANGER: self.said[STRANGER, Which.FOREIGN]}
        hidden = {person: everything - seen.get(person, frozenset()) for person in PEOPLE}
        for person in PEOPLE:
            hidden[person] |= {f"typed-by-{each}" for each in PEOPLE if each != person}
        for person in (*VENDOR, SYSTEM, NOBODY, STRANGER):
            hidden[person] |= ours - {id_of(person), f"called-{person}"}
        return hidden


async def _let_go(site: Site) -> None:
    """Let the leaver go; what they had stays in their browser."""
    people = site.callers.store.people
    await people.change(HOME, id_of(LEAVER), active=False, roles=None, team_ids=None)


def _case_names(number: str) -> dict[str, str]:
    who = {"words": "words-of-none-such", "contact": "none@such.test", "customer": "none-such"}
    return {"number": number, "id": f"{number}-1", **who}


def _real(person: str) -> str:
    return id_of(COLLEAGUE) if person in {SYSTEM, NOBODY} else id_of(person)


def _tenant(person: str) -> str:
    return AWAY if person == STRANGER else HOME


async def _session(site: Site, person: str) -> str:
    return await site.callers.store.staff_sessions.open(
        _tenant(person), id_of(person), method="password", device="x", limits=SessionLimits()
    )


async def _sessions(site: Site, person: str) -> list[Any]:
    sessions = site.callers.store.staff_sessions
    return [*await sessions.of(_tenant(person), id_of(person), SessionLimits())]

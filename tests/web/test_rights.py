"""Every way in, asked by everybody, about what is theirs and what is not: as the table says."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

import httpx
import pytest
from starlette.routing import Route

from api.app import ROUTERS as API_ROUTERS
from api.app import bare_app
from api.health.routes import router as health
from app.password_hashing import PasswordHashing
from tests.api.callers import new_case
from tests.app.sign_ins import QUICK
from tests.support.files import PDF
from tests.web.everybody import AGENT, SEAT, STRANGER, SYSTEM, Everybody, Names, Which
from tests.web.ops_site import PARTIAL
from tests.web.rights import Row
from tests.web.rights_table import ROWS
from tests.web.site import Site
from tests.web.streams import beginning
from tests.web.written import READING, written_tables
from web.site import ROUTERS

pytestmark = pytest.mark.xdist_group("hostile")

LETTERS: Final = {403: "r", 404: "n", 401: "l"}
ABOUT_ALL: Final = (SEAT, AGENT, SYSTEM, STRANGER)
"""Who is asked about everything by day."""
AT_NIGHT: Final = (Which.OTHER, Which.MISSING)
ABSENT: Final = (Which.FOREIGN, Which.MISSING)


@pytest.fixture(autouse=True)
def quick(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes take no time here."""
    monkeypatch.setattr(site.app.state.services, "passwords", PasswordHashing(QUICK))


def routes() -> list[Route]:
    """Return every route of the API and the site, in the order in which they are tried."""
    routers = (*API_ROUTERS, health, *ROUTERS)
    candidates = [*bare_app().routes, *(route for each in routers for route in each.routes)]
    return [route for route in candidates if isinstance(route, Route)]


def route_of(row: Row) -> Route | None:
    """Return the route that a row is about."""
    path = re.sub(r"{\w+}", "x1", row.route[1])
    fitting = (r for r in routes() if row.method in (r.methods or ()) and r.path_regex.match(path))
    return next(fitting, None)


def test_every_route_has_its_row() -> None:
    """Whoever adds a page says here who may see it."""
    in_table = {f"{row.method} {route.path}" for row in ROWS if (route := route_of(row))}
    ways = {f"{m} {r.path}" for r in routes() for m in (r.methods or set()) - {"HEAD"}}
    assert ways - in_table == set(), "say in tests/web/rights_table.py who may"
    assert [row.request for row in ROWS if route_of(row) is None] == [], "no such route"


@pytest.mark.parametrize(
    "whole", [False, pytest.param(True, marks=pytest.mark.nightly)], ids=["own-and-foreign", "all"]
)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.request)
async def test_everybody_gets_the_answer_of_the_table(
    everybody: Everybody, row: Row, whole: bool
) -> None:
    """Own things and other tenants' by day; the rest at night, and by some by day, too."""
    asked, expected = Asked(everybody, row), dict[str, str]()
    for person, letters in row.expected().items():
        for which, letter in zip(asked.things(person, len(letters)), letters, strict=True):
            if whole or person in ABOUT_ALL or which not in AT_NIGHT:
                expected[person] = expected.get(person, "") + letter
                await asked.one(person, which, letter)
    assert by_letters(asked.answers) == by_letters(expected)
    assert asked.faults == []


async def test_what_is_written_is_noticed(everybody: Everybody) -> None:
    names = everybody.things["agent", "case", Which.OWN]
    async with everybody.calling("agent") as client:
        with written_tables() as written:
            await client.post(f"/v1/cases/{names['number']}/comments", json={"body": "x"})
        with written_tables() as nothing:
            await client.post(f"/v1/cases/{names['number']}/comments", json={"body": ""})
    assert written > {"comments"}
    assert nothing == set()


@pytest.mark.parametrize("field", ["parent", "customer"])
async def test_a_new_case_does_not_tell_what_another_tenant_has(
    everybody: Everybody, field: str
) -> None:
    told = set()
    for which in ABSENT:
        names = everybody.things["lead", "case", which]
        named = {"parent": names["number"], "customer": {"ref": names["customer"]}}
        async with everybody.calling("lead") as client:
            answer = await client.post("/v1/cases", json={**new_case(), field: named[field]})
        assert answer.status_code == 422, answer.text
        told |= {re.sub(r"[0-9a-f]{32}", "", answer.text.replace(names["number"], "X"))}
    assert len(told) == 1


async def test_a_batch_does_not_tell_what_another_tenant_has(everybody: Everybody) -> None:
    numbers = [everybody.things["lead", "case", which]["number"] for which in ABSENT]
    sent = {"numbers": numbers, "step": "release", "form": {}, "reason": "x", "dry_run": True}
    async with everybody.calling("lead") as client:
        answer = await client.post("/v1/batches", json=sent)
    assert answer.status_code == 422
    assert [each["code"] for each in answer.json()["errors"]] == ["unknown_case"] * len(numbers)


@dataclass
class Asked:
    """What came of asking everybody; `faults` are what was shown or written and must not be."""

    everybody: Everybody
    row: Row
    answers: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)

    def things(self, person: str, count: int) -> list[Which | None]:
        """Return which things a person asks about; a stranger has none of their own here."""
        if self.row.sort is None:
            return [None]
        return [*Which][-2:] if person == STRANGER else [*Which][:count]

    async def one(self, person: str, which: Which | None, letter: str) -> None:
        """Ask once, and look at the answer."""
        names = self.everybody.things[person, self.row.sort or "", which] if which else {}
        path = self.row.target.format(**names)
        with written_tables() as written:
            answer = await self._send(person, which, path, names)
        got = letter_of(answer, which)
        may_write = letter == "s" and self.row.method != "GET"
        if letter == "-":
            got = "-" if got == "s" else got
        if not may_write and written - READING:
            self.faults.append(f"{person} {which}: writes {sorted(written)}")
        self.answers[person] = self.answers.get(person, "") + got
        self._look(person, which, answer, path)
        if not self.row.tells:
            self._compare(person, which, answer.text, names)
        if self.row.ends_sessions:
            await self.everybody.sign_in_again(person)
        if self.row.uploads and letter == "s" and which is Which.OWN:
            await self.everybody.hold_again(person, names["number"])

    def _look(self, person: str, which: Which | None, answer: httpx.Response, path: str) -> None:
        """Note what the answer tells and must not; what somebody says themselves they know."""
        text, asked = answer.text, path
        asked += "" if self.row.uploads else answer.request.content.decode()
        for sign in self.everybody.signs[person]:
            if sign in text and sign not in asked:
                self.faults.append(f"{person} {which}: is shown {sign}")

    def _compare(self, person: str, which: Which | None, text: str, names: Names) -> None:
        """Note whether another tenant's thing can be told from one that is not there."""
        for name in sorted(names.values(), key=len, reverse=True):
            text = text.replace(name, "X")
        told = re.sub(r"\b[0-9a-f]{16,32}\b", "T", text)
        if which is Which.FOREIGN:
            self.missing[person] = told
        if which is Which.MISSING and self.missing.get(person, told) != told:
            self.faults.append(f"{person}: tells another tenant's from what is not there")

    async def _send(
        self, person: str, which: Which | None, path: str, names: Names
    ) -> httpx.Response:
        if self.row.is_api:
            async with self.everybody.calling(person) as client:
                headers = {"Idempotency-Key": uuid4().hex}
                sent = self._body()
                if self.row.uploads:
                    return await client.request(
                        self.row.method, path, content=PDF, params=sent, headers=headers
                    )
                return await client.request(self.row.method, path, json=sent, headers=headers)
        if self.row.is_stream:
            return await beginning(self.everybody.site.app, path, self.everybody.tokens.get(person))
        sent = {n: v.format(**names) for n, v in (self.row.sends or {}).items()}
        headers = {} if which in {Which.OWN, None} else PARTIAL
        async with self.everybody.visiting(person) as client:
            files = {"file": ("x.pdf", PDF, "application/pdf")} if self.row.uploads else None
            return await client.request(
                self.row.method, path, data=sent or None, files=files, headers=headers
            )

    def _body(self) -> Any:
        match self.row.sends:
            case "new":
                return new_case()
            case "many":
                return {"cases": [new_case()]}
            case "import":
                return {"cases": [new_case()], "dry_run": True}
            case "batch":
                return {"numbers": ["TS2026030200000000"], "step": "claim", "reason": "x"}
        return self.row.sends


def by_letters(answers: Mapping[str, str]) -> dict[str, str]:
    """Return who gets which letters."""
    groups: dict[str, list[str]] = {}
    for person, letters in sorted(answers.items()):
        groups.setdefault(letters, []).append(person)
    return {letters: " ".join(people) for letters, people in groups.items()}


def letter_of(answer: httpx.Response, which: Which | None) -> str:
    """Return the letter of an answer; a fault of ours has none."""
    if answer.status_code >= 500:
        return str(answer.status_code)
    if answer.headers.get("location", "").startswith("/sign-in?next="):
        return "l"
    results = answer.json().get("results") if answer.request.url.path.endswith(":bulk") else None
    status = results[0]["status"] if results else answer.status_code
    must_be_done = which in ABSENT or answer.request.method == "GET"
    return LETTERS.get(status, "w" if must_be_done and status >= 400 else "s")

"""Staff and systems with keys, who take cases through the real API and repeat what failed."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

import httpx

from store import Store
from store.people.records import KeyOwner, OwnerKind
from tests.support.cases import WHOLE_COMPLAINT
from tests.support.waiting import until

TENANT = "default"
Staff = Mapping[str, tuple[str, tuple[str, ...]]]
STAFF: Staff = {
    "chen.min": ("陈敏", ("seat",)),
    "liu.yang": ("刘洋", ("agent",)),
    "zhang.qian": ("张倩", ("agent",)),
    "wang.fang": ("王芳", ("lead",)),
    "zhao.fang": ("赵芳", ("service_manager",)),
    "zhou.hang": ("周航", ("management",)),
    "the.admin": ("管理员", ("administrator",)),
}
TIMEOUT = 90.0
LONG_TIMEOUT = 180.0
"""Seconds; a call is made again half a minute after a worker died during it."""

BUSY = frozenset({"in_progress", "order_busy"})
"""The codes of conflicts that pass: what was asked before is under way, here or at the order."""
RETRYABLE = {429, 500, 502, 503, 504}


class Agents:
    """A client for each person and system; requests are repeated, under their key, until done."""

    def __init__(self, url: str, keys: Mapping[str, str]) -> None:
        self.keys, self.repeated = keys, 0
        self._http = {
            name: httpx.AsyncClient(
                base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=20
            )
            for name, key in keys.items()
        }

    def http(self, name: str) -> httpx.AsyncClient:
        """Return the client of one of them."""
        return self._http[name]

    async def whole_case(self, index: int, kind: str = "complaint") -> str:
        """Take a complaint, or a kind like it, from start to closed, and return its number."""
        number = await self.start(index, kind)
        for at, commands in enumerate(WHOLE_COMPLAINT):
            if at == len(WHOLE_COMPLAINT) - 1:
                await self.reach(number, "following_up")
            steps = [{"step": step, "form": dict(form)} for step, form in commands]
            await self.take(number, steps, f"{number}-{at}")
        return number

    async def start(self, index: int, kind: str = "complaint") -> str:
        """Start a case from the shop, for a customer with a phone, and return its number."""
        form = {"words": f"第 {index} 单: 店员态度不好"}
        body = {"kind": kind, "channel": "app", "form": form, "customer": phone(index)}
        return await self.open("shop", f"order-{index}", body)

    async def open(self, who: str, ref: str, body: dict[str, Any]) -> str:
        """Start a case under the caller's own reference, and return its number."""
        answer = await self._until_done(who, "/v1/cases", {**body, "external_ref": ref}, ref)
        number: str = answer.get("number") or answer["case"]["number"]
        return number

    async def hand_in(self, id: str, order: dict[str, Any]) -> None:
        """Hand in an order."""
        who = next(name for name in ("shop", "the.admin") if name in self.keys)
        answer = await self.ask(who, f"/v1/orders/{id}", order, id, method="PUT")
        assert answer.is_success, answer.text

    async def take(
        self, number: str, steps: list[dict[str, Any]], key: str, who: str = "liu.yang"
    ) -> dict[str, Any]:
        """Submit steps as one request, which is done once whatever happens on the way."""
        path, body = f"/v1/cases/{number}/steps", {"steps": steps}
        return await self._until_done(who, path, body, key)

    async def reach(self, number: str, state: str) -> None:
        """Wait until a case is in a state."""

        async def there() -> bool:
            found = await self._read(f"/v1/cases/{number}")
            return found is not None and found["case"]["state"] == state

        await until(there, TIMEOUT)

    async def recorded(self, number: str, entries: int, by: str | None = None) -> None:
        """Wait until so many entries can be read, of any actor or of this kind of actor."""

        async def there() -> bool:
            found = await self._read(f"/v1/cases/{number}/history?limit=500") or {"items": []}
            kinds = [entry["actor"]["kind"] for entry in found["items"]]
            return (len(kinds) if by is None else kinds.count(by)) >= entries

        await until(there, LONG_TIMEOUT)

    async def close(self) -> None:
        """Close all connections."""
        for http in self._http.values():
            await http.aclose()

    async def _read(self, path: str) -> Any:
        try:
            answer = await self._http["liu.yang"].get(path)
        except httpx.TransportError:
            return None
        return answer.json() if answer.is_success else None

    async def ask(
        self, who: str, path: str, body: dict[str, Any], key: str, *, method: str = "POST"
    ) -> httpx.Response:
        """Repeat a request until the answer is final, and return it.

        Raises:
            TimeoutError: there was no final answer in a minute and a half.
        """
        async with asyncio.timeout(TIMEOUT):
            while True:
                try:
                    answer = await self._http[who].request(
                        method, path, json=body, headers={"Idempotency-Key": key}
                    )
                    if not _is_retryable(answer):
                        return answer
                except httpx.TransportError:
                    pass
                self.repeated += 1
                await asyncio.sleep(0.1)

    async def _until_done(
        self, who: str, path: str, body: dict[str, Any], key: str
    ) -> dict[str, Any]:
        answer = await self.ask(who, path, body, key)
        if not answer.is_success:
            raise AssertionError(f"{path} {body}: {answer.status_code} {answer.text}")
        result: dict[str, Any] = answer.json()
        return result


def phone(index: int) -> dict[str, Any]:
    """Return a customer with a phone."""
    return {"contacts": [{"kind": "phone", "value": f"138{index:08d}"}]}


def _is_retryable(answer: httpx.Response) -> bool:
    if answer.status_code == httpx.codes.CONFLICT:
        return answer.json()["code"] in BUSY
    return answer.status_code in RETRYABLE


async def agents(
    store: Store,
    url: str,
    staff: Staff = STAFF,
    systems: Iterable[str] = ("shop",),
    teams: Iterable[str] = (),
) -> Agents:
    """Add people and systems, each with a new key, and teams; return the clients of the first."""
    keys = {}
    for team in teams:
        await store.people.add_team(TENANT, team, team)
    for id, (name, roles) in staff.items():
        if await store.people.get(TENANT, id) is None:
            await store.people.add_staff(TENANT, id, name, roles)
        _, keys[id] = await store.keys.add(TENANT, KeyOwner(OwnerKind.STAFF, id))
    for id in {*systems, "shop"}:  # which hands in orders
        _, keys[id] = await store.keys.add(TENANT, KeyOwner(OwnerKind.SYSTEM, id))
    return Agents(url, keys)

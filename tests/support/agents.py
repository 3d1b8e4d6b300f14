"""Staff and systems with keys, who carry cases through the real API and never give up."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx

from store import Store
from store.records import KeyOwner, OwnerKind
from tests.support.cases import WHOLE_COMPLAINT
from tests.support.waiting import until

TENANT = "default"
STAFF = {
    "chen.min": ("陈敏", ("seat",)),
    "liu.yang": ("刘洋", ("agent",)),
    "zhang.qian": ("张倩", ("agent",)),
    "wang.fang": ("王芳", ("lead",)),
    "zhao.fang": ("赵芳", ("service_manager",)),
    "zhou.hang": ("周航", ("management",)),
    "the.admin": ("管理员", ("administrator",)),
}
PATIENCE = 90.0
MENDS_ITSELF = {409, 429, 500, 502, 503, 504}


class Agents:
    """A client for each person and system; a request is repeated, under its key, until done."""

    def __init__(self, url: str, keys: Mapping[str, str]) -> None:
        self.keys = keys
        self._http = {
            name: httpx.AsyncClient(
                base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=20
            )
            for name, key in keys.items()
        }

    def http(self, name: str) -> httpx.AsyncClient:
        """The client of one of them."""
        return self._http[name]

    async def whole_case(self, index: int, kind: str = "complaint") -> str:
        """A complaint, or a kind that goes like one, from start to closed; its number."""
        number = await self.start(index, kind)
        for at, deeds in enumerate(WHOLE_COMPLAINT):
            if at == len(WHOLE_COMPLAINT) - 1:
                await self.reach(number, "following_up")
            steps = [{"step": step, "form": dict(form)} for step, form in deeds]
            await self.take(number, steps, f"{number}-{at}")
        return number

    async def start(self, index: int, kind: str = "complaint") -> str:
        """A new case from the shop, its customer with a phone number; its number."""
        body = {
            "kind": kind,
            "channel": "app",
            "external_ref": f"order-{index}",
            "form": {"words": f"第 {index} 单: 店员态度不好"},
            "customer": {"contacts": [{"kind": "phone", "value": f"138{index:08d}"}]},
        }
        answer = await self._until_done("shop", "/v1/cases", body, f"start-{index}")
        found: str = answer.get("number") or answer["case"]["number"]
        return found

    async def take(
        self, number: str, steps: list[dict[str, Any]], key: str, who: str = "liu.yang"
    ) -> dict[str, Any]:
        """Steps of one request, taken once whatever happens on the way."""
        path, body = f"/v1/cases/{number}/steps", {"steps": steps}
        return await self._until_done(who, path, body, key)

    async def reach(self, number: str, state: str) -> None:
        """Wait until a case is in a state."""

        async def there() -> bool:
            return await self._state(number) == state

        await until(there, PATIENCE)

    async def close(self) -> None:
        """Close all connections."""
        for http in self._http.values():
            await http.aclose()

    async def _state(self, number: str) -> str | None:
        try:
            answer = await self._http["liu.yang"].get(f"/v1/cases/{number}")
        except httpx.TransportError:
            return None
        return answer.json()["case"]["state"] if answer.is_success else None

    async def _until_done(
        self, who: str, path: str, body: dict[str, Any], key: str
    ) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    answer = await self._http[who].post(
                        path, json=body, headers={"Idempotency-Key": key}
                    )
                except httpx.TransportError:
                    await asyncio.sleep(0.1)
                    continue
                if answer.is_success:
                    done: dict[str, Any] = answer.json()
                    return done
                if answer.status_code not in MENDS_ITSELF or _final(answer):
                    raise AssertionError(f"{path} {body}: {answer.status_code} {answer.text}")
                await asyncio.sleep(0.1)


def _final(answer: httpx.Response) -> bool:
    return answer.status_code == httpx.codes.CONFLICT and answer.json()["code"] != "in_progress"


async def agents(store: Store, url: str) -> Agents:
    """The staff of the stories and the system `shop`, each with a new key."""
    keys = {}
    for id, (name, roles) in STAFF.items():
        if await store.people.get(TENANT, id) is None:
            await store.people.add_staff(TENANT, id, name, roles)
        _, keys[id] = await store.keys.add(TENANT, KeyOwner(OwnerKind.STAFF, id))
    _, keys["shop"] = await store.keys.add(TENANT, KeyOwner(OwnerKind.SYSTEM, "shop"))
    return Agents(url, keys)

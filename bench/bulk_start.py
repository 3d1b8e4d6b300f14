"""Starts many cases through `/v1/cases:bulk`, as a feeding system does, until each is there."""

import asyncio
from datetime import datetime
from typing import Any

import httpx

CHUNK, AT_ONCE = 50, 3
DONE = {200, 201, 202}


async def start_all(http: httpx.AsyncClient, n: int, received_at: datetime) -> list[str]:
    """Start so many complaints, received at one moment, and return their numbers."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def some(indices: range) -> list[str]:
        async with gate:
            return await _start(http, [_case(index, received_at) for index in indices])

    chunks = [range(at, min(at + CHUNK, n)) for at in range(0, n, CHUNK)]
    return [number for found in await asyncio.gather(*map(some, chunks)) for number in found]


async def _start(http: httpx.AsyncClient, cases: list[dict[str, Any]]) -> list[str]:
    numbers: dict[int, str] = {}
    while len(numbers) < len(cases):
        left = [index for index in range(len(cases)) if index not in numbers]
        body = {"cases": [cases[index] for index in left]}
        answer = await http.post("/v1/cases:bulk", json=body, timeout=120)
        answer.raise_for_status()
        for result in answer.json()["results"]:
            if result["status"] in DONE:
                numbers[left[result["index"]]] = result["number"]
            elif result["status"] < 500:
                raise RuntimeError(f"refused: {result}")
    return [numbers[index] for index in range(len(cases))]


def _case(index: int, received_at: datetime) -> dict[str, Any]:
    return {
        "kind": "complaint",
        "channel": "app",
        "external_ref": f"storm-{index}",
        "received_at": received_at.isoformat(),
        "form": {"words": f"第 {index} 单: 等了很久没有人回复"},
        "customer": {"contacts": [{"kind": "phone", "value": f"139{index:08d}"}]},
    }

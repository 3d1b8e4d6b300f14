"""Makes the sample cases through the API, as everybody else does; doing it again adds nothing."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx

from cli.client import answer_of, failure_of, headers
from cli.failures import CommandFailed, Unavailable
from cli.running.samples import SAMPLES, Act, Sample
from cli.settings import Target

AT_ONCE = 3
TRIES, PAUSE = 60, 0.25


async def seed(url: str, keys: Mapping[str, str]) -> int:
    """Make every sample case; returns how many are there now.

    The reference of a case and the key of each request make it happen once, so a seeding that was
    killed half-way goes on where it stopped. What somebody else has done to a case stands.
    """
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(http: httpx.AsyncClient, sample: Sample) -> bool:
        async with gate:
            try:
                await _make(http, url, keys, sample)
            except CommandFailed:
                return False
            return True

    async with httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as http:
        made = await asyncio.gather(*(one(http, sample) for sample in SAMPLES))
    return sum(made)


async def _make(http: httpx.AsyncClient, url: str, keys: Mapping[str, str], sample: Sample) -> None:
    opening = {**sample.body, "external_ref": sample.ref}
    opened = await _post(http, "/v1/cases", Target(url, keys[sample.by]), opening, sample.ref)
    for n, act in enumerate(sample.acts, start=1):
        path = f"/v1/cases/{(opened.get('case') or opened)['number']}/steps"
        await _act(http, path, Target(url, keys[act.by]), act, f"{sample.ref}-{n}")


async def _act(http: httpx.AsyncClient, path: str, target: Target, act: Act, key: str) -> None:
    steps = [{"step": step, "form": form} for step, form in act.deeds]
    await _post(http, path, target, {"steps": steps}, key)


async def _post(
    http: httpx.AsyncClient, path: str, target: Target, body: object, key: str
) -> dict[str, Any]:
    """Post until it is done: the case may not be where the step starts yet, or be busy.

    Raises:
        CommandFailed: it was refused for good.
    """
    given = {**headers(target), "Idempotency-Key": key}
    failed: CommandFailed = Unavailable("Nothing was tried.")
    for _ in range(TRIES):
        try:
            response = await http.post(path, json=body, headers=given)
        except httpx.TransportError:
            failed = Unavailable(f"Nobody answers at {target.url}.")
        else:
            if not response.is_error:
                return dict(answer_of(response).body)
            failed = failure_of(response)
            if response.status_code not in {409, 429, 503}:
                break
        await asyncio.sleep(PAUSE)
    raise failed

"""Requests drawn from the API's description, valid and invalid ones: never a 5xx."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from itertools import count
from typing import Any, TypeAlias

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.core.result import Ok

from api.http.problems import MEDIA_TYPE
from tests.api.callers import Callers, add_people, new_case, open_clients
from tests.api.server import serving
from tests.support.waiting import until

pytestmark = pytest.mark.xdist_group("api")

CALLERS = ("liu.yang", "shop", "root")
CASES = 8
"""How many requests each caller sends to each operation."""

Drawn: TypeAlias = Case[Any]
SETTINGS: dict[str, Any] = {
    "max_examples": CASES,
    "deadline": None,
    "database": None,
    "derandomize": True,
    "suppress_health_check": list(HealthCheck),
}


@pytest.fixture(scope="module")
async def served(callers: Callers) -> AsyncIterator[tuple[str, Callers]]:
    """The app on a port of its own, with a tenant for random data."""
    keys = await add_people(callers.store, "fuzz")
    async with (
        serving(callers.app) as url,
        open_clients(callers.app, callers.engine, keys) as fuzzed,
    ):
        yield url, fuzzed


async def test_no_request_breaks_it(served: tuple[str, Callers]) -> None:
    url, callers = served
    started = await callers["shop"].post("/v1/cases", json=new_case())
    assert started.status_code in {201, 202}, started.text
    number = started.headers["location"].rpartition("/")[2]

    async def found() -> bool:
        return (await callers["shop"].get(f"/v1/cases/{number}")).is_success

    await until(found)
    keys = [callers.keys[caller] for caller in CALLERS]
    fuzz = Fuzz(url, keys, {"number": number, "id": f"{number}-1", "kind": "complaint"})
    await asyncio.to_thread(fuzz.all, callers.app.openapi())
    for key in keys:
        assert sum(fuzz.statuses[key].values()) > 100, fuzz.statuses[key]
        assert {200, 404, 422} <= set(fuzz.statuses[key])


class Fuzz:
    """Sends the requests that are drawn for each operation, with the key of each caller.

    Every other request is about a case that exists, so that it gets past the first check.
    """

    def __init__(self, url: str, keys: Sequence[str], real: Mapping[str, str]) -> None:
        self._url, self._keys, self._real = url, keys, real
        self._sent = count()
        self.statuses: Mapping[str, Counter[int]] = {key: Counter() for key in keys}

    def all(self, described: dict[str, Any]) -> None:
        """Send requests to every operation."""
        schema = schemathesis.openapi.from_dict(described)
        operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
        assert len(operations) > len(described["paths"])
        for operation in operations:
            self.one(operation)

    def one(self, operation: APIOperation[Any, Any, Any, Any]) -> None:
        """Send requests that fit the description, and requests that do not."""
        drawn = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
        drawn |= operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

        @settings(**SETTINGS)
        @given(case=drawn)
        def send(case: Drawn) -> None:
            if next(self._sent) % 2:
                for name in case.path_parameters.keys() & self._real.keys():
                    case.path_parameters[name] = self._real[name]
            for key in self._keys:
                self._send(case, key)

        send()

    def _send(self, case: Drawn, key: str) -> None:
        answer = case.call(base_url=self._url, headers={"Authorization": f"Bearer {key}"})
        self.statuses[key][answer.status_code] += 1
        assert answer.status_code < 500, (case.as_curl_command(), answer.text)
        media_type = answer.headers["content-type"][0].partition(";")[0]
        assert media_type in _declared(case.operation, answer.status_code), case.as_curl_command()
        if answer.status_code >= 400:
            assert media_type == MEDIA_TYPE


def _declared(operation: APIOperation[Any, Any, Any, Any], status: int) -> set[str]:
    """Return the media types that the description declares for a status."""
    responses = operation.definition.raw["responses"]
    return {*responses.get(str(status), responses["default"])["content"]}

"""Speaking HTTP to Banjie: a request, its answer, and a refusal as a failure of ours."""

from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx

from cli.core.exits import CommandFailed, NotFound, Unavailable, of_status
from cli.core.i18n import language, say
from cli.core.settings import Target

TIMEOUT = httpx.Timeout(30, connect=5)


@dataclass(frozen=True)
class Answer:
    """What the server said: the status, the document, and the headers that matter."""

    status: int
    body: Any
    etag: str | None = None
    replayed: bool = False


class Server:
    """One server, spoken to with one key."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self._http = httpx.Client(
            base_url=target.url, headers=headers(target), timeout=TIMEOUT, trust_env=False
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def get(self, path: str, **params: Any) -> Answer:
        """Read something; parameters that are None are left out."""
        asked = {name: value for name, value in params.items() if value is not None}
        return self._ask("GET", path, params=asked)

    def fetch(self, path: str, **params: Any) -> bytes:
        """Read something that is no JSON: a page, a file."""
        return self._response("GET", path, params=params).content

    def post(self, path: str, body: Any, **headers: str | None) -> Answer:
        """Do something; `if_match="7"` becomes the header If-Match."""
        return self._ask("POST", path, json=body, headers=_named(headers))

    def patch(self, path: str, body: Any) -> Answer:
        """Change something."""
        return self._ask("PATCH", path, json=body)

    def delete(self, path: str, **params: Any) -> Answer:
        """Take something away."""
        return self._ask("DELETE", path, params=params)

    def _ask(self, method: str, path: str, **rest: Any) -> Answer:
        return answer_of(self._response(method, path, **rest))

    def _response(self, method: str, path: str, **rest: Any) -> httpx.Response:
        try:
            response = self._http.request(method, path, **rest)
        except httpx.TimeoutException:
            raise Unavailable(say("error.timeout", url=self.target.url)) from None
        except httpx.TransportError:
            raise Unavailable(say("error.nobody", url=self.target.url)) from None
        except httpx.InvalidURL as error:
            raise Unavailable(f"{self.target.url} is not an address: {error}.") from None
        if response.is_error:
            raise failure_of(response, self.target.name)
        return response


def headers(target: Target) -> dict[str, str]:
    """The headers of every request."""
    return {
        "Authorization": f"Bearer {target.key}",
        "Accept-Language": language(),
        "User-Agent": "banjie-cli",
    }


def answer_of(response: httpx.Response) -> Answer:
    """The answer in a response that is no error."""
    return Answer(
        status=response.status_code,
        body=response.json() if response.content else None,
        etag=response.headers.get("ETag"),
        replayed=response.headers.get("Idempotent-Replayed") == "true",
    )


def failure_of(response: httpx.Response, name: str | None = None) -> CommandFailed:
    """The failure in a response that is an error; `name` is who asked."""
    try:
        problem = response.json()
    except ValueError:
        problem = {}
    if not isinstance(problem, dict):
        problem = {}
    said = problem.get("detail") or problem.get("title") or f"HTTP {response.status_code}."
    if name and response.status_code in {401, 403}:
        said = say("error.spoke_as", said=said, name=name)
    return _sort(response.status_code, problem)(str(said), problem)


def _sort(status: int, problem: dict[str, Any]) -> type[CommandFailed]:
    """An id in the path that has not even the shape of one names nothing."""
    errors = problem.get("errors") or ()
    if errors and all(str(each.get("pointer")).startswith("path/") for each in errors):
        return NotFound
    return of_status(status)


def _named(given: dict[str, str | None]) -> dict[str, str]:
    return {
        name.replace("_", "-").title(): value for name, value in given.items() if value is not None
    }

"""The HTTP client of the commands: a request, its response, and a refusal as a failure."""

import re
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx

from cli.core.exits import CommandFailed, NotFound, Unavailable, failure_of_status
from cli.core.i18n import language, translate
from cli.core.settings import Connection

NAMES_NOBODY = frozenset({"unknown_staff", "unknown_customer"})
"""Refusals of a request whose body names a person that nobody knows: the same as in its path."""
LONGEST_SHOWN = 80
_ID = re.compile(r"(?!\.+$)[\w.:@+-]{1,128}")
TIMEOUT = httpx.Timeout(30, connect=5)


@dataclass(frozen=True)
class ApiResponse:
    """A response: the status, the document, and the headers that matter."""

    status: int
    body: Any
    etag: str | None = None
    replayed: bool = False


class ApiClient:
    """One server, spoken to with one key."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._http = httpx.Client(
            base_url=connection.url,
            headers=request_headers(connection),
            timeout=TIMEOUT,
            trust_env=False,
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

    def get(self, path: str, **params: Any) -> ApiResponse:
        """Read something; parameters that are None are left out."""
        given = {name: value for name, value in params.items() if value is not None}
        return self._request("GET", path, params=given)

    def fetch(self, path: str, **params: Any) -> bytes:
        """Read something that is no JSON: a page, a file."""
        return self._send("GET", path, params=params).content

    def post(self, path: str, body: Any, **headers: str | None) -> ApiResponse:
        """Do something; `if_match="7"` becomes the header If-Match."""
        return self._request("POST", path, json=body, headers=_header_names(headers))

    def send_file(self, path: str, text: str, media_type: str, **params: Any) -> ApiResponse:
        """Hand in a file."""
        headers = {"Content-Type": media_type}
        return self._request("POST", path, content=text.encode(), params=params, headers=headers)

    def upload(
        self, path: str, content: bytes, media_type: str, *, idempotency_key: str, **params: Any
    ) -> ApiResponse:
        """Hand in a file as it is, once."""
        headers = {"Content-Type": media_type, "Idempotency-Key": idempotency_key}
        return self._request("POST", path, content=content, params=params, headers=headers)

    def patch(self, path: str, body: Any, **headers: str | None) -> ApiResponse:
        """Change something; the headers are as for `post`."""
        return self._request("PATCH", path, json=body, headers=_header_names(headers))

    def delete(self, path: str, **params: Any) -> ApiResponse:
        """Take something away."""
        return self._request("DELETE", path, params=params)

    def _request(self, method: str, path: str, **rest: Any) -> ApiResponse:
        return parse_response(self._send(method, path, **rest))

    def _send(self, method: str, path: str, **rest: Any) -> httpx.Response:
        try:
            response = self._http.request(method, path, **rest)
        except httpx.TimeoutException:
            raise Unavailable(
                translate(
                    "%(url)s did not answer in time; whether it was done is not known. "
                    "Look before you do it again.",
                    url=self.connection.url,
                )
            ) from None
        except httpx.TransportError:
            raise Unavailable(
                translate(
                    "Nobody answers at %(url)s. Start it with `banjie up`, or name another "
                    "address with --url.",
                    url=self.connection.url,
                )
            ) from None
        except httpx.InvalidURL as error:
            raise Unavailable(
                translate(
                    "%(url)s is not an address: %(error)s.", url=self.connection.url, error=error
                )
            ) from None
        if response.is_error:
            raise parse_failure(response, self.connection.name)
        return response


def segment(id: str) -> str:
    """Return an id as a segment of a path.

    Raises:
        NotFound: it has not the shape of one: with a slash or a question mark it leads elsewhere.
    """
    if not _ID.fullmatch(id):
        raise NotFound(translate("There is no %(id)s.", id=id[:LONGEST_SHOWN]))
    return quote(id, safe="@:+")


def request_headers(connection: Connection) -> dict[str, str]:
    """Return the headers of every request."""
    return {
        "Authorization": f"Bearer {connection.key}",
        "Accept-Language": language(),
        "User-Agent": "banjie-cli",
    }


def parse_response(response: httpx.Response) -> ApiResponse:
    """Return the response in our form; it is no error."""
    return ApiResponse(
        status=response.status_code,
        body=response.json() if response.content else None,
        etag=response.headers.get("ETag"),
        replayed=response.headers.get("Idempotent-Replayed") == "true",
    )


def parse_failure(response: httpx.Response, name: str | None = None) -> CommandFailed:
    """Return the failure that a response stands for; `name` is whose key was used."""
    try:
        problem = response.json()
    except ValueError:
        problem = {}
    if not isinstance(problem, dict):
        problem = {}
    message = problem.get("detail") or problem.get("title") or f"HTTP {response.status_code}."
    if name and response.status_code in {401, 403}:
        message = translate(
            "%(said)s You spoke as %(name)s; --as NAME speaks as another.", said=message, name=name
        )
    return _failure_class(response.status_code, problem)(str(message), problem)


def _failure_class(status: int, problem: dict[str, Any]) -> type[CommandFailed]:
    """Return which failure it is; an id that has not the shape of one names nothing."""
    if problem.get("code") in NAMES_NOBODY:
        return NotFound
    errors = problem.get("errors") or ()
    if errors and all(str(each.get("pointer")).startswith("path/") for each in errors):
        return NotFound
    return failure_of_status(status)


def _header_names(headers: dict[str, str | None]) -> dict[str, str]:
    return {
        name.replace("_", "-").title(): value
        for name, value in headers.items()
        if value is not None
    }

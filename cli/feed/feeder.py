"""Starts a case for each line, a few at a time, and waits for each until a read finds it."""

import asyncio
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from cli.core.client import TIMEOUT, parse_failure, parse_response, request_headers
from cli.core.exits import NOT_FOUND_STATUSES, RETRYABLE_STATUSES, CommandFailed
from cli.core.i18n import translate
from cli.core.settings import Connection
from domain.json_values import read_json
from domain.language.values import is_visible

OPTIONAL_FIELDS = ("product", "order", "received_at", "customer", "parent")
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Defaults:
    """What lines have that do not say otherwise."""

    kind: str
    channel: str


@dataclass(frozen=True)
class Line:
    """A line of the file: its number, and the body of a start or what is wrong with it."""

    number: int
    body: Mapping[str, Any] | None
    wrong: str = ""


@dataclass
class Tally:
    """How many lines are done, and with which result."""

    started: int = 0
    already_there: int = 0
    untried: int = 0
    failures: list[tuple[int, str]] = field(default_factory=list)
    gave_up: str = ""
    on_change: Callable[[], None] = lambda: None
    _began: float = field(default_factory=time.monotonic)

    @property
    def done(self) -> int:
        """How many lines have a result."""
        return self.started + self.already_there + len(self.failures)

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._began

    def document(self) -> dict[str, Any]:
        """Return the tally for programs."""
        seconds = self.seconds
        return {
            "started": self.started,
            "already_there": self.already_there,
            "failed": len(self.failures),
            "not_tried": self.untried,
            "seconds": round(seconds, 1),
            "cases_per_second": round(self.started / seconds, 1) if seconds else 0.0,
            "failures": [{"line": line, "reason": why} for line, why in self.failures],
            "gave_up": self.gave_up or None,
        }

    def summary(self) -> str:
        """Return the tally as a sentence for people."""
        counts = self.document()
        text = translate(
            "%(started)s started, %(already_there)s already there, %(failed)s "
            "failed, in %(seconds)s s (%(cases_per_second)s cases per second).",
            started=counts["started"],
            already_there=counts["already_there"],
            failed=counts["failed"],
            seconds=counts["seconds"],
            cases_per_second=counts["cases_per_second"],
        )
        if self.gave_up:
            text += translate(
                " %(untried)s not done: %(gave_up)s Run it again to go on.",
                untried=self.untried,
                gave_up=self.gave_up,
            )
        return text


def read_lines(text: str, defaults: Defaults) -> Iterator[Line]:
    """Yield every line that is not empty."""
    # Not splitlines: a review may hold a character that Unicode calls a line's end.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield Line(number, _body(line, defaults))
            except ValueError as error:
                yield Line(number, None, str(error))


class Feeder:
    """Feeds lines to one server.

    A case that was answered by 202 is durable, and counts as started when a read finds it.
    """

    def __init__(self, connection: Connection, concurrency: int, patience: float) -> None:
        self.tally = Tally()
        self._connection, self._concurrency, self._patience = connection, concurrency, patience
        self._last_response = time.monotonic()

    async def feed(self, lines: Iterable[Line]) -> None:
        """Start a case for each line, or stop when the server has been silent for too long."""
        remaining = iter(list(lines))
        limits = httpx.Limits(max_connections=self._concurrency)
        async with httpx.AsyncClient(
            base_url=self._connection.url,
            headers=request_headers(self._connection),
            timeout=TIMEOUT,
            limits=limits,
            trust_env=False,
        ) as http:
            await asyncio.gather(*(self._work(http, remaining) for _ in range(self._concurrency)))
        self.tally.untried += sum(1 for _ in remaining)

    async def _work(self, http: httpx.AsyncClient, remaining: "Iterable[Line]") -> None:
        for line in remaining:
            if not self.tally.gave_up:
                await self._start(http, line)
                self.tally.on_change()
            else:
                self.tally.untried += 1

    async def _start(self, http: httpx.AsyncClient, line: Line) -> None:
        if line.body is None:
            self.tally.failures.append((line.number, line.wrong))
            return
        try:
            response = await self._request(http, "POST", "/v1/cases", json=line.body)
            started = parse_response(response)
            if started.status == httpx.codes.ACCEPTED:
                await self._until_found(http, started.body["number"])
        except _NoResponse as silent:
            self.tally.gave_up = str(silent)
            self.tally.untried += 1
        except CommandFailed as failed:
            self.tally.failures.append((line.number, _reason(failed)))
        else:
            self.tally.started += not started.replayed
            self.tally.already_there += started.replayed

    async def _until_found(self, http: httpx.AsyncClient, number: str) -> None:
        while True:
            response = await self._request(http, "GET", f"/v1/cases/{number}", missing=True)
            if response.is_success:
                return
            await asyncio.sleep(POLL_SECONDS)

    async def _request(
        self, http: httpx.AsyncClient, method: str, path: str, *, missing: bool = False, **rest: Any
    ) -> httpx.Response:
        """Repeat a request until it is answered.

        Raises:
            CommandFailed: the server refuses.
            _NoResponse: nothing got through for as long as our patience.
        """
        since, pause = time.monotonic(), FIRST_PAUSE
        while True:
            wait = 0.0
            try:
                response = await http.request(method, path, **rest)
            except httpx.TransportError as error:
                why = translate(
                    "nobody answers at %(url)s (%(error)s).",
                    url=self._connection.url,
                    error=type(error).__name__,
                )
            else:
                if response.is_success or (missing and response.status_code in NOT_FOUND_STATUSES):
                    self._last_response = time.monotonic()
                    return response
                failed = parse_failure(response, self._connection.name)
                if not _is_temporary(response, failed):
                    raise failed
                why, wait = str(failed), _retry_after(response)
            if time.monotonic() - max(since, self._last_response) > self._patience:
                raise _NoResponse(why)
            await asyncio.sleep(max(wait, pause * random.uniform(0.5, 1)))  # noqa: S311
            pause = min(pause * 2, LONGEST_PAUSE)


def _body(line: str, defaults: Defaults) -> dict[str, Any]:
    fields = _parse_object(line)
    words = _first(fields, "words", "text")
    reference = _first(fields, "external_ref", "id")
    if not isinstance(words, str) or not is_visible(words):
        raise ValueError(translate("there are no words: give text (or words)"))
    if reference is None or reference == "":
        raise ValueError(translate("nothing tells it from other lines: give id (or external_ref)"))
    if isinstance(reference, bool) or not isinstance(reference, str | int):
        raise ValueError(translate("id (or external_ref) is text or a whole number"))  # noqa: TRY004
    return {
        "kind": defaults.kind,
        "channel": _first(fields, "channel") or defaults.channel,
        "external_ref": str(reference),
        "form": {"words": words},
        **{name: fields[name] for name in OPTIONAL_FIELDS if fields.get(name) is not None},
    }


def _first(fields: dict[str, Any], *names: str) -> Any:
    """Return the first of these fields that is not null."""
    return next((fields[name] for name in names if fields.get(name) is not None), None)


def _parse_object(line: str) -> dict[str, Any]:
    value = read_json(line)
    if isinstance(value, dict):
        return value
    raise ValueError(translate("it is not a JSON object"))


class _NoResponse(Exception):
    """The server has been silent for too long."""


def _is_temporary(response: httpx.Response, failed: CommandFailed) -> bool:
    """Return whether the same request may succeed later."""
    return response.status_code in RETRYABLE_STATUSES or failed.problem.get("code") == "in_progress"


def _retry_after(response: httpx.Response) -> float:
    try:
        return min(float(response.headers.get("Retry-After", 0)), LONGEST_PAUSE)
    except ValueError:
        return 0.0


def _reason(failed: CommandFailed) -> str:
    errors = failed.problem.get("errors") or ()
    return " ".join([str(failed), *(f"{e.get('pointer')}: {e.get('detail')}" for e in errors)])

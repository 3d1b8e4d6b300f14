"""What goes wrong, as problem+json (RFC 9457): the one place where codes become HTTP statuses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import JSONResponse

from app.texts import Texts, tag
from domain.errors import Category, WrongForm, category_of

MEDIA_TYPE = "application/problem+json"
URN = "urn:banjie:problem:"

STATUS_OF_CATEGORY: Mapping[Category, int] = {
    Category.FORBIDDEN: 403,
    Category.NOT_FOUND: 404,
    Category.CONFLICT: 409,
    Category.OUTDATED: 412,
    Category.INVALID: 422,
}
STATUS: Mapping[str, int] = {
    "bad_cursor": 400,
    "key_missing": 400,
    "malformed": 400,
    "unauthenticated": 401,
    "forbidden": 403,
    "no_such_step": 404,
    "no_such_batch": 404,
    "not_found": 404,
    "not_open_yet": 404,
    "number_misread": 404,
    "method_not_allowed": 405,
    "already_exists": 409,
    "in_progress": 409,
    "too_large": 413,
    "unsupported_media_type": 415,
    "bad_instant": 422,
    "cannot_convert": 422,
    "in_the_future": 422,
    "invalid": 422,
    "key_reused": 422,
    "no_case_fits": 422,
    "seq_unknown": 422,
    "too_many_cases": 422,
    "unknown_customer": 422,
    "unknown_staff": 422,
    "archive_damaged": 500,
    "internal": 500,
    "row_damaged": 500,
    "archive_down": 503,
    "busy": 503,
    "engine_down": 503,
    "store_down": 503,
}
"""The codes that are no refusals of the engine; those carry a category."""

RETRY_AFTER = {"in_progress": 1, "busy": 2, "archive_down": 5, "engine_down": 5, "store_down": 5}
"""Seconds after which trying again makes sense."""


@dataclass(eq=False)
class Problem(Exception):
    """A request that is answered with a problem; `errors` point at the parts that are wrong."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    errors: Sequence[Mapping[str, Any]] = ()
    kind: str = ""
    otherwise: str = ""
    status: int = field(init=False)

    def __post_init__(self) -> None:
        """Find the status.

        Raises:
            KeyError: nobody has said which status the code has.
        """
        self.status = status_of(self.code)

    def __str__(self) -> str:
        return self.code


def status_of(code: str) -> int:
    """Return the HTTP status that a code is answered with.

    Raises:
        KeyError: the code is neither among these nor that of a refusal.
    """
    return STATUS[code] if code in STATUS else STATUS_OF_CATEGORY[category_of(code)]


def problem(code: str, *, kind: str = "", **params: Any) -> Problem:
    """A problem with its parameters; `kind` finds the right labels for steps and states."""
    named = {"kind": kind} if kind else {}
    return Problem(code, {**named, **params}, kind=kind)


def invalid(pointer: str, code: str, detail: str) -> Problem:
    """One thing wrong with what was sent."""
    return Problem("invalid", errors=[{"pointer": pointer, "code": code, "detail": detail}])


def under(prefix: str, errors: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The same errors, seen from further out."""
    return [{**error, "pointer": f"{prefix}{error['pointer']}"} for error in errors]


def wrong_form(refused: WrongForm, prefix: str, kind: str) -> Problem:
    """A form that does not fit, its faults as seen from the body it came in."""
    params: dict[str, Any] = dict(refused.params)
    errors = under(prefix, params.pop("errors", ()))
    return Problem("wrong_form", params, errors, kind=kind, otherwise=str(refused))


def body_of(what: Problem, texts: Texts, locale: str, trace: str) -> dict[str, Any]:
    """The problem in words of a language."""
    body: dict[str, Any] = {
        "type": URN + what.code,
        "title": texts.title(what.code, locale, what.kind),
        "status": what.status,
        "detail": texts.say(
            what.code, what.params, locale, kind=what.kind, otherwise=what.otherwise or what.code
        ),
        "code": what.code,
        "params": dict(what.params),
        "trace_id": trace,
    }
    if what.errors:
        body["errors"] = [_in_words(error, texts, locale) for error in what.errors]
    return body


def answer_of(what: Problem, texts: Texts, locale: str, trace: str) -> JSONResponse:
    """The problem as an answer."""
    headers = {"Content-Language": tag(locale), "Vary": "Accept-Language"}
    if what.code in RETRY_AFTER:
        headers["Retry-After"] = str(RETRY_AFTER[what.code])
    if what.status == STATUS["unauthenticated"]:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(
        body_of(what, texts, locale, trace),
        status_code=what.status,
        headers=headers,
        media_type=MEDIA_TYPE,
    )


def _in_words(error: Mapping[str, Any], texts: Texts, locale: str) -> dict[str, Any]:
    said = texts.fault(str(error["code"]), str(error["detail"]), locale)
    return {**error, "detail": said}

"""Problems (RFC 9457): what is answered when a request fails, and with which HTTP status."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from starlette.responses import JSONResponse

from app.error_codes import category_of
from app.errors import AppError, ErrorCategory, Fault
from app.texts import Texts, tag
from domain.errors import Category

MEDIA_TYPE = "application/problem+json"
URN = "urn:banjie:problem:"

STATUS_OF_CATEGORY: Mapping[ErrorCategory, int] = {
    Fault.MALFORMED: 400,
    Category.FORBIDDEN: 403,
    Category.NOT_FOUND: 404,
    Category.CONFLICT: 409,
    Category.OUTDATED: 412,
    Category.INVALID: 422,
    Fault.TOO_LARGE: 413,
    Fault.TOO_MANY: 429,
    Fault.DAMAGED: 500,
    Fault.UNAVAILABLE: 503,
}
STATUS: Mapping[str, int] = {
    "bad_cursor": 400,
    "unauthenticated": 401,
    "method_not_allowed": 405,
    "too_large": 413,
    "unsupported_media_type": 415,
    "record_too_long": 422,
    "internal": 500,
    "printer_busy": 503,
}
"""The codes that only HTTP has; all others have the status of their category."""

RETRY_AFTER = {
    "in_progress": 1,
    "busy": 2,
    "archive_down": 5,
    "attachments_down": 5,
    "engine_down": 5,
    "orders_down": 5,
    "printer_busy": 5,
    "store_down": 5,
}
"""Seconds after which the same request may succeed."""


@dataclass(eq=False)
class Problem(Exception):
    """A request that is answered with a problem.

    `errors` point at the parts that are wrong; `otherwise` is the sentence for a code that the
    catalogues do not have.
    """

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

    @classmethod
    def of(cls, error: AppError) -> Self:
        """Return the problem that an error of a use case is."""
        errors = [asdict(fault) for fault in error.faults]
        return cls(error.code, error.params, errors, error.kind, str(error))

    def __str__(self) -> str:
        return self.code


def status_of(code: str) -> int:
    """Return the HTTP status that a code is answered with.

    Raises:
        KeyError: neither HTTP nor a use case nor the engine has this code.
    """
    return STATUS[code] if code in STATUS else STATUS_OF_CATEGORY[category_of(code)]


def problem(code: str, **params: Any) -> Problem:
    """Return a problem that only HTTP has."""
    return Problem(code, params)


def problem_body(problem: Problem, texts: Texts, locale: str, trace_id: str) -> dict[str, Any]:
    """Return the problem as a JSON object, its sentences in a language."""
    code, kind = problem.code, problem.kind
    body: dict[str, Any] = {
        "type": URN + code,
        "title": texts.title(code, locale, kind),
        "status": problem.status,
        "detail": texts.say(
            code, problem.params, locale, kind=kind, otherwise=problem.otherwise or code
        ),
        "code": code,
        "params": dict(problem.params),
        "trace_id": trace_id,
    }
    if problem.errors:
        body["errors"] = [_error_body(error, texts, locale, kind) for error in problem.errors]
    return body


def response_for(problem: Problem, texts: Texts, locale: str, trace_id: str) -> JSONResponse:
    """Return the response that tells of the problem."""
    headers = {"Content-Language": tag(locale), "Vary": "Accept-Language"}
    if problem.code in RETRY_AFTER:
        headers["Retry-After"] = str(RETRY_AFTER[problem.code])
    if problem.status == STATUS["unauthenticated"]:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(
        problem_body(problem, texts, locale, trace_id),
        status_code=problem.status,
        headers=headers,
        media_type=MEDIA_TYPE,
    )


def _error_body(error: Mapping[str, Any], texts: Texts, locale: str, kind: str) -> dict[str, Any]:
    params = error.get("params") or {}
    detail = texts.fault(str(error["code"]), str(error["detail"]), locale, params, kind=kind)
    told = {"pointer": error["pointer"], "code": error["code"], "detail": detail}
    return {**told, "params": dict(params)} if params else told

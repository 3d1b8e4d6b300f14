"""Every expected error is answered with its problem here; the rest is logged."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.http.dependencies import services_of, texts_of
from api.http.problems import Problem, answer_of, problem
from api.http.request_log import locale, note_failure, trace
from app.errors import EXPECTED, Malformed, app_error
from store.errors import CorruptRow

CODES: Mapping[int, str] = {
    400: "malformed",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
}
"""The codes of what the framework itself refuses."""


def install(app: FastAPI) -> None:
    """Answer every expected error with its problem; the rest is for the middleware."""
    for error in (*EXPECTED, Problem, RequestValidationError, HTTPException):
        app.add_exception_handler(error, _answer)


def problem_of(error: Exception, trace_id: str) -> Problem:
    """Return the problem that an error is; one that nobody expected is logged."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, RequestValidationError):
        return _invalid(error.errors())
    if isinstance(error, HTTPException):
        return problem(CODES[error.status_code])
    if expected := app_error(error):
        return Problem.of(expected)
    note_failure(error, trace_id)
    return problem("internal")


async def _answer(request: Request, error: Exception) -> Response:
    if isinstance(error, CorruptRow):
        services_of(request).corrupt_rows.note(error.table, [error.number])
    answer = problem_of(error, trace(request))
    return answer_of(answer, texts_of(request), locale(request), trace(request))


def _invalid(faults: Sequence[Any]) -> Problem:
    if any(fault["type"] == "json_invalid" for fault in faults):
        return Problem.of(Malformed("not_json"))
    return Problem("invalid", errors=[_fault(fault) for fault in faults])


def _fault(fault: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return one fault with where it is: a JSON pointer into the body, or `query/limit`."""
    place, *inner = [str(part) for part in fault["loc"]]
    pointer = "".join(f"/{part}" for part in inner)
    where = pointer if place == "body" else f"{place}{pointer}"
    return {"pointer": where, "code": fault["type"], "detail": fault["msg"]}

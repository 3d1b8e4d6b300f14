"""Exception handlers: every expected error is answered with its problem, the others are logged."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.http.dependencies import locale_of, services_of, texts_of, trace_id_of
from api.http.methods import allowed
from api.http.problems import Problem, problem, response_for
from api.http.request_log import log_failure
from app.errors import Malformed
from app.expected_errors import EXPECTED, app_error
from domain.language.forms import fault_params
from store.errors import CorruptRow

CODES: Mapping[int, str] = {
    400: "malformed",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
}
"""The codes of what the framework itself refuses, by status."""


def install(app: FastAPI) -> None:
    """Answer every expected error with its problem; the middleware answers the others."""
    for error in (*EXPECTED, Problem, RequestValidationError, HTTPException):
        app.add_exception_handler(error, _handle)


def problem_of(error: Exception) -> Problem:
    """Return the problem that an error is; an unexpected one is logged."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, RequestValidationError):
        return _invalid_request(error.errors())
    if isinstance(error, HTTPException):
        return problem(CODES[error.status_code])
    if expected := app_error(error):
        return Problem.of(expected)
    log_failure(error)
    return problem("internal")


async def _handle(request: Request, error: Exception) -> Response:
    if isinstance(error, CorruptRow):
        services_of(request).corrupt_rows.note(error.table, [error.number])
    trace_id = trace_id_of(request)
    problem = problem_of(error)
    response = response_for(problem, texts_of(request), locale_of(request), trace_id)
    if problem.code == CODES[405]:
        response.headers["Allow"] = allowed(request)
    return response


def _invalid_request(errors: Sequence[Any]) -> Problem:
    if any(error["type"] == "json_invalid" for error in errors):
        return Problem.of(Malformed("not_json"))
    return Problem("invalid", errors=[_field_error(error) for error in errors])


def _field_error(error: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return where it is, a JSON pointer into the body or `query/limit`, and what is wrong."""
    place, *names = [str(part) for part in error["loc"]]
    pointer = "".join(f"/{name}" for name in names)
    where = pointer if place == "body" else f"{place}{pointer}"
    params = fault_params(error)
    return {"pointer": where, "code": error["type"], "detail": error["msg"], "params": params}

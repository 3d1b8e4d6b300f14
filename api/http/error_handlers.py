"""Errors of all parts become problems here: what was expected by its name, the rest logged."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.http.dependencies import services_of, texts_of
from api.http.problems import Problem, answer_of, problem, wrong_form
from api.http.request_log import locale, note_failure, trace
from domain.errors import Refusal, WrongForm
from store.errors import ArchiveDamaged, ArchiveDown, CorruptRow, StoreDown, Unstorable
from temporal.results import CaseNotFound, CaseOver, EngineDown, Refused

HTTP: Mapping[int, str] = {
    400: "malformed",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
}


def install(app: FastAPI) -> None:
    """Answer every expected error with its problem; the rest is for the middleware."""
    for error in READERS:
        app.add_exception_handler(error, _answer)


def problem_of(error: Exception, trace_id: str) -> Problem:
    """The problem that an error is; one that nobody expected is logged."""
    for expected, read in READERS.items():
        if isinstance(error, expected):
            return read(error)
    note_failure(error, trace_id)
    return problem("internal")


async def _answer(request: Request, error: Exception) -> Response:
    if isinstance(error, CorruptRow):
        services_of(request).corrupt_rows.note(error.table, [error.number])
    what = problem_of(error, trace(request))
    return answer_of(what, texts_of(request), locale(request), trace(request))


def _invalid(faults: Sequence[Any]) -> Problem:
    if any(fault["type"] == "json_invalid" for fault in faults):
        return problem("malformed", why="not_json")
    return Problem("invalid", errors=[_fault(fault) for fault in faults])


def _fault(fault: Mapping[str, Any]) -> Mapping[str, Any]:
    """Where it is: a JSON pointer into the body, or `query/limit`, `header/if-match`."""
    place, *inner = [str(part) for part in fault["loc"]]
    pointer = "".join(f"/{part}" for part in inner)
    where = pointer if place == "body" else f"{place}{pointer}"
    return {"pointer": where, "code": fault["type"], "detail": fault["msg"]}


READERS: Mapping[type[Exception], Callable[[Any], Problem]] = {
    Problem: lambda error: error,
    Refused: lambda error: Problem(error.code, error.params, otherwise=str(error)),
    WrongForm: lambda error: wrong_form(error, "", ""),
    Refusal: lambda error: Problem(error.code, error.params, otherwise=str(error)),
    StoreDown: lambda _: problem("store_down"),
    ArchiveDown: lambda _: problem("archive_down"),
    ArchiveDamaged: lambda error: problem("archive_damaged", file=error.path),
    CorruptRow: lambda error: problem("row_damaged", table=error.table, number=error.number),
    EngineDown: lambda _: problem("engine_down"),
    CaseNotFound: lambda _: problem("not_found"),
    CaseOver: lambda _: problem("case_over"),
    Unstorable: lambda _: problem("malformed", why="nul"),
    RequestValidationError: lambda error: _invalid(error.errors()),
    HTTPException: lambda error: problem(HTTP[error.status_code]),
}
"""Every error that is expected, and the problem that it is; the first that fits counts."""

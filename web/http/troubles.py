"""How a failure is shown: its status and its sentence, as a page or as a part of one."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from app.colleagues import Colleagues, read_colleagues
from app.error_codes import category_of
from app.errors import AppError, ErrorCategory, Fault
from app.expected_errors import EXPECTED, app_error
from app.outside import NAMES
from app.texts import Texts
from domain.case_numbers import is_case_number
from domain.errors import Category
from domain.language.forms import fault_params
from runtime.log import places_of
from store.errors import CorruptRow, StoreDown
from web.forms.words import QUOTES, Words
from web.http.queries import PARAMETERS
from web.http.session import UNATTENDED
from web.rendering.pages import page
from web.rendering.recipients import with_names
from web.rendering.texts import translate
from web.visitor import SignedOut, Visitor, anybody

STATUS: Final[Mapping[ErrorCategory, int]] = {
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
CODES: Final[Mapping[int, str]] = {
    400: "malformed",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
}
"""The codes of what the framework itself refuses, by status."""
INTERNAL: Final = 500
HIDDEN: Final = frozenset({403, 404})
"""With these there may be no case that the visitor sees."""
UNKNOWN: Final = "extra_forbidden"
MOST_SHOWN: Final = 40
"""So much is shown of a name that somebody wrote into an address."""
SIGN_IN: Final = "/sign-in"
NOBODY: Final = Colleagues()

log = structlog.get_logger("banjie.web")


@dataclass(frozen=True)
class Trouble:
    """Why a request failed, for a person; `faults` are by the JSON pointer of their field."""

    code: str
    status: int
    title: str
    detail: str
    faults: Mapping[str, str]


def install(app: FastAPI) -> None:
    """Show every expected error to the visitor; the outermost middleware shows the others."""
    for error in (*EXPECTED, RequestValidationError, HTTPException, SignedOut):
        app.add_exception_handler(error, show)


def trouble_of(
    error: AppError, texts: Texts, locale: str, colleagues: Colleagues = NOBODY
) -> Trouble:
    """Return what a visitor is told of an error, with the names of those whom they are shown."""
    code, kind = error.code, error.kind
    params = with_names(error.params, colleagues, locale)
    detail = texts.say(code, params, locale, kind=kind, otherwise=str(error) or code)
    faults = {
        fault.pointer: texts.fault(fault.code, fault.detail, locale, fault.params, kind=kind)
        for fault in error.faults
    }
    status = STATUS[category_of(code)]
    return Trouble(code, status, texts.title(code, locale, kind), detail, faults)


def is_partial(request: Request) -> bool:
    """Say whether a script of the page asks for a part of it."""
    return request.headers.get("hx-request-type") == "partial"


async def show(request: Request, error: Exception) -> Response:
    """Return the page, or the part of one, that says what went wrong."""
    visitor = getattr(request.state, "visitor", None) or anybody(request)
    if isinstance(error, SignedOut):
        return _signed_out(request)
    if isinstance(error, CorruptRow):
        request.app.state.services.corrupt_rows.note(error.table, [error.number])
    colleagues = await _named(request, visitor, error)
    trouble = _trouble(request, error, visitor.locale, colleagues)
    response = _shown(request, trouble, visitor.locale)
    if isinstance(error, HTTPException):
        response.headers.update(error.headers or {})
    return response


async def _named(request: Request, visitor: Visitor, error: Exception) -> Colleagues:
    """Return the colleagues where an error names somebody; while the store is down, nobody."""
    expected = app_error(error)
    if visitor.principal is None or expected is None or not {*NAMES} & {*expected.params}:
        return NOBODY
    with suppress(StoreDown):
        return await read_colleagues(request.app.state.services, visitor.principal)
    return NOBODY


def _trouble(request: Request, error: Exception, locale: str, colleagues: Colleagues) -> Trouble:
    texts: Texts = request.app.state.texts
    if expected := app_error(error):
        return trouble_of(expected, texts, locale, colleagues)
    if isinstance(error, RequestValidationError):
        told = {
            _parameter(each, locale): texts.fault(
                str(each["type"]), str(each["msg"]), locale, fault_params(each)
            )
            for each in error.errors()
        }
        detail = texts.say("invalid", {}, locale, otherwise="")
        return Trouble("invalid", 422, texts.title("invalid", locale), detail, told)
    code = "internal"
    status = 500
    if isinstance(error, HTTPException) and error.status_code in CODES:
        code, status = CODES[error.status_code], error.status_code
    else:
        log.error("failed", error=type(error).__qualname__, places=places_of(error))
    detail = texts.say(code, {}, locale, otherwise=code)
    return Trouble(code, status, texts.title(code, locale), detail, {})


def _parameter(error: Mapping[str, Any], locale: str) -> str:
    """Return which part of an address is wrong: the name of one that there is not, as it stands."""
    name = "/".join(map(str, error["loc"][1:]))
    if error["type"] != UNKNOWN:
        return name
    return QUOTES[locale].format(name if len(name) <= MOST_SHOWN else f"{name[:MOST_SHOWN]}…")


def _name(request: Request, pointer: str, locale: str) -> str:
    """Return what people call the field at a pointer; nothing where it is about the whole."""
    path = tuple(each for each in pointer.split("/") if each)
    if request.method == "GET" and len(path) == 1 and path[0] in PARAMETERS:
        return translate(PARAMETERS[path[0]], locale)
    return Words("", locale).label(path)


def named_faults(request: Request, trouble: Trouble, locale: str) -> list[tuple[str, str]]:
    """Return what is wrong, each with what people call the field; nothing is about the whole."""
    return [(_name(request, pointer, locale), said) for pointer, said in trouble.faults.items()]


def _shown(request: Request, trouble: Trouble, locale: str) -> Response:
    values: dict[str, Any] = {
        "trouble": trouble,
        "faults": named_faults(request, trouble, locale),
        "trace": request.state.trace_id,
        "case_path": _case_path(request, trouble),
    }
    if trouble.status >= INTERNAL and UNATTENDED in request.headers:
        # Nobody asked for it, and it is asked for again in a moment.
        return Response(status_code=trouble.status)
    if is_partial(request):
        return page(request, "parts/trouble.html", values, status=trouble.status)
    return page(request, "trouble.html", values, status=trouble.status)


def _case_path(request: Request, trouble: Trouble) -> str:
    """Return the way back to the case that it was about; nothing where that leads nowhere."""
    number = str(request.path_params.get("number", ""))
    own = f"/cases/{number}"
    is_of_case = request.url.path.startswith(f"{own}/") and is_case_number(number)
    return own if is_of_case and trouble.status not in HIDDEN else ""


def _signed_out(request: Request) -> Response:
    """Let the visitor log in: over the page if a script of it asks, else on a page of its own."""
    if request.headers.get("hx-request"):
        return page(request, "sign_in/again.html", {}, status=401)
    if request.method != "GET":
        return page(request, "sign_in/ended.html", {}, status=401)
    target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"{SIGN_IN}?next={quote(target, safe='')}", status_code=303)

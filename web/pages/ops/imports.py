"""`/ops/import`: cases of another system are tried, then taken over, from what is pasted."""

from collections import Counter
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import TypeAdapter, ValidationError

from app.errors import invalid
from app.expected_errors import app_error
from app.import_cases import DEFAULT_SOURCE, MAX_LINES, ImportedLine, ImportStatus, import_cases
from app.import_file import FileLine, UnreadableFile, read_import_file
from app.texts import Texts
from domain.language.values import Code
from web.http.posted import Posted, PostedForm
from web.http.troubles import trouble_of
from web.pages.ops.shared import page_or_panel, services_of
from web.pages.ops.visitors import Administrator
from web.visitor import Visitor

router = APIRouter()
PATH = "/ops/import"
SOURCE: Final = TypeAdapter[str](Code)


@router.get(PATH)
async def show(request: Request, visitor: Administrator) -> HTMLResponse:
    """Show the form."""
    return page_or_panel(request, visitor, "import", _values(DEFAULT_SOURCE, ""))


@router.post(PATH)
async def take_over(request: Request, visitor: Administrator, posted: PostedForm) -> Response:
    """Say what would be done with what was pasted or, once that was seen, do it."""
    source, text = posted.get("source", "").strip(), posted.get("text", "")
    dry_run = "import" not in posted
    cases = _read(source, posted)
    bodies = [case.body for case in cases]
    lines = await import_cases(
        services_of(request), visitor.caller, source, bodies, dry_run=dry_run
    )
    totals = Counter(line.status for line in lines)
    values = {
        **_values(source, text),
        "done": not dry_run,
        "totals": {each: totals[each] for each in ImportStatus if totals[each]},
        "lines": [_line(request, visitor, *pair) for pair in zip(cases, lines, strict=True)],
        "may_import": dry_run and totals[ImportStatus.WOULD_START] > 0,
    }
    return page_or_panel(request, visitor, "import", values)


def _values(source: str, text: str) -> dict[str, Any]:
    given: dict[str, Any] = {"totals": {}, "lines": [], "done": False, "may_import": False}
    return {**given, "source": source, "text": text, "most": MAX_LINES}


def _read(source: str, posted: Posted) -> list[FileLine]:
    """Return the cases that were pasted.

    Raises:
        Unacceptable: there are none or too many, it is no file of cases, the source is no name.
    """
    try:
        SOURCE.validate_python(source)
    except ValidationError:
        raise invalid("/source", "string_pattern_mismatch", "This is no name.") from None
    try:
        cases = read_import_file(posted.get("text", ""))
    except UnreadableFile as error:
        raise invalid(f"/{error.line}", "csv_unreadable", str(error)) from None
    if not cases:
        raise invalid("/text", "no_rows", "There are no rows below the heading.")
    if len(cases) > MAX_LINES:
        bound = {"max_length": MAX_LINES}
        raise invalid("/text", "too_long", f"There are at most {MAX_LINES}.", **bound)
    return cases


def _line(request: Request, visitor: Visitor, case: FileLine, line: ImportedLine) -> dict[str, Any]:
    texts: Texts = request.app.state.texts
    error = app_error(line.error) if line.error else None
    trouble = trouble_of(error, texts, visitor.locale) if error else None
    whys = [*trouble.faults.items()] if trouble else []
    if trouble and not whys:
        whys = [("", trouble.detail)]
    return {"line": case.line, "imported": line, "whys": whys}

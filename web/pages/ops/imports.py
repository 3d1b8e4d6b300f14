"""`/ops/import`: cases of another system are tried, then taken over, from what is pasted."""

import re
from collections import Counter
from dataclasses import replace
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import TypeAdapter, ValidationError

from app.errors import Unacceptable, invalid
from app.expected_errors import app_error
from app.import_cases import DEFAULT_SOURCE, MAX_LINES, ImportedLine, ImportStatus, import_cases
from app.import_file import FileLine, UnreadableFile, read_import_file
from app.texts import Texts
from domain.language.values import Code
from store.db.clock import utc_now
from web.http.posted import Posted, PostedForm
from web.http.troubles import trouble_of
from web.pages.ops.import_columns import (
    column_of,
    columns,
    example_csv,
    example_lines,
    part_of_page,
)
from web.pages.ops.shared import page_or_panel, services_of
from web.pages.ops.visitors import Administrator
from web.rendering.texts import Sentence, translate
from web.visitor import Visitor

UNREADABLE: Final = "not_utf8"
NOT_UTF_8: Final = Sentence("This file is no text in UTF-8. Save it as CSV in UTF-8 first.")
"""Here a person needs that word: a spreadsheet has it in its list of formats."""

router = APIRouter()
PATH = "/ops/import"
SOURCE: Final = TypeAdapter[str](Code)
NO_TEXT: Final = re.compile(r"[\x00-\x08\x0e-\x1f\ufffd]")
"""What stands in no text: control characters, and what a browser puts where bytes are no UTF-8."""


@router.get(PATH)
async def show(request: Request, visitor: Administrator) -> HTMLResponse:
    """Show the form."""
    values = {**_values(DEFAULT_SOURCE, ""), "columns": columns(visitor.locale)}
    return page_or_panel(request, visitor, "import", values)


@router.get(PATH + "/example.csv")
async def show_csv(_: Request, visitor: Administrator) -> Response:
    """Return cases in CSV that could be imported, to see how they are written."""
    return _file("example.csv", "text/csv", example_csv(visitor.locale, utc_now()))


@router.get(PATH + "/example.jsonl")
async def show_lines(_: Request, visitor: Administrator) -> Response:
    """Return the same as JSON lines."""
    return _file("example.jsonl", "application/jsonl", example_lines(visitor.locale, utc_now()))


@router.post(PATH)
async def take_over(request: Request, visitor: Administrator, posted: PostedForm) -> Response:
    """Say what would be done with what was pasted or, once that was seen, do it."""
    source, text = posted.get("source", "").strip(), posted.get("text", "")
    dry_run = "import" not in posted
    try:
        cases = _read(source, posted)
        bodies = [case.body for case in cases]
        lines = await import_cases(
            services_of(request), visitor.caller, source, bodies, dry_run=dry_run
        )
    except Unacceptable as error:
        return _refused(request, visitor, error, _values(source, text))
    is_csv = not text.lstrip().startswith("{")
    totals = Counter(line.status for line in lines)
    values = {
        **_values(source, text),
        "columns": columns(visitor.locale),
        "done": not dry_run,
        "totals": {each: totals[each] for each in ImportStatus if totals[each]},
        "lines": [
            _line(request, visitor, *pair, is_csv=is_csv) for pair in zip(cases, lines, strict=True)
        ],
        "may_import": dry_run and totals[ImportStatus.WOULD_START] > 0,
    }
    return page_or_panel(request, visitor, "import", values)


def _refused(
    request: Request, visitor: Visitor, error: Unacceptable, values: dict[str, Any]
) -> Response:
    """Say once why all of it is refused, above the form with what was pasted."""
    texts: Texts = request.app.state.texts
    trouble = trouble_of(error, texts, visitor.locale)
    if any(fault.code == UNREADABLE for fault in error.faults):
        trouble = replace(trouble, faults={"": translate(NOT_UTF_8, visitor.locale)})
    faults = trouble.faults.items()
    told = {
        "trouble": trouble,
        "faults": [(part_of_page(pointer, visitor.locale), said) for pointer, said in faults],
        "columns": columns(visitor.locale),
    }
    return page_or_panel(request, visitor, "import", values | told, status=trouble.status)


def _file(name: str, media_type: str, text: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type=media_type, headers=headers)


def _values(source: str, text: str) -> dict[str, Any]:
    given: dict[str, Any] = {"totals": {}, "lines": [], "done": False, "may_import": False}
    given |= {"trouble": None, "faults": []}
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
    text = posted.get("text", "")
    if NO_TEXT.search(text):
        raise invalid("/text", UNREADABLE, "This is no text in UTF-8.")
    try:
        cases = read_import_file(text)
    except UnreadableFile as error:
        raise invalid(f"/{error.line}", "csv_unreadable", str(error)) from None
    if not cases:
        raise invalid("/text", "no_rows", "There are no rows below the heading.")
    if len(cases) > MAX_LINES:
        bound = {"max_length": MAX_LINES}
        raise invalid("/text", "too_long", f"There are at most {MAX_LINES}.", **bound)
    return cases


def _line(
    request: Request, visitor: Visitor, case: FileLine, line: ImportedLine, *, is_csv: bool
) -> dict[str, Any]:
    texts: Texts = request.app.state.texts
    error = app_error(line.error) if line.error else None
    trouble = trouble_of(error, texts, visitor.locale) if error else None
    whys = [
        (column_of(pointer, case.body, is_csv=is_csv, locale=visitor.locale), said)
        for pointer, said in (trouble.faults.items() if trouble else ())
    ]
    if trouble and not whys:
        whys = [("", trouble.detail)]
    return {"line": case.line, "imported": line, "whys": whys}

"""`/v1/cases:import`: take over cases of another system, or only say what would be done."""

from collections import Counter
from functools import partial
from typing import Any

from fastapi import APIRouter

from api.cases.schemas import CaseImport, ImportedLine, ImportReport
from api.http.dependencies import LocaleDep, ServicesDep, TextsDep, TraceIdDep
from api.http.error_handlers import problem_of
from api.http.headers import IdempotencyKey, read_key
from api.http.problems import problem_body
from api.http.security import Caller
from app import import_cases as importing

router = APIRouter(prefix="/v1", tags=["cases"])


@router.post(
    "/cases:import", operation_id="import_cases", summary="Take over running and old cases"
)
async def import_cases(
    services: ServicesDep,
    texts: TextsDep,
    locale: LocaleDep,
    trace_id: TraceIdDep,
    caller: Caller,
    body: CaseImport,
    idempotency_key: IdempotencyKey,
) -> ImportReport:
    """Take over up to 100 cases of another system, 1 MiB in all; only administrators may.

    A case is known by `source` and its `external_ref`: one that is there already stays as it is,
    so a file that was imported in part may come again. A case that is `unanswered` may have been
    started or not: send the request again, unchanged. `received_at` may be of any age.
    """
    to_body = partial(problem_body, texts=texts, locale=locale, trace_id=trace_id)
    key = read_key(idempotency_key)
    done = await importing.import_cases(
        services, caller, body.source, body.cases, dry_run=body.dry_run, key=key
    )

    def line(each: importing.ImportedLine) -> ImportedLine:
        problem: Any = to_body(problem_of(each.error)) if each.error else None
        return ImportedLine(
            line=each.line,
            external_ref=each.external_ref,
            status=each.status,
            number=each.number,
            problem=problem,
        )

    totals = Counter(each.status for each in done)
    return ImportReport(
        source=body.source, dry_run=body.dry_run, totals=totals, lines=[line(each) for each in done]
    )

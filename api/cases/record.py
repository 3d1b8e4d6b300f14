"""`/v1/cases/{number}/record`: the case on paper, as its customer may read it."""

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from api.http.dependencies import LocaleDep, PrinterDep, ServicesDep
from api.http.disconnect import CLIENT_LEFT, while_connected
from api.http.headers import Number
from api.http.problems import problem
from api.http.security import Caller
from app.service_record import read_for_record
from app.texts import tag
from ops.record import Material, Printer, PrinterBusy, PrintJob, RecordTooLong
from store.db.clock import utc_now

router = APIRouter(prefix="/v1/cases", tags=["cases"])

Format = Literal["html", "pdf"]
Edition = Literal["customer", "internal"]
LANGUAGES: Final = {"zh": "zh_CN", "en": "en"}
MEDIA_TYPES: Final = {"html": "text/html; charset=utf-8", "pdf": "application/pdf"}
# The page is served from our own origin: nothing in it may run, load or be framed.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


class RecordQuery(BaseModel):
    """Which record it is to be: a page or a file, for whom, in which language."""

    format: Format = Field("html", description="A page, or a file to print.")
    edition: Edition = Field(
        "customer",
        description="`internal` adds who decided on money, and what it costs us; for staff.",
    )
    lang: Literal["zh", "en"] | None = Field(None, description="Instead of Accept-Language.")


@router.get(
    "/{number}/record",
    operation_id="get_record",
    summary="Print a case for its customer",
    response_class=Response,
    responses={200: {"content": {"text/html": {}, "application/pdf": {}}}},
)
async def get_record(
    request: Request,
    printer: PrinterDep,
    locale: LocaleDep,
    services: ServicesDep,
    caller: Caller,
    number: Number,
    asked: Annotated[RecordQuery, Query()],
) -> Response:
    """Return the written service record (书面服务记录): what was raised, done, decided, and when.

    Neither internal comments nor anybody's name are in it, whoever asks; the `internal` edition
    names who decided on money. A few are set at once,
    others wait their turn; one whose caller leaves is given up.
    """
    inside = asked.edition == "internal"
    material = Material(*await read_for_record(services, caller, number, inside=inside))
    language = LANGUAGES[asked.lang] if asked.lang else locale
    job = PrintJob(material, language, services.business_zone, utc_now())
    content = await while_connected(request, _print(printer, job, asked.format))
    if content is None:
        return Response(status_code=CLIENT_LEFT)
    headers = {
        "Content-Language": tag(language),
        "Content-Disposition": f'inline; filename="{_name(number, asked.edition)}.{asked.format}"',
        "Vary": "Accept-Language",
    }
    if asked.format == "html":
        headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return Response(content, media_type=MEDIA_TYPES[asked.format], headers=headers)


def _name(number: str, edition: Edition) -> str:
    """Return the name of the file: nobody sends ours for the customer's by mistake."""
    return number if edition == "customer" else f"{number}-{edition}"


async def _print(printer: Printer, job: PrintJob, format: Format) -> bytes:  # noqa: A002
    try:
        return await (printer.file(job) if format == "pdf" else printer.page(job))
    except PrinterBusy:
        raise problem("printer_busy") from None
    except RecordTooLong:
        raise problem("record_too_long") from None

"""`/v1/cases/{number}/record`: the case on paper, as its customer may read it."""

import asyncio
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Response

from api.http.dependencies import LocaleDep, ServicesDep
from api.http.headers import Number
from api.http.security import Caller
from app.service_record import read_for_record
from app.texts import tag
from ops.record import Material, as_html, as_pdf, compose
from store.db.clock import utc_now

router = APIRouter(prefix="/v1/cases", tags=["cases"])

Format = Literal["html", "pdf"]
LANGUAGES: Final = {"zh": "zh_CN", "en": "en"}
MEDIA_TYPES: Final = {"html": "text/html; charset=utf-8", "pdf": "application/pdf"}
# The page is served from our own origin: nothing in it may run, load or be framed.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


@router.get(
    "/{number}/record",
    operation_id="get_record",
    summary="Print a case for its customer",
    response_class=Response,
    responses={200: {"content": {"text/html": {}, "application/pdf": {}}}},
)
async def get_record(
    locale: LocaleDep,
    services: ServicesDep,
    caller: Caller,
    number: Number,
    format: Annotated[Format, Query(description="A page, or a file to print.")] = "html",  # noqa: A002
    lang: Annotated[
        Literal["zh", "en"] | None, Query(description="Instead of Accept-Language.")
    ] = None,
) -> Response:
    """Return the written service record (书面服务记录): what was raised, done, decided, and when.

    Neither internal comments nor anybody's name are in it, whoever asks.
    """
    material = Material(*await read_for_record(services, caller, number))
    language = LANGUAGES[lang] if lang else locale
    content = await asyncio.to_thread(_render, services, material, format, language)
    headers = {
        "Content-Language": tag(language),
        "Content-Disposition": f'inline; filename="{number}.{format}"',
        "Vary": "Accept-Language",
    }
    if format == "html":
        headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return Response(content, media_type=MEDIA_TYPES[format], headers=headers)


def _render(services: ServicesDep, material: Material, format: Format, language: str) -> bytes:  # noqa: A002
    record = compose(material, language, services.business_zone, utc_now())
    return as_pdf(record) if format == "pdf" else as_html(record).encode()

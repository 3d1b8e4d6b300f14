"""`/ops/cases/{number}`: a case step by step as it was, its replay on this code, its proof."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.audit import read_case_seal
from app.authentication import Principal
from app.case_past import entries_of, read_step
from app.colleagues import read_colleagues
from app.errors import NotFound, NumberMisread
from ops.audit.background import CheckedProof
from ops.operations import PROVE, REPLAY
from web.http.troubles import trouble_of
from web.pages.ops.entries import Shown
from web.pages.ops.overview import overview_values
from web.pages.ops.shared import (
    made_at,
    operations_of,
    page_or_panel,
    panel_or_way_back,
    services_of,
)
from web.pages.ops.visitors import Reader
from web.visitor import Visitor

router = APIRouter()
PATH = "/ops/cases/{number}"


@router.get("/ops/cases")
async def find(request: Request, visitor: Reader, number: str = "") -> Response:
    """Go to the history of a case, or say beside what was typed why there is none."""
    wanted = number.strip().upper()
    if not wanted:
        return RedirectResponse("/ops", status_code=303)
    try:
        await _check(request, visitor.caller, wanted)
    except (NotFound, NumberMisread) as error:
        trouble = trouble_of(error, request.app.state.texts, visitor.locale)
        values = {**await overview_values(request, visitor), "typed": number, "trouble": trouble}
        return page_or_panel(request, visitor, "overview", values, status=trouble.status)
    return RedirectResponse(f"/ops/cases/{wanted}", status_code=303)


@router.get(PATH)
async def show(
    request: Request, visitor: Reader, number: str, seq: int | None = None
) -> HTMLResponse:
    """Show a case as it was when an entry was its newest, the last one unless another is named."""
    services = services_of(request)
    step = await read_step(services, visitor.caller, number, seq)
    colleagues = await read_colleagues(services, visitor.caller)
    shown = Shown(step, visitor.locale, services.business_zone, colleagues)
    values = {"number": number, "shown": shown, "colleagues": colleagues}
    return page_or_panel(request, visitor, "history", values, "moment")


@router.get(PATH + "/replay")
async def show_replay(request: Request, visitor: Reader, number: str) -> HTMLResponse:
    """Show the verdict of the newest replay, or how far it is."""
    await _check(request, visitor.caller, number)
    return page_or_panel(request, visitor, "replay", _replay(request, visitor, number))


@router.post(PATH + "/replay")
async def replay(request: Request, visitor: Reader, number: str) -> Response:
    """Begin to replay a case on this code, unless somebody has."""
    await _check(request, visitor.caller, number)
    operations_of(request).replay(visitor.caller.tenant, number)
    values = _replay(request, visitor, number)
    return panel_or_way_back(request, visitor, "replay", values, f"/ops/cases/{number}/replay")


@router.get(PATH + "/proof")
async def show_proof(request: Request, visitor: Reader, number: str) -> HTMLResponse:
    """Show what seals a case, and whether that was proved."""
    values = await _proof(request, visitor, number)
    return page_or_panel(request, visitor, "proof", values)


@router.post(PATH + "/proof")
async def prove(request: Request, visitor: Reader, number: str) -> Response:
    """Begin to prove a case, unless somebody has."""
    await _check(request, visitor.caller, number)
    operations_of(request).prove(visitor.caller.tenant, number)
    values = await _proof(request, visitor, number)
    return panel_or_way_back(request, visitor, "proof", values, f"/ops/cases/{number}/proof")


@router.get(PATH + "/proof.json")
async def download_proof(request: Request, visitor: Reader, number: str) -> Response:
    """Return the newest proof as a file, for `banjie audit check`; it holds hashes, no words.

    Where there is none, go to where one is made.
    """
    await _check(request, visitor.caller, number)
    job = operations_of(request).newest(PROVE, visitor.caller.tenant, number)
    if job is None or not isinstance(job.result, CheckedProof):
        return RedirectResponse(f"/ops/cases/{number}/proof", status_code=303)
    text = job.result.proof.model_dump_json(indent=1, exclude_none=True)
    name = f'attachment; filename="{number}.proof.json"'
    return Response(text, media_type="application/json", headers={"Content-Disposition": name})


async def _check(request: Request, caller: Principal, number: str) -> None:
    """Check that there is such a case for the caller.

    Raises:
        NotFound, NumberMisread
    """
    await entries_of(services_of(request), caller, number, limit=1)


def _replay(request: Request, visitor: Visitor, number: str) -> dict[str, Any]:
    job = operations_of(request).newest(REPLAY, visitor.caller.tenant, number)
    return {"number": number, "job": job}


async def _proof(request: Request, visitor: Visitor, number: str) -> dict[str, Any]:
    operations = operations_of(request)
    seal = await read_case_seal(services_of(request), visitor.caller, number)
    return {
        "number": number,
        "job": operations.newest(PROVE, visitor.caller.tenant, number),
        "seal": seal,
        "sealed_at": made_at(seal.checkpoint),
        "has_key": bool(operations.audit.public_keys),
    }

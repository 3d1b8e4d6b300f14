"""How cases flow: `/v1/kinds/{kind}/flow` for all of a kind, `/v1/cases/{number}/flow` for one."""

from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.http.dependencies import ServicesDep
from api.http.headers import Number
from api.http.problems import invalid, problem
from api.http.request_log import locale
from api.http.security import Caller, Colleague
from app.case_past import entries_of
from app.flow import CaseFlow, KindFlow, case_flow, kind_flow
from app.read_cases import process_of
from cases import CURRENT, KINDS
from domain.engine.process import Process
from domain.mining.diagrams import Label
from i18n.labels import label
from store.db.clock import utc_now

router = APIRouter(prefix="/v1", tags=["flow"])


class FlowQuery(BaseModel):
    """Which time is counted; without any, all of it. `until` itself is left out."""

    model_config = ConfigDict(extra="forbid")

    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    version: int | None = Field(None, description="Of the process; the newest if none is named.")

    def times(self) -> tuple[datetime | None, datetime | None]:
        """From when until when.

        Raises:
            Problem: it ends before it starts.
        """
        if self.since and self.until and self.since >= self.until:
            raise invalid("query/until", "ends_before_it_starts", "until must be after since.")
        return self.since, self.until


@router.get("/kinds/{kind}/flow", operation_id="get_kind_flow", summary="See how a kind flows")
async def get_kind_flow(
    request: Request,
    services: ServicesDep,
    caller: Colleague,
    kind: str,
    asked: Annotated[FlowQuery, Query()],
) -> KindFlow:
    """Per state and per arrow: how many, the median and p90 time; up to a minute old."""
    since, until = asked.times()
    process = CURRENT.get(kind) if asked.version is None else KINDS.get((kind, asked.version))
    if process is None:
        raise problem("not_found")
    counted = await services.flow_counter.count(caller.tenant, process, since, until, utc_now())
    return kind_flow(process, counted, _words(process, locale(request)))


@router.get("/cases/{number}/flow", operation_id="get_case_flow", summary="See a case's way")
async def get_case_flow(
    request: Request, services: ServicesDep, caller: Caller, number: Number
) -> CaseFlow:
    """The process with the way of this case drawn in, and the time before each of its arrows."""
    entries = await entries_of(services, caller, number)
    process = process_of(entries)
    return case_flow(process, number, entries, _words(process, locale(request)))


def _words(process: Process, locale: str) -> Label:
    return partial(label, locale=locale, kind=process.kind)

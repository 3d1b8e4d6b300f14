"""How cases flow: `/v1/kinds/{kind}/flow` for all of a kind, `/v1/cases/{number}/flow` for one."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.http.dependencies import LocaleDep, ServicesDep
from api.http.headers import Number
from api.http.security import Caller
from app.errors import invalid
from app.flow import CaseFlow, KindFlow, read_case_flow, read_kind_flow
from domain.language.values import Instant

router = APIRouter(prefix="/v1", tags=["flow"])


class FlowQuery(BaseModel):
    """Which time is counted, all of it by default; `until` itself is left out."""

    model_config = ConfigDict(extra="forbid")

    since: Instant | None = None
    until: Instant | None = None
    version: int | None = Field(None, description="Of the process; the newest if none is named.")

    def times(self) -> tuple[datetime | None, datetime | None]:
        """Return from when until when.

        Raises:
            Unacceptable: it ends before it starts.
        """
        if self.since and self.until and self.since >= self.until:
            raise invalid("query/until", "ends_before_it_starts", "until must be after since.")
        return self.since, self.until


@router.get("/kinds/{kind}/flow", operation_id="get_kind_flow", summary="See how a kind flows")
async def get_kind_flow(
    locale: LocaleDep,
    services: ServicesDep,
    caller: Caller,
    kind: str,
    query: Annotated[FlowQuery, Query()],
) -> KindFlow:
    """Return counts, median and p90 time per state and per arrow; up to a minute old."""
    since, until = query.times()
    return await read_kind_flow(services, caller, kind, query.version, since, until, locale)


@router.get("/cases/{number}/flow", operation_id="get_case_flow", summary="See a case's way")
async def get_case_flow(
    locale: LocaleDep, services: ServicesDep, caller: Caller, number: Number
) -> CaseFlow:
    """Return the process with this case's path drawn in, and the time before each arrow."""
    return await read_case_flow(services, caller, number, locale)

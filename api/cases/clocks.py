"""`/v1/cases/{number}/clocks`: the clocks of a case, and why each is due when it is."""

from fastapi import APIRouter

from api.http.dependencies import ServicesDep
from api.http.headers import Number
from api.http.schemas import ResponseModel
from api.http.security import Caller
from app.read_cases import explain_clocks
from domain.read_models.explain import Explanation

router = APIRouter(prefix="/v1/cases", tags=["cases"])


class ClockList(ResponseModel):
    """A case's clocks, older instances first."""

    items: list[Explanation]


@router.get("/{number}/clocks", operation_id="get_clocks", summary="Explain a case's clocks")
async def get_clocks(services: ServicesDep, caller: Caller, number: Number) -> ClockList:
    """Return each clock with its budget, its pauses, the case's own limit, and the policy's."""
    return ClockList(items=await explain_clocks(services, caller, number))

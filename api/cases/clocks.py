"""`/v1/cases/{number}/clocks`: a case's promises, and why each is due when it is."""

from fastapi import APIRouter

from api.http.dependencies import ServicesDep
from api.http.headers import Number
from api.http.schemas import Answer
from api.http.security import Caller
from app.read_cases import explain_clocks
from domain.read_models.explain import Explanation

router = APIRouter(prefix="/v1/cases", tags=["cases"])


class Clocks(Answer):
    """A case's clocks, older instances first."""

    items: list[Explanation]


@router.get("/{number}/clocks", operation_id="get_clocks", summary="Explain a case's clocks")
async def get_clocks(services: ServicesDep, caller: Caller, number: Number) -> Clocks:
    """Each clock with its budget, its pauses, the case's own limit, and what the policy says."""
    return Clocks(items=await explain_clocks(services, caller, number))

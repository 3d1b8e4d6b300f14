"""`/v1/cases/{number}/clocks`: the clocks of a case, and why each is due when it is."""

from fastapi import APIRouter

from api.http.dependencies import LocaleDep, ServicesDep
from api.http.headers import Number
from api.http.schemas import ResponseModel
from api.http.security import Caller
from app.clock_sentence import clock_sentence
from app.read_cases import explain_clocks
from domain.read_models.explain import Explanation
from policies.documents import calendar_title

router = APIRouter(prefix="/v1/cases", tags=["cases"])


class ExplainedClock(Explanation):
    """A clock with why it reads as it does; `sentence` says it in the caller's language."""

    calendar_title: str
    sentence: str


class ClockList(ResponseModel):
    """A case's clocks, older instances first."""

    items: list[ExplainedClock]


@router.get("/{number}/clocks", operation_id="get_clocks", summary="Explain a case's clocks")
async def get_clocks(
    locale: LocaleDep, services: ServicesDep, caller: Caller, number: Number
) -> ClockList:
    """Return each clock with its budget, its pauses, the case's own limit, and the policy's.

    `intervals` are all of its time, closed hours included, with the entries that caused them;
    `sentence` says the same in the language of `Accept-Language`.
    """
    explained = await explain_clocks(services, caller, number)
    items = [
        ExplainedClock(
            **clock.model_dump(),
            calendar_title=calendar_title(clock.calendar, locale),
            sentence=clock_sentence(clock, services.business_zone, locale),
        )
        for clock in explained
    ]
    return ClockList(items=items)

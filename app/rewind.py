"""Plan a rewind: where the case would be, and what has happened that nobody can undo."""

from app.authentication import Principal
from app.authorization import Right, check_right, check_staff
from app.expected_errors import refused
from app.read_cases import load_case
from app.services import Services
from domain.errors import Refusal
from domain.read_models.rewind_plan import RewindPlan, plan_rewind
from store.db.clock import utc_now


async def plan_case_rewind(
    services: Services, caller: Principal, number: str, to: int
) -> tuple[str, RewindPlan]:
    """Return the case's kind and the plan to take it back to the entry `to`; changes nothing.

    Raises:
        Forbidden: only our own staff may.
        Refused: there is no such entry to go back to.
        NotFound, NumberMisread
        StoreDown
    """
    check_staff(caller)
    loaded = await load_case(services, caller, number, "")
    check_right(caller, Right.READ_ALL_CASES)
    kind = loaded.process.kind
    try:
        return kind, plan_rewind(loaded.process, loaded.case, to, loaded.actor, utc_now())
    except Refusal as refusal:
        raise refused(refusal, kind) from None

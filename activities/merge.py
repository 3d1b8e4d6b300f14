"""Merges: the case that is to go on is asked once, and its answer is told to the one that asked."""

from collections.abc import Awaitable, Callable
from typing import Final

from pydantic import JsonValue
from temporalio import activity

from domain.engine.merge_errors import MergedInto
from domain.engine.merged import JOIN, MERGE_PORT, PART
from domain.engine.messages import Command, Outcome, PendingCall, Request
from domain.language.roles import the_router
from temporal.results import CaseNotFound, CaseOver, Refused, SubmitResult

NOT_FOUND: Final = "not_found"
CASE_OVER: Final = "case_over"

Submit = Callable[[str, Request], Awaitable[SubmitResult]]
"""Submits a request to a case; the same request again changes nothing."""


class MergeActivity:
    """The activity `merge`, given a function that submits requests to cases."""

    def __init__(self, submit: Submit) -> None:
        self._submit = submit

    @activity.defn(name=MERGE_PORT)
    async def merge(self, call: PendingCall) -> Outcome:
        """Ask the other case to go on for this one, or no more, however often Temporal tries.

        Nobody can keep a case from being what it was again: a case that is over, or never went on
        for this one, is asked in vain, and that is enough.

        Raises:
            EngineDown: whether it was asked is unknown; Temporal tries again.
        """
        form: dict[str, JsonValue] = {"number": call.number}
        if call.template == JOIN and "due" in call.params:
            form |= {"due": call.params["due"], "stays": True}
        request = Request(
            tenant=call.tenant,
            id=f"merge:{call.key}",
            actor=the_router(str(call.params["by"])),
            commands=(Command(step=call.template, form=form),),
        )
        try:
            await self._submit(str(call.params["into"]), request)
        except (Refused, CaseNotFound, CaseOver) as refusal:
            if call.template != PART:
                return Outcome(step=call.refused, form=_reason(refusal))
        return Outcome(step=call.done)


def _reason(refusal: Refused | CaseNotFound | CaseOver) -> dict[str, JsonValue]:
    """Return why the other case refused; one that is merged itself says into which."""
    if not isinstance(refusal, Refused):
        return {"reason": CASE_OVER if isinstance(refusal, CaseOver) else NOT_FOUND}
    reason: dict[str, JsonValue] = {"reason": str(refusal.params.get("why") or refusal.code)}
    goes_on = refusal.params.get("into") if refusal.code == MergedInto.code else None
    return {**reason, "goes_on": str(goes_on)} if goes_on else reason

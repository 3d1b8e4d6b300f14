"""The world as a case's walk meets it: what it did, what it took back, each under a reference."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from domain.engine.action_forms import CompensationMethod
from domain.engine.messages import Outcome, PendingCall
from domain.engine.process import Process
from domain.engine.rewind.compensation import (
    BY_HAND,
    EFFECT_DONE,
    EFFECT_FAILED,
    IrreversibleEffect,
)
from domain.language.forms import Form

REVERSAL = "_reversal"


@dataclass
class World:
    """What stands in the world, as somebody outside would have written it down."""

    stands: dict[str, PendingCall] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def answer(self, process: Process, pending_call: PendingCall, done: bool) -> Outcome:
        """Do what is asked for, or refuse it; nobody may ask twice, or for what is not there."""
        assert pending_call.key not in self.asked, "the world was asked for the same twice"
        self.asked.append(pending_call.key)
        reference = f"{pending_call.port}-{len(self.asked)}"
        if pending_call.done == EFFECT_DONE:
            reverses = str(pending_call.params["reverses"])
            assert reverses in self.stands, f"{reverses} does not stand"
            if done:
                del self.stands[reverses]
            return Outcome(
                step=EFFECT_DONE if done else EFFECT_FAILED, form={"reference": reference}
            )
        if done:
            self.stands[reference] = pending_call
        step = pending_call.done if done else pending_call.refused
        return Outcome(step=step, form=_told(process.forms[step], reference))

    def by_hand(self, each: IrreversibleEffect) -> None:
        """People took it back themselves."""
        if each.template.endswith(REVERSAL) or each.reference is None or each.port == BY_HAND:
            return
        self.stands.pop(each.reference, None)

    def money(self) -> Decimal:
        """What was paid back and stands."""
        paid = (e.params for e in self.stands.values() if e.port == "refund")
        return sum((Decimal(str(each["amount"])) for each in paid), Decimal())


def hows(each: IrreversibleEffect) -> list[CompensationMethod]:
    """The ways in which an effect may be made up for."""
    return (
        list(CompensationMethod)
        if each.reversible
        else [CompensationMethod.BY_HAND, CompensationMethod.ACCEPT]
    )


def _told(form: type[Form], reference: str) -> dict[str, Any]:
    given = dict.fromkeys(form.model_fields, reference)
    return form.strict(given).canonical()

"""The outside world as a case meets it: what it did and reversed, each under a reference."""

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
    """What is so in the world, as somebody outside would have written it down."""

    effects: dict[str, PendingCall] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)

    def answer(self, process: Process, call: PendingCall, done: bool) -> Outcome:
        """Do what a call asks, or refuse it; no call comes twice, or reverses what is not there."""
        assert call.key not in self.keys, "the world was asked for the same twice"
        self.keys.append(call.key)
        reference = f"{call.port}-{len(self.keys)}"
        if call.done == EFFECT_DONE:
            reverses = str(call.params["reverses"])
            assert reverses in self.effects, f"{reverses} is not so"
            if done:
                del self.effects[reverses]
            return Outcome(
                step=EFFECT_DONE if done else EFFECT_FAILED, form={"reference": reference}
            )
        if done:
            self.effects[reference] = call
        step = call.done if done else call.refused
        return Outcome(step=step, form=_filled(process.forms[step], reference))

    def by_hand(self, effect: IrreversibleEffect) -> None:
        """Let people reverse an effect themselves."""
        if effect.template.endswith(REVERSAL) or effect.reference is None or effect.port == BY_HAND:
            return
        self.effects.pop(effect.reference, None)

    def money(self) -> Decimal:
        """Return what was paid back and not reversed."""
        paid = (e.params for e in self.effects.values() if e.port == "refund")
        return sum((Decimal(str(each["amount"])) for each in paid), Decimal())


def methods_for(effect: IrreversibleEffect) -> list[CompensationMethod]:
    """Return the methods by which an effect may be compensated."""
    return (
        list(CompensationMethod)
        if effect.reversible
        else [CompensationMethod.BY_HAND, CompensationMethod.ACCEPT]
    )


def _filled(form_type: type[Form], reference: str) -> dict[str, Any]:
    values = dict.fromkeys(form_type.model_fields, reference)
    return form_type.strict(values).canonical()

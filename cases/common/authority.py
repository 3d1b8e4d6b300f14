"""How much money a role may decide on, and how somebody above it approves more.

The figures are ours, until authority comes as a policy. They hold for all that a case pays in sum,
so that an amount in parts is no way round them.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import StrEnum

from cases.common.errors import AboveCeiling
from cases.common.roles import (
    ACCOUNT_MANAGER,
    AGENT,
    LEAD,
    MANAGEMENT,
    MANAGERS,
    SEAT,
    SERVICE_MANAGER,
)
from domain.engine.case import Case
from domain.language.forms import Form
from domain.language.roles import NOBODY, Actor, Roles
from domain.language.table import Step, step
from domain.language.values import Money, Text

CURRENCY = "CNY"
"""The currency of the ceilings; an amount in another one is above all of them."""

CEILINGS: Mapping[Roles, Decimal] = {
    SEAT: Decimal(500),
    AGENT: Decimal(1_000),
    LEAD: Decimal(3_000),
    SERVICE_MANAGER | ACCOUNT_MANAGER: Decimal(10_000),
    MANAGEMENT: Decimal(50_000),
}
"""How much a case may pay in sum by the word of one person in these roles (ours)."""

APPROVE = "approve_amount"

Payment = tuple[int, Money]
"""The seq of the entry that reports it, and the amount."""


class Approval(Form):
    """A manager approves an amount for somebody else to pay or to offer, and says why."""

    amount: Money
    reason: Text


def approve_amount(here: StrEnum) -> Step:
    """A manager approves what is above the ceiling of whoever works on the case."""
    return step(APPROVE, Approval, by=MANAGERS, to=here, reports=True)


def ceiling_of(actor: Actor) -> Decimal:
    """Return how much this actor may decide on."""
    ceilings = (most for roles, most in CEILINGS.items() if roles & actor.stands_for)
    return max(ceilings, default=Decimal())


def refuse_above_ceiling(
    case: Case,
    actor: Actor,
    money: Money,
    paid: Sequence[Payment],
    decided: Sequence[Payment] = (),
) -> None:
    """Refuse an amount that neither the actor's roles nor somebody else's word cover.

    Args:
        case: that pays.
        actor: who asks.
        money: what would be paid or offered.
        paid: what the case paid before, whether or not people got it back.
        decided: what was decided on before, which was within somebody's authority then.

    Raises:
        AboveCeiling
    """
    amounts = [money, *(each for _, each in paid)]
    total = _total(amounts)
    if _is_within(ceiling_of(actor), amounts) or money.amount == 0:
        return
    approvals = [
        (entry.seq, Approval.lenient(entry.form).amount)
        for entry in case.effective_entries()
        if entry.step == APPROVE and entry.actor.id != actor.id
    ]
    for seq, granted in (*approvals, *decided):
        before = _total([each for paid_at, each in paid if paid_at <= seq])
        if granted.currency == money.currency and total <= before + granted.amount:
            return
    raise _above_ceiling(actor, money, amounts)


def refuse_approval(actor: Actor, approval: Approval, paid: Sequence[Payment]) -> None:
    """Refuse to approve more than the manager may decide on; management may above all ceilings.

    Raises:
        AboveCeiling
    """
    amounts = [approval.amount, *(each for _, each in paid)]
    is_for_management = not _is_within(max(CEILINGS.values()), amounts)
    if _is_within(ceiling_of(actor), amounts):
        return
    if not (is_for_management and actor.stands_for & MANAGEMENT):
        raise _above_ceiling(actor, approval.amount, amounts)


def _above_ceiling(actor: Actor, money: Money, amounts: Sequence[Money]) -> AboveCeiling:
    fitting = [roles for roles, most in CEILINGS.items() if _is_within(most, amounts)]
    takes = (NOBODY.union(*fitting) & MANAGERS) or MANAGEMENT
    ceiling, paid = ceiling_of(actor), _total(amounts[1:])
    return AboveCeiling(
        f"{money} is above what {actor.stands_for} may decide on: {ceiling} {CURRENCY} in sum, and "
        f"{paid} were paid. Let another person ({takes}) approve it by '{APPROVE}', or do it.",
        amount=str(money),
        ceiling=f"{ceiling} {CURRENCY}",
        paid=str(paid),
        step=APPROVE,
        takes=[*takes],
    )


def _is_within(ceiling: Decimal, amounts: Sequence[Money]) -> bool:
    return {each.currency for each in amounts} == {CURRENCY} and _total(amounts) <= ceiling


def _total(amounts: Sequence[Money]) -> Decimal:
    return sum((each.amount for each in amounts), Decimal())

"""How much money a role may decide on, and how somebody above it approves more.

The figures are ours, until authority comes as a policy. They hold for all that a case pays in sum,
and with it the other cases of its order, so that an amount in parts is no way round them.
"""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum, auto

from cases.common.errors import AboveCeiling
from cases.common.policy import asked_of, policy_of
from cases.common.roles import MANAGEMENT, MANAGERS, STAFF_ROLES
from domain.engine.case import Case
from domain.engine.definition import Approvals, Facts
from domain.engine.rewind.compensation import ProcessHistory
from domain.engine.side_forms import ASK_APPROVAL
from domain.engine.side_task_checks import granted_amounts
from domain.errors import OwnRequest
from domain.language.forms import Form
from domain.language.roles import NOBODY, Actor, Roles, role
from domain.language.spending import Spending
from domain.language.table import Step, step
from domain.language.values import Money, Text


class Pot(StrEnum):
    """Out of which money is given: what a price of goods bounds, or what only goodwill does."""

    PAYMENT = auto()
    GOODWILL = auto()


APPROVE = "approve_amount"

Payment = tuple[int, Money]
"""The seq of the entry that reports it, and the amount."""


class Approval(Form):
    """A manager approves an amount for somebody else to pay or to offer, and says why."""

    amount: Money
    reason: Text


def brought_along(case: Case) -> list[Payment]:
    """Return what another system paid back before it handed the case over: it counts here, too."""
    imported = case.opening.imported
    return [(1, imported.paid_back)] if imported and imported.paid_back else []


def approve_amount(here: StrEnum) -> Step:
    """A manager approves what is above the ceiling of whoever works on the case."""
    return step(APPROVE, Approval, by=MANAGERS, to=here, reports=True)


def _approval_of(money: Money) -> Approval:
    return Approval(amount=money, reason="-")


APPROVALS = Approvals(form=_approval_of, by=MANAGERS)
"""How an amount is approved that somebody asks for: as by the step."""


def ceilings_of(case: Case, pot: Pot) -> Mapping[Roles, Decimal]:
    """Return how much a case may pay, or grant, in sum by the word of one person in each role.

    The figures are of the case's policy; a role that may decide nothing is not among them.
    """
    authority, known = policy_of(case).authority, asked_of(case, Facts())
    decided = {
        name: authority.decide({**known, "pot": pot.value, "role": name}) for name in STAFF_ROLES
    }
    return {role(name): each.value for name, each in decided.items() if each and each.value}


def ceiling_of(actor: Actor, ceilings: Mapping[Roles, Decimal]) -> Decimal:
    """Return how much this actor may decide on."""
    own = (most for roles, most in ceilings.items() if roles & actor.stands_for)
    return max(own, default=Decimal())


def refuse_above_ceiling(
    case: Case,
    actor: Actor,
    money: Money,
    paid: Sequence[Payment],
    decided: Sequence[Payment] = (),
    pot: Pot = Pot.PAYMENT,
    own: Collection[str] = (),
    elsewhere: Sequence[Money] = (),
) -> None:
    """Refuse an amount that neither the actor's roles nor somebody else's word cover.

    Args:
        case: that pays.
        actor: who asks.
        money: what would be paid or offered.
        paid: what the case paid before, whether or not people got it back.
        decided: what was decided on before, which was within somebody's authority then.
        pot: whose ceilings hold.
        own: who else has a part in it, so that their approval is one of their own.
        elsewhere: what other cases of the order give. It counts against the roles of whoever asks;
            what somebody approved in this case they approved knowing it.

    Raises:
        AboveCeiling
    """
    ceilings, currency = ceilings_of(case, pot), policy_of(case).currency
    amounts = [money, *(each for _, each in paid)]
    total, most = _total(amounts), ceiling_of(actor, ceilings)
    if _is_within(most, [*amounts, *elsewhere], currency) or money.amount == 0:
        return
    for seq, granted in (*_approved_by_others(case, {actor.id, *own}), *decided):
        before = _total([each for paid_at, each in paid if paid_at <= seq])
        if granted.currency == money.currency and total <= before + granted.amount:
            return
    raise _above_ceiling(actor, money, amounts, ceilings, currency, elsewhere=elsewhere)


def refuse_own_approval(
    case: Case, actor: Actor, form: Form, leads_to: str | None, own: Collection[str] = ()
) -> None:
    """Refuse to approve an amount to whoever holds the case, or has another part in it.

    It would cover nothing that they pay. What is granted as somebody asked leads nowhere: there the
    engine refuses whoever asked.

    Raises:
        OwnRequest
    """
    if not isinstance(form, Approval) or leads_to is None:
        return
    if actor.id in own or (case.holder is not None and case.holder.id == actor.id):
        raise OwnRequest(
            "Whoever works on the case does not approve its amounts; let somebody else do it.",
            by=actor.id,
            why="amount",
        )


def refuse_approval(
    case: Case,
    actor: Actor,
    approval: Approval,
    paid: Sequence[Payment],
    pot: Pot = Pot.PAYMENT,
    step: str = APPROVE,
    elsewhere: Sequence[Money] = (),
) -> None:
    """Refuse to approve more than the manager may decide on; management may above all ceilings.

    `step` is by which somebody above it would approve.

    Raises:
        AboveCeiling
    """
    ceilings, currency = ceilings_of(case, pot), policy_of(case).currency
    amounts = [approval.amount, *(each for _, each in paid)]
    whole, most = [*amounts, *elsewhere], max(ceilings.values(), default=Decimal())
    if _is_within(ceiling_of(actor, ceilings), whole, currency):
        return
    is_for_management = not _is_within(most, whole, currency)
    if not (is_for_management and actor.stands_for & MANAGEMENT):
        raise _above_ceiling(actor, approval.amount, amounts, ceilings, currency, step, elsewhere)


def _approved_by_others(case: Case, own: Collection[str]) -> list[Payment]:
    """Return what other people approved, of themselves or as they were asked to."""
    by_step = [
        (entry, Approval.lenient(entry.form).amount)
        for entry in case.effective_entries()
        if entry.step == APPROVE
    ]
    approved = (*by_step, *granted_amounts(case))
    return [(entry.seq, amount) for entry, amount in approved if entry.actor.id not in own]


def _above_ceiling(
    actor: Actor,
    money: Money,
    amounts: Sequence[Money],
    ceilings: Mapping[Roles, Decimal],
    currency: str,
    step: str = APPROVE,
    elsewhere: Sequence[Money] = (),
) -> AboveCeiling:
    amounts = [*amounts, *elsewhere]
    fitting = [roles for roles, most in ceilings.items() if _is_within(most, amounts, currency)]
    takes = (NOBODY.union(*fitting) & MANAGERS) or MANAGEMENT
    ceiling, paid = ceiling_of(actor, ceilings), _total(amounts[1:])
    # What is granted to somebody who asks covers what is approved by this step, and nothing else.
    may_ask = step == APPROVE
    where = ", other cases of the order included" if elsewhere else ""
    ask = f"Ask for it by '{ASK_APPROVAL}', l" if may_ask else "L"
    return AboveCeiling(
        f"{money} is above what {actor.stands_for} may decide on: {ceiling} {currency} in sum, and "
        f"{paid} were paid{where}. {ask}et another person ({takes}) take '{step}', or let them do "
        "it.",
        amount=str(money),
        ceiling=f"{ceiling} {currency}",
        paid=str(paid),
        step=step,
        takes=[*takes],
        **({} if may_ask else {"why": "directly"}),
        **({"why": "order", "elsewhere": str(_total(elsewhere))} if elsewhere and may_ask else {}),
    )


def spending_of(others: Sequence[tuple[ProcessHistory, Case]]) -> Spending:
    """Return what these cases give in all, each as its kind says."""
    each = [process.spending(process, case) for process, case in others]
    return Spending(
        priced=tuple(money for one in each for money in one.priced),
        granted=tuple(money for one in each for money in one.granted),
    )


def _is_within(ceiling: Decimal, amounts: Sequence[Money], currency: str) -> bool:
    """Return whether they are all in the currency of ceilings, and no more in sum."""
    return {each.currency for each in amounts} == {currency} and _total(amounts) <= ceiling


def _total(amounts: Sequence[Money]) -> Decimal:
    return sum((each.amount for each in amounts), Decimal())

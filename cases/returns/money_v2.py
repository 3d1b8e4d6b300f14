"""What a return pays back, and how much that may be: in sum, by whom, and of one order."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from pydantic import JsonValue

from cases.common.authority import Approval, Payment, refuse_above_ceiling, refuse_approval
from cases.common.errors import PaidElsewhere
from cases.common.front import refuse_unexplained_withdrawal
from cases.common.roles import MANAGERS
from domain.engine.case import Case
from domain.engine.rewind.compensation import BY_HAND, ProcessHistory, outstanding_effects
from domain.errors import StepNotAllowed
from domain.language.entries import Entry
from domain.language.forms import Form
from domain.language.roles import Actor
from domain.language.spellings import plain_code
from domain.language.spending import Spending
from domain.language.values import Money

from .errors import NoRefund, RefundTooHigh
from .forms import RefundOrder, Retry, Ruling, SettledByHand
from .forms_v2 import Inspection, Review
from .rules import At

RETRIES = 2
"""How often anybody asks again for what the world refused (ours)."""

REVIEWS = frozenset({"review", "decide"})
"""The steps that hand in a `Review`."""

REFUSALS = frozenset({"refund_refused", "replacement_refused"})
"""The steps by which the world refuses."""

APPROVED = frozenset({At.AWAITING_GOODS, At.INSPECTING})
"""Where a review leads that approves."""

OVERRIDE_STORED = "beyond"
"""The name under which entries keep `override_reason`."""


def refund_params(case: Case) -> dict[str, JsonValue]:
    """Return the newest amount that anybody decided on."""
    _, money = next(_decisions(case))
    return money


def check_step(
    process: ProcessHistory, case: Case, actor: Actor, form: Form, leads_to: str | None
) -> None:
    """Refuse what the table allows and the case as a whole does not.

    Raises:
        ReasonMissing, StepNotAllowed, NoRefund, RefundTooHigh, AboveCeiling
    """
    refuse_unexplained_withdrawal(actor, form)
    refuse_idle_amount(form, leads_to)
    if isinstance(form, Retry | RefundOrder):
        refuse_endless_retries(case, actor, form)
    refuse_wrong_payment(process, case, actor, form, leads_to)


def refuse_idle_amount(form: Form, leads_to: str | None) -> None:
    """Refuse an amount where no money is paid back: nobody holds it against any limit.

    Raises:
        NoRefund
    """
    if not isinstance(form, Review | Inspection) or form.amount is None:
        return
    refunds = form.ruling is Ruling.REFUND if isinstance(form, Review) else leads_to == At.REFUNDING
    if not refunds:
        raise NoRefund(
            f"{form.amount} is named where no money is paid back; leave 'amount' out.",
            amount=str(form.amount),
        )


def refuse_endless_retries(case: Case, actor: Actor, form: Form) -> None:
    """Refuse to ask the world again and again; after some attempts a manager decides.

    Raises:
        StepNotAllowed
    """
    if len(_refusals(case)) > RETRIES and not actor.stands_for & MANAGERS:
        raise StepNotAllowed(
            f"The world refused {RETRIES} attempts more, so how it goes on is for {MANAGERS}.",
            step="replace" if isinstance(form, Retry) else "refund",
            takes=[*MANAGERS],
        )


def refuse_wrong_payment(
    process: ProcessHistory, case: Case, actor: Actor, form: Form, leads_to: str | None
) -> None:
    """Refuse to pay back too much, or more than whoever asks may decide on.

    Raises:
        RefundTooHigh, AboveCeiling
    """
    refund = _requested_refund(case, form, leads_to)
    paid = list(refunds(process, case, gross=True))
    if isinstance(form, Approval):
        refuse_approval(case, actor, form, paid)
    if isinstance(form, Review):
        _refuse_another_price(process, case, actor, form)
    if refund is not None:
        refuse_overpaying(process, case, actor, form, refund)
        if leads_to != At.EXCEPTION:
            refuse_above_ceiling(case, actor, refund, paid, _decided(case))


def refuse_overpaying(
    process: ProcessHistory, case: Case, actor: Actor, form: Form, refund: Money
) -> None:
    """Refuse to approve, or to pay, more than was paid for the goods.

    The price of the goods is what a review says in `paid`. Where none does, a refund stays within
    what the newest review approved, and all refunds together within the most that any approved.

    Raises:
        RefundTooHigh
    """
    earlier = list(refunds(process, case))
    price = _price(case, form)
    limit = price or _approved_limit(case, form, [money for _, money in earlier])
    if limit is None:
        return
    paid = sum((money.amount for _, money in earlier), Decimal())
    currencies = {money.currency for _, money in earlier} | {refund.currency, limit.currency}
    within = len(currencies) == 1 and paid + refund.amount <= limit.amount
    if not within and not _is_overridden(case, actor, form, earlier):
        raise _too_high(refund, paid, limit, "paid" if price else "approved")


def refuse_paid_elsewhere(
    process: ProcessHistory,
    case: Case,
    actor: Actor,
    form: Form,
    leads_to: str | None,
    others: Sequence[tuple[ProcessHistory, Case]],
) -> None:
    """Refuse to pay back again what another return of the same goods of the order paid back.

    The goods are others only if both cases name a product, and not the same one. What they cost is
    what the other cases say, or else this one, or else the most that the others approved.

    Raises:
        PaidElsewhere
    """
    refund = _requested_refund(case, form, leads_to)
    paid = {
        other.opening.number: money
        for each, other in others
        if same_goods(case, other) and (money := [*each.refunds(each, other)])
    }
    if refund is None or not paid:
        return
    earlier = list(refunds(process, case))
    amounts = [money for each in paid.values() for money in each] + [m for _, m in earlier]
    same = [other for _, other in others if other.opening.number in paid]
    limit = _price_of_order(case, form, same)
    total = sum((money.amount for money in amounts), Decimal())
    currencies = {money.currency for money in (*amounts, refund, *([limit] if limit else []))}
    within = limit is not None and len(currencies) == 1 and total + refund.amount <= limit.amount
    if within or _is_overridden(case, actor, form, earlier):
        return
    raise PaidElsewhere(
        f"{refund} cannot be paid back: {total} were paid back already, here and in "
        f"{', '.join(paid)}, of {limit or 'an unknown price'} for goods of the same order. Let "
        f"{MANAGERS} say in 'override_reason' why more is paid.",
        amount=str(refund),
        paid=str(total),
        worth=str(limit or "-"),
        cases=[*paid],
        takes=[*MANAGERS],
    )


def _price_of_order(case: Case, form: Form, others: Sequence[Case]) -> Money | None:
    """Return what the goods cost, as other cases, or this one, say, or the most they approved."""
    prices = [price for other in others if (price := _price(other, None))]
    approved = [money for other in others for money in approved_refunds(other.entries)]
    return _highest(prices) or _price(case, form) or _highest(approved)


def refunds(
    process: ProcessHistory, case: Case, *, gross: bool = False
) -> Iterator[tuple[int, Money]]:
    """Yield the entry and the amount of each refund that stands, over reopenings and rewinds.

    With `gross` one of which people say that they got it back counts, too.
    """
    for effect in outstanding_effects(process, case, only_ports_reverse=gross):
        entry = case.entries[effect.entry - 1]
        if effect.port == "refund":
            yield effect.entry, Money.stored(effect.params)
        elif effect.port == BY_HAND and (money := _paid_by_hand(process, case, entry)):
            yield effect.entry, money


def _paid_by_hand(process: ProcessHistory, case: Case, entry: Entry) -> Money | None:
    """Return what the form says was paid, or else all that the world refused to pay."""
    if entry.step != "settle_by_hand":
        return None
    form = SettledByHand.lenient(entry.form)
    return form.amount or _refused_refund(process.as_of(case, entry.seq - 1))


def _refused_refund(case: Case) -> Money | None:
    """Return what the world refused to pay, if that is what is to be mended."""
    unpaid = _refusals(case)[-1:] == ["refund_refused"]
    return Money.stored(refund_params(case)) if unpaid else None


def _refusals(case: Case) -> list[str | None]:
    """Return the steps by which the world refused a refund or an exchange, oldest first."""
    return [e.step for e in case.effective_entries() if e.step in REFUSALS]


def _requested_refund(case: Case, form: Form, leads_to: str | None) -> Money | None:
    """Return how much the review approves, is to be paid now, or was paid by hand."""
    if isinstance(form, Review):
        return form.amount if form.ruling is Ruling.REFUND else None
    if isinstance(form, SettledByHand):
        return form.amount or _refused_refund(case)
    if leads_to != At.REFUNDING:
        return None
    amount = form.amount if isinstance(form, Inspection | RefundOrder) else None
    return amount or Money.stored(refund_params(case))


def _refuse_another_price(
    process: ProcessHistory, case: Case, actor: Actor, review: Review
) -> None:
    """Refuse to say of the goods that they cost more than it was said, or than was paid back.

    Raises:
        RefundTooHigh
    """
    if review.paid is None or _is_overridden(case, actor, review, []):
        return
    paid = [money for _, money in refunds(process, case, gross=True)]
    limit = _price(case, None) or (_approved_limit(case, review, paid) if paid else None)
    if limit and (review.paid.currency != limit.currency or review.paid.amount > limit.amount):
        total = sum((money.amount for money in paid), Decimal())
        raise _too_high(review.paid, total, limit, "restated")


def _price(case: Case, form: Form | None) -> Money | None:
    """Return what the customer paid for the goods, as the newest review that knows it says."""
    if isinstance(form, Review) and form.paid:
        return form.paid
    prices = (e.form.get("paid") for e in reversed(case.effective_entries()) if e.step in REVIEWS)
    return next((Money.stored(price) for price in prices if price), None)


def _approved_limit(case: Case, form: Form, paid: list[Money]) -> Money | None:
    """Return what may be paid in sum by what reviews approved; None if this is the first review.

    Once something was paid, reviews that a rewind took back still tell what it was part of.
    """
    approved = approved_refunds(case.effective_entries())
    if paid:
        approved = approved or approved_refunds(case.entries) or paid
    elif isinstance(form, Review):
        return None
    if not approved:
        return Money(amount=Decimal())
    highest = max(approved, key=lambda money: money.amount)
    if isinstance(form, Review):
        return highest
    newest = sum((money.amount for money in paid), approved[-1].amount)
    return highest.model_copy(update={"amount": min(highest.amount, newest)})


def approved_refunds(entries: Iterable[Entry]) -> list[Money]:
    """Return what reviews approved, oldest first, without those that await a manager's word."""
    approved = (e.form for e in entries if e.step in REVIEWS and e.led_to in APPROVED)
    refunds = (form for form in approved if form.get("ruling") == Ruling.REFUND)
    return [Money.stored(form["amount"]) for form in refunds]


def _is_overridden(case: Case, actor: Actor, form: Form, earlier: list[tuple[int, Money]]) -> bool:
    """Return whether a manager says why more is paid, here or in the newest decision on the amount.

    A refund that was paid since then has used that up.
    """
    if str(getattr(form, "override_reason", "")).strip():
        return bool(actor.stands_for & MANAGERS)
    if getattr(form, "amount", None) is not None:
        return False
    newest = next((entry for entry, _ in _decisions(case)), None)
    if newest is None or any(seq >= newest.seq for seq, _ in earlier):
        return False
    return bool(str(newest.form.get(OVERRIDE_STORED) or "").strip())


def _too_high(amount: Money, paid: Decimal, limit: Money, why: str) -> RefundTooHigh:
    what = "stated as the price" if why == "restated" else "paid back"
    return RefundTooHigh(
        f"{amount} cannot be {what}: {paid} were paid back already, of {limit} {why} for the "
        f"goods. Say in a review's 'paid' what was paid for them, before anything is paid back, or "
        f"let {MANAGERS} say in 'override_reason' why.",
        amount=str(amount),
        paid=str(paid),
        worth=str(limit),
        takes=[*MANAGERS],
        why=why,
    )


def _decisions(case: Case) -> Iterator[tuple[Entry, dict[str, JsonValue]]]:
    """Yield the entries that decided how much is paid back, the newest first.

    Only what was held against the limits has decided anything: no refusal, no exchange, no failed
    inspection, and nothing that awaits a manager's word.
    """
    for entry in reversed(case.effective_entries()):
        amount = entry.form.get("amount")
        if isinstance(amount, dict) and _decides(entry):
            yield entry, dict(amount)


def _decides(entry: Entry) -> bool:
    if entry.step in REVIEWS:
        return entry.led_to in APPROVED and entry.form.get("ruling") == Ruling.REFUND
    return entry.led_to == At.REFUNDING or entry.step == "settle_by_hand"


def _decided(case: Case) -> list[Payment]:
    """Return what was decided on, within somebody's authority."""
    return [(entry.seq, Money.stored(amount)) for entry, amount in _decisions(case)]


def same_goods(case: Case, other: Case) -> bool:
    """Return whether two returns may be about the same goods: not if both name another product."""
    one, another = case.opening.product, other.opening.product
    return one is None or another is None or plain_code(one) == plain_code(another)


def paid_or_being_paid(process: ProcessHistory, case: Case) -> Iterator[Money]:
    """Yield what a case paid back, and what it pays just now."""
    yield from (money for _, money in refunds(process, case))
    if case.state == At.REFUNDING:
        yield Money.stored(refund_params(case))


def spending(process: ProcessHistory, case: Case) -> Spending:
    """Return what a case paid back, and what it pays just now."""
    return Spending(priced=tuple(paid_or_being_paid(process, case)))


def _highest(amounts: Sequence[Money]) -> Money | None:
    return max(amounts, key=lambda money: money.amount, default=None)

"""What a return may pay back in sum, but by a manager: what the goods cost, or was approved."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from cases.common.roles import MANAGERS
from domain.engine.case import Case
from domain.engine.rewind.compensation import BY_HAND, Table, standing
from domain.errors import RefundTooHigh
from domain.language.entries import Entry
from domain.language.forms import Form, Money
from domain.language.roles import Actor

from .decisions import At, refund_of
from .forms import Inspection, RefundOrder, Review, Ruling, SettledByHand

PORT = "refund"
REVIEWS = frozenset({"review", "decide"})


def refuse_overpaying(
    table: Table, case: Case, actor: Actor, form: Form, leads_to: str | None
) -> None:
    """Refuse to approve, or to pay, what would be more than was paid for the goods.

    What they cost is what a review says in `paid`. Where none does, a refund stays within what the
    newest review approved, and with those before it within the most that any approved.

    Raises:
        RefundTooHigh
    """
    asked = _asked(case, form, leads_to)
    if asked is None:
        return
    before = list(refunds(table, case))
    stated = _stated(case, form)
    worth = stated or _approved(case, form, [money for _, money in before])
    if worth is None:
        return
    paid = sum((money.amount for _, money in before), Decimal())
    same = {money.currency for _, money in before} <= {asked.currency} == {worth.currency}
    if (same and paid + asked.amount <= worth.amount) or _overridden(case, actor, form, before):
        return
    why = "paid" if stated else "approved"
    raise RefundTooHigh(
        f"{_said(asked)} cannot be paid back: {paid} were paid back already, of {_said(worth)} "
        f"{why} for the goods. Say in a review's 'paid' what was paid for them, or let {MANAGERS} "
        "say in 'beyond' why.",
        amount=_said(asked),
        paid=str(paid),
        worth=_said(worth),
        takes=[*MANAGERS],
        why=why,
    )


def refunds(table: Table, case: Case) -> Iterator[tuple[int, Money]]:
    """Each refund that stands, over reopenings and rewinds: its entry, and how much."""
    for each in standing(table, case):
        entry = case.entries[each.entry - 1]
        if each.port == PORT:
            yield each.entry, Money.model_validate(each.params)
        elif each.port == BY_HAND and (money := _by_hand(table, case, entry)):
            yield each.entry, money


def _by_hand(table: Table, case: Case, entry: Entry) -> Money | None:
    """What was paid by hand: what the form says, or all that the world would not pay."""
    if entry.step != "settle_by_hand":
        return None
    form = SettledByHand.lenient(entry.form)
    before = [e.step for e in case.entries[: entry.seq] if e.led_to == At.MENDING]
    unpaid = bool(before) and before[-1] == "refund_refused"
    then = table.as_of(case, entry.seq - 1)
    return form.amount or (Money.model_validate(refund_of(then)) if unpaid else None)


def _asked(case: Case, form: Form, leads_to: str | None) -> Money | None:
    """How much is approved by a review, or is to be paid now."""
    if isinstance(form, Review):
        return form.amount if form.ruling is Ruling.REFUND else None
    if leads_to != At.REFUNDING:
        return None
    own = form.amount if isinstance(form, Inspection | RefundOrder) else None
    return own or Money.model_validate(refund_of(case))


def _stated(case: Case, form: Form) -> Money | None:
    """What the customer paid for the goods, as the newest review that knows it says."""
    if isinstance(form, Review) and form.paid:
        return form.paid
    said = (e.form.get("paid") for e in reversed(case.standing()) if e.step in REVIEWS)
    return next((Money.model_validate(each) for each in said if each), None)


def _approved(case: Case, form: Form, paid: list[Money]) -> Money | None:
    """What may be paid in sum by what reviews approved; None as long as none did.

    Once something was paid, reviews that a rewind took back tell what it was of.
    """
    said = _approvals(case.standing())
    if paid:
        said = said or _approvals(case.entries) or paid
    elif isinstance(form, Review):
        return None
    if not said:
        return None
    highest = max(said, key=lambda money: money.amount)
    if isinstance(form, Review):
        return highest
    newest = sum((money.amount for money in paid), said[-1].amount)
    return highest.model_copy(update={"amount": min(highest.amount, newest)})


def _approvals(entries: Iterable[Entry]) -> list[Money]:
    """What reviews approved to refund, oldest first; what awaits a manager's word is not."""
    approved = (e.form for e in entries if e.step in REVIEWS and e.led_to == At.AWAITING_GOODS)
    refunds = (form for form in approved if form.get("ruling") == Ruling.REFUND)
    return [Money.model_validate(form["amount"]) for form in refunds]


def _overridden(case: Case, actor: Actor, form: Form, before: list[tuple[int, Money]]) -> bool:
    """Whether a manager says why more is paid, here or in the newest decision on the amount.

    What was paid since used that up.
    """
    if _beyond(form):
        return bool(actor.stands_for & MANAGERS)
    if getattr(form, "amount", None) is not None:
        return False
    decided = (e for e in reversed(case.standing()) if isinstance(e.form.get("amount"), dict))
    newest = next(decided, None)
    unused = newest is not None and all(seq < newest.seq for seq, _ in before)
    return unused and newest is not None and bool(str(newest.form.get("beyond") or "").strip())


def _beyond(form: Form) -> bool:
    return bool(str(getattr(form, "beyond", "")).strip())


def _said(money: Money) -> str:
    return f"{money.amount} {money.currency}"

"""What an outside vendor charges us for a repair: one person states it, another decides on it.

It is our money and none of the customer's business, so the service record says nothing of it. What
was approved is paid outside of Banjie.
"""

from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from cases.common.authority import Approval, Payment, refuse_approval
from cases.common.conversion import Conversion
from cases.common.roles import HANDLERS, LEAD, MANAGERS, VENDOR
from domain.engine.case import Case
from domain.engine.rewind.compensation import ProcessHistory
from domain.language.effects import notify
from domain.language.entries import Entry
from domain.language.forms import Form
from domain.language.roles import Actor
from domain.language.spellings import plain_code
from domain.language.table import Decision, Step, step
from domain.language.values import Code, Money, Note, Text, refers_to
from domain.language.waits import Wait

from .errors import BillApproved, BillOpen, NoBill, OwnBill, WrongVendor
from .forms import MOST_LINES, QuoteLine

STATE, APPROVE, REFUSE = "state_bill", "approve_bill", "refuse_bill"


class Bill(Form):
    """What a vendor charges us for its work; `vendor` says whose bill a colleague states.

    `reference` is the vendor's own number of it, without which nobody tells it from another.
    """

    total: Money
    lines: Annotated[tuple[QuoteLine, ...], Field(min_length=1, max_length=MOST_LINES)]
    vendor: Annotated[Code | None, refers_to("vendor")] = None
    reference: Code | None = None
    note: Note = ""

    @model_validator(mode="after")
    def _adds_up(self, info: ValidationInfo) -> Self:
        if (info.context or {}).get("stored"):
            return self
        if len({self.total.currency, *(line.price.currency for line in self.lines)}) > 1:
            raise PydanticCustomError("several_currencies", "all amounts are in one currency")
        if self.reference is None:
            raise PydanticCustomError("reference_missing", "say in 'reference' which bill it is")
        if not self.total.amount:
            raise PydanticCustomError("nothing_billed", "a bill is over more than nothing")
        if sum((line.price.amount for line in self.lines), Decimal()) != self.total.amount:
            raise PydanticCustomError("total_differs", "the lines do not add up to the total")
        return self


class BillApproval(Form):
    """The bill is right and may be paid."""

    note: Note = ""


class BillRefusal(Form):
    """Why the bill is not paid as it is; another one may be stated."""

    reason: Text


def billing(here: StrEnum, until: Wait | None = None) -> list[Step]:
    """Return the steps by which a bill is stated and decided on; the case stays where it is."""
    return [
        step(STATE, Bill, by=VENDOR | HANDLERS, to=here, until=until, reports=True,
             does=[notify("bill_stated", role) for role in LEAD]),
        step(APPROVE, BillApproval, by=LEAD | MANAGERS, to=here, until=until, reports=True),
        step(REFUSE, BillRefusal, by=LEAD | MANAGERS, to=here, until=until, reports=True),
    ]  # fmt: skip


def deciding(decide: Decision, to: dict[Any, StrEnum]) -> list[Step]:
    """Return the steps by which the last that is open, the bill, is decided on."""
    return [
        step(APPROVE, BillApproval, by=LEAD | MANAGERS, decide=decide, to=to),
        step(REFUSE, BillRefusal, by=LEAD | MANAGERS, decide=decide, to=to),
    ]


def open_bill(case: Case) -> tuple[Entry, Bill] | None:
    """Return the bill that nobody decided on yet, with its entry; there is one at a time."""
    steps = (e for e in reversed(case.effective_entries()) if e.step in {STATE, APPROVE, REFUSE})
    newest = next(steps, None)
    return (newest, Bill.lenient(newest.form)) if newest and newest.step == STATE else None


def approved_bills(process: ProcessHistory, case: Case) -> list[Payment]:
    """Return what was approved, whatever a rewind took back: it may have been paid."""
    return [(seq, bill.total) for seq, _, bill in _approved(process, case)]


def _approved(process: ProcessHistory, case: Case) -> Iterator[tuple[int, Entry, Bill]]:
    """Yield the approvals that there were, each with what stated the bill, and the bill."""
    for entry in case.entries:
        bill = open_bill(process.as_of(case, entry.seq - 1)) if entry.step == APPROVE else None
        if bill:
            yield (entry.seq, *bill)


def refuse_wrong_bill(process: ProcessHistory, case: Case, actor: Actor, form: Form) -> None:
    """Refuse a bill of somebody else's, a second one, and a decision on one's own or on too much.

    Raises:
        WrongVendor, BillOpen, BillApproved, NoBill, OwnBill, AboveCeiling
    """
    if isinstance(form, Bill):
        _refuse_other_vendor(actor, form)
        _refuse_approved(process, case, actor, form)
    if isinstance(form, Bill | Conversion) and (bill := open_bill(case)):
        raise _open(*bill, converting=isinstance(form, Conversion))
    if isinstance(form, BillApproval | BillRefusal):
        bill = open_bill(case)
        if bill is None:
            raise NoBill("No bill of a vendor waits for a decision.")
        if isinstance(form, BillApproval):
            _refuse_decision(process, case, actor, *bill)


def _refuse_other_vendor(actor: Actor, bill: Bill) -> None:
    if actor.stands_for & VENDOR:
        if bill.vendor not in {None, actor.id}:
            raise WrongVendor("A vendor states its own bills: leave 'vendor'.", why="other")
    elif bill.vendor is None:
        raise WrongVendor("Say in 'vendor' whose bill it is.")


def _refuse_approved(process: ProcessHistory, case: Case, by: Actor, bill: Bill) -> None:
    """Refuse a bill that the vendor stated under the same number, and somebody approved.

    Bills were stated without a number once: two of them over the same amount count as one.
    """
    for seq, stated, other in _approved(process, case):
        if _number(other, stated.actor) == _number(bill, by):
            raise BillApproved(
                f"The bill {bill.reference or bill.total} was approved by entry {seq}: a vendor is "
                "paid once for it.",
                reference=bill.reference or str(bill.total),
                entry=seq,
            )


def _number(bill: Bill, stated_by: Actor) -> tuple[str, str, Money | None]:
    """Return by what one bill is told from another: whose it is, and the vendor's number of it."""
    unnumbered = bill.total if bill.reference is None else None
    return bill.vendor or stated_by.id, plain_code(bill.reference or ""), unnumbered


def _refuse_decision(
    process: ProcessHistory, case: Case, actor: Actor, stated: Entry, bill: Bill
) -> None:
    _refuse_approved(process, case, stated.actor, bill)
    if actor.id in {stated.actor.id, bill.vendor}:
        raise OwnBill("Nobody approves a bill that they stated, or that is theirs.", by=actor.id)
    approval = Approval(amount=bill.total, reason="-")
    refuse_approval(case, actor, approval, approved_bills(process, case), step=APPROVE)


def _open(stated: Entry, bill: Bill, *, converting: bool) -> BillOpen:
    return BillOpen(
        f"The bill of entry {stated.seq} over {bill.total} waits for a decision: let it be "
        "approved or refused first.",
        entry=stated.seq,
        total=str(bill.total),
        **({"why": "converting"} if converting else {}),
    )

"""What the customer may read of a complaint; what it costs us and whose fault it was is ours.

`money` is what a record says of the money beyond approvals and the world's payments.
"""

from collections.abc import Iterator

from cases.common.money_record import MoneyEvent, MoneyLine, paid_by_hand
from cases.common.record import Record, ShownStep
from domain.engine.case import Case
from domain.engine.rewind.compensation import ProcessHistory
from domain.language.entries import Entry

from .forms import PAID_OUT, DisputeResult, Solution, WayResult
from .money import settled

RECORD: Record = {
    "investigate": ShownStep(),
    "propose": ShownStep(("solution",)),
    "accept_solution": ShownStep(customers_own=("note",)),
    "reject_solution": ShownStep(customers_own=("note",)),
    "offer_lapsed": ShownStep(),
    "carry_out": ShownStep(("done",)),
    "choose_way": ShownStep(("way",)),
    "record_result": ShownStep(("outcome", "dated")),
    "paid_out": ShownStep(),
    "pay_by_hand": ShownStep(),
}


def money(process: ProcessHistory, case: Case) -> Iterator[MoneyLine]:
    """Yield what was offered, accepted or agreed to, and what people paid themselves.

    What an apology or an exchange costs us is ours.
    """
    for entry in case.effective_entries():
        if entry.step == "propose":
            yield _offered(entry)
        elif entry.step == "accept_solution":
            taken = settled(process.as_of(case, entry.seq))
            if taken and taken.payout:
                yield MoneyLine(entry, MoneyEvent.ACCEPTED, taken.payout)
        elif entry.step == "record_result":
            result = WayResult.lenient(entry.form)
            if result.outcome is DisputeResult.AGREED and result.amount:
                yield MoneyLine(entry, MoneyEvent.ACCEPTED, result.amount)
    by_hand = (entry.seq for entry in case.entries if entry.step == "pay_by_hand")
    taken_then = {seq: settled(process.as_of(case, seq - 1)) for seq in by_hand}
    paid = {seq: taken.payout if taken else None for seq, taken in taken_then.items()}
    yield from paid_by_hand(process, case, paid)


def _offered(entry: Entry) -> MoneyLine:
    offer = Solution.lenient(entry.form)
    if offer.remedy in PAID_OUT:
        return MoneyLine(entry, MoneyEvent.OFFERED, offer.cost)
    return MoneyLine(entry, MoneyEvent.COST, offer.cost, ours=True)

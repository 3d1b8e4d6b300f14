"""What a return has given: money that was paid back, and new goods that went out."""

from collections.abc import Iterator

from cases.common.authority import Payment, brought_along
from domain.engine.case import Case
from domain.engine.rewind.compensation import BY_HAND, ProcessHistory, outstanding_effects
from domain.language.goods import Settlement, Whereabouts
from domain.language.values import Money

from .forms import SettledByHand
from .prices import unpaid, worth_of
from .unit_changes import units_of
from .units import pending, sum_of


def spent(process: ProcessHistory, case: Case) -> list[Payment]:
    """Return what the case paid back, and what goods that it sent anew are worth, oldest first.

    What people say that they got back counts, too.
    """
    paid = [*refunds(process, case, gross=True), *replacements(process, case, gross=True)]
    return sorted(paid, key=lambda each: each[0])


def standing(process: ProcessHistory, case: Case) -> list[Money]:
    """Return what the customer got for the price: money, and new goods beside the old ones."""
    given = (*refunds(process, case), *replacements(process, case, kept=True))
    return [money for _, money in given]


def replacements(
    process: ProcessHistory, case: Case, *, gross: bool = False, kept: bool = False
) -> Iterator[Payment]:
    """Yield the entry and the worth of all new goods that went out, as far as it is known.

    With `gross` those count of which people say that they got them back, with `kept` only those
    for which the customer need not send the old ones.
    """
    for effect in outstanding_effects(process, case, only_ports_reverse=gross):
        if effect.port not in ("replacement", BY_HAND):
            continue
        before = process.as_of(case, effect.entry - 1)
        units = tuple(pending(units_of(before), Settlement.REPLACEMENT_PENDING))
        if kept:
            units = tuple(u for u in units if u.whereabouts is Whereabouts.NOT_REQUIRED)
        if _pays(case, effect.entry):
            continue
        if (worth := worth_of(before, units, None)) is not None:
            yield effect.entry, worth


def _pays(case: Case, seq: int) -> bool:
    """Return whether people paid money by the entry; then no new goods went out."""
    entry = case.entries[seq - 1]
    is_by_hand = entry.step == "settle_by_hand"
    return is_by_hand and SettledByHand.lenient(entry.form).amount is not None


def refunds(process: ProcessHistory, case: Case, *, gross: bool = False) -> Iterator[Payment]:
    """Yield the entry and the amount of each refund that stands, over reopenings and rewinds.

    With `gross` one of which people say that they got it back counts, too.
    """
    yield from brought_along(case)
    for effect in outstanding_effects(process, case, only_ports_reverse=gross):
        if effect.port == "refund":
            yield effect.entry, Money.stored(effect.params)
        elif effect.port == BY_HAND and (money := _paid_by_hand(process, case, effect.entry)):
            yield effect.entry, money


def _paid_by_hand(process: ProcessHistory, case: Case, seq: int) -> Money | None:
    """Return what the form says was paid, or else all that the world refused to pay."""
    entry = case.entries[seq - 1]
    if entry.step != "settle_by_hand":
        return None
    before = units_of(process.as_of(case, seq - 1))
    return SettledByHand.lenient(entry.form).amount or sum_of(unpaid(before))

"""What a repair costs: the customer no more than agreed, and us no more than somebody may grant."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from cases.common.authority import (
    Approval,
    Payment,
    Pot,
    refuse_above_ceiling,
    refuse_approval,
    spending_of,
)
from cases.common.offers import standing_offer
from domain.engine.case import Case
from domain.engine.rewind.compensation import ProcessHistory
from domain.language.entries import Entry
from domain.language.forms import Form
from domain.language.roles import Actor
from domain.language.spending import Spending
from domain.language.values import Money, decimals_of

from .errors import NotAgreed, PriceDiffers, QuoteExpired, UnknownLines
from .figures import QUOTE_LAPSES
from .forms import WHOLE, Charge, Diagnosis, Quote, QuoteAcceptance, QuoteLine, Warranty


@dataclass(frozen=True)
class Accepted:
    """The lines that the customer said yes to since the newest diagnosis; `seq` is the yes."""

    seq: int
    lines: tuple[QuoteLine, ...]
    currency: str
    diagnosis: Diagnosis


def our_share(diagnosis: Diagnosis | None) -> int:
    """Return how much of the price we bear, in per cent."""
    if diagnosis is None:
        return 0
    return WHOLE if diagnosis.outcome is Warranty.COVERED else diagnosis.share or 0


def customers_price(lines: Iterable[QuoteLine], share: int, currency: str) -> Money:
    """Return what the customer pays for these lines, rounded to what the currency has."""
    smallest = Decimal(1).scaleb(-(decimals_of(currency) or 0))
    amount = (_total(lines) * (WHOLE - share) / WHOLE).quantize(smallest, ROUND_HALF_UP)
    return Money(amount=amount, currency=currency)


def our_part(lines: Sequence[QuoteLine], share: int, currency: str) -> Money:
    """Return what we bear of these lines: what the customer's price leaves of their sum."""
    left = _total(lines) - customers_price(lines, share, currency).amount
    return Money(amount=left, currency=currency)


def refuse_wrong_price(case: Case, quote: Quote) -> None:
    """Refuse a quote whose price is not what its lines add up to, less our share.

    Raises:
        PriceDiffers
    """
    share = our_share(case.latest(Diagnosis))
    expected = customers_price(quote.lines, share, quote.price.currency)
    if expected.amount != quote.price.amount:
        raise PriceDiffers(
            f"The lines add up to {expected} for the customer, after our share of {share} %: "
            f"'price' says {quote.price}.",
            expected=str(expected),
            share=share,
        )


def lasts_longer(case: Case, quote: Quote) -> bool:
    """Return whether a quote is valid for longer than one that names no moment of its own."""
    until = quote.valid_until
    return until is not None and case.now is not None and until > case.now + QUOTE_LAPSES.of(case)


def refuse_wrong_yes(process: ProcessHistory, case: Case, answer: QuoteAcceptance) -> None:
    """Refuse a yes to a quote that is not valid any more, and to lines that it does not have.

    Raises:
        QuoteExpired, UnknownLines
    """
    quote = _quote_at(case.entries, standing_offer(process, case))
    if quote is None:
        return
    if quote.valid_until and case.now and case.now >= quote.valid_until:
        until = quote.valid_until.isoformat()
        raise QuoteExpired(
            f"The quote was valid until {until}, and that is over. Take it back by 'recall_quote' "
            "and quote anew.",
            until=until,
        )
    unknown = [each.line for each in answer.lines if each.line > len(quote.lines)]
    if unknown:
        raise UnknownLines(
            f"The quote has {len(quote.lines)} lines, counted from 1, and none of {unknown}.",
            unknown=[*unknown],
            lines=len(quote.lines),
        )


def agreed(case: Case) -> Money | None:
    """Return what the customer agreed to pay since the newest diagnosis; None if nothing."""
    yes = accepted(case)
    return customers_price(yes.lines, our_share(yes.diagnosis), yes.currency) if yes else None


def accepted(case: Case) -> Accepted | None:
    """Return what the customer said yes to since the newest diagnosis; None if to nothing."""
    entries = case.effective_entries()
    diagnosed = _newest(entries, "diagnose")
    since = [entry for entry in entries if diagnosed and entry.seq > diagnosed.seq]
    yes = _newest(since, "accept_quote")
    quoted = _newest([e for e in since if yes and e.seq < yes.seq], "quote")
    if diagnosed is None or yes is None or quoted is None:
        return None
    quote = Quote.lenient(quoted.form)
    chosen = [each.line for each in QuoteAcceptance.lenient(yes.form).lines]
    lines = [line for place, line in enumerate(quote.lines, 1) if not chosen or place in chosen]
    diagnosis = Diagnosis.lenient(diagnosed.form)
    return Accepted(yes.seq, tuple(lines), quote.price.currency, diagnosis)


def refuse_charge(case: Case, form: Charge, *, repaired: bool) -> None:
    """Refuse to charge more than was agreed to, or anything for what was not repaired.

    Raises:
        NotAgreed
    """
    if form.charged is None or form.charged.amount == 0:
        return
    most = agreed(case) if repaired else None
    fits = most and most.currency == form.charged.currency
    if not most or not fits or form.charged.amount > most.amount:
        raise NotAgreed(
            f"The customer agreed to pay {most or 'nothing'}, and {form.charged} would be charged.",
            agreed=str(most) if most else "0",
            charged=str(form.charged),
        )


def deciders_of_goodwill(case: Case) -> list[str]:
    """Return who decided on the share of a repair that we bear."""
    diagnosed = _newest(case.effective_entries(), "diagnose")
    return [diagnosed.actor.id] if diagnosed else []


def refuse_excess_goodwill(
    process: ProcessHistory,
    case: Case,
    actor: Actor,
    form: Form,
    elsewhere: Sequence[Money] = (),
) -> None:
    """Refuse to bear more out of goodwill than the roles of whoever says so may grant.

    In warranty we owe the repair, so nobody grants it. Whoever decided on the share has a part in
    what is quoted by it: neither of the two approves it.

    Raises:
        AboveCeiling
    """
    if isinstance(form, Approval):
        refuse_approval(case, actor, form, borne(process, case), Pot.GOODWILL, elsewhere=elsewhere)
    money = _granted_by(case, form)
    if money is None:
        return
    own = deciders_of_goodwill(case) if isinstance(form, Quote) else []
    paid = borne(process, case)
    refuse_above_ceiling(case, actor, money, paid, pot=Pot.GOODWILL, own=own, elsewhere=elsewhere)


def check_order(
    process: ProcessHistory,
    case: Case,
    actor: Actor,
    form: Form,
    _leads_to: str | None,
    others: Sequence[tuple[ProcessHistory, Case]],
) -> None:
    """Refuse to bear more of all that the order's cases give than whoever says so may grant.

    Raises:
        AboveCeiling
    """
    if granted := spending_of(others).granted:
        refuse_excess_goodwill(process, case, actor, form, granted)


def spending(process: ProcessHistory, case: Case) -> Spending:
    """Return what we bore out of goodwill, and what we are about to: no price bounds it."""
    done = borne(process, case)
    due = None if process.state(case.state).closed else _due(process, case)
    if due is not None and due not in done:
        done = [*done, due]
    return Spending(granted=tuple(money for _, money in done))


def _due(process: ProcessHistory, case: Case) -> Payment | None:
    """Return what we bear as soon as it is repaired: as settled, or as quoted just now."""
    entries = case.effective_entries()
    ended = max((e.seq for e in entries if e.step in _ENDS_GRANT), default=0)
    diagnosed, quoted = _newest(entries, "diagnose"), _newest(entries, "quote")
    quote = Quote.lenient(quoted.form) if quoted else None
    due = goodwill(case)
    if due is None and diagnosed and quoted and quote and quoted.seq > diagnosed.seq:
        money = _granted_by(process.as_of(case, quoted.seq), quote)
        due = (quoted.seq, money) if money and money.amount else None
    return due if due and due[0] > ended else None


_ENDS_GRANT = frozenset(
    {"decline_quote", "recall_quote", "quote_lapsed", "give_up", "withdraw", "give_back", "convert"}
)
"""The steps after which what was granted is not carried out."""


def borne(process: ProcessHistory, case: Case) -> list[Payment]:
    """Return what we bore out of goodwill of the repairs that were done, by what granted it.

    What was done costs us whether or not a rewind took it back. A grant after which nothing was
    repaired cost nothing.
    """
    done = (goodwill(process.as_of(case, e.seq)) for e in case.entries if e.step == "repair")
    return sorted(dict(each for each in done if each).items(), key=lambda payment: payment[0])


def goodwill(case: Case) -> Payment | None:
    """Return what we bear of what is to be repaired, and the entry that settled it."""
    yes = accepted(case)
    if yes is not None:
        part = our_part(yes.lines, our_share(yes.diagnosis), yes.currency)
        is_granted = yes.diagnosis.outcome is Warranty.GOODWILL and part.amount
        return (yes.seq, part) if is_granted else None
    diagnosed = _newest(case.effective_entries(), "diagnose")
    estimate = Diagnosis.lenient(diagnosed.form).estimate if diagnosed else None
    return (diagnosed.seq, estimate) if diagnosed and estimate and estimate.amount else None


def _granted_by(case: Case, form: Form) -> Money | None:
    """Return what we would bear out of goodwill by this form; None if it grants nothing."""
    if isinstance(form, Diagnosis):
        return form.estimate
    diagnosis = case.latest(Diagnosis)
    is_goodwill = diagnosis is not None and diagnosis.outcome is Warranty.GOODWILL
    if not isinstance(form, Quote) or not is_goodwill:
        return None
    return our_part(form.lines, our_share(diagnosis), form.price.currency)


def _total(lines: Iterable[QuoteLine]) -> Decimal:
    return sum((line.price.amount for line in lines), Decimal())


def _newest(entries: Sequence[Entry], step: str) -> Entry | None:
    return next((entry for entry in reversed(entries) if entry.step == step), None)


def _quote_at(entries: Sequence[Entry], seq: int | None) -> Quote | None:
    return Quote.lenient(entries[seq - 1].form) if seq else None

"""What a repair costs the customer: quoted in lines, less our share, and no more than agreed."""

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal

from cases.common.offers import standing_offer
from domain.engine.case import Case
from domain.engine.rewind.compensation import ProcessHistory
from domain.language.entries import Entry
from domain.language.values import Money, decimals_of

from .errors import NotAgreed, PriceDiffers, UnknownLines
from .forms import Charge, Diagnosis, Quote, QuoteAcceptance, QuoteLine, Warranty

WHOLE = 100
"""Per cent."""


def our_share(diagnosis: Diagnosis | None) -> int:
    """Return how much of the price we bear, in per cent."""
    if diagnosis is None:
        return 0
    return WHOLE if diagnosis.outcome is Warranty.COVERED else diagnosis.share or 0


def customers_price(lines: Iterable[QuoteLine], share: int, currency: str) -> Money:
    """Return what the customer pays for these lines, rounded to what the currency has."""
    total = sum((line.price.amount for line in lines), Decimal())
    smallest = Decimal(1).scaleb(-(decimals_of(currency) or 0))
    amount = (total * (WHOLE - share) / WHOLE).quantize(smallest, ROUND_HALF_UP)
    return Money(amount=amount, currency=currency)


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


def refuse_unknown_lines(process: ProcessHistory, case: Case, answer: QuoteAcceptance) -> None:
    """Refuse a yes to lines that the quote does not have.

    Raises:
        UnknownLines
    """
    quote = _quote_at(case.entries, standing_offer(process, case))
    unknown = [each.line for each in answer.lines if each.line > len(quote.lines if quote else ())]
    if unknown and quote:
        raise UnknownLines(
            f"The quote has {len(quote.lines)} lines, counted from 1, and none of {unknown}.",
            unknown=[*unknown],
            lines=len(quote.lines),
        )


def agreed(case: Case) -> Money | None:
    """Return what the customer agreed to pay since the newest diagnosis; None if nothing."""
    entries = case.effective_entries()
    diagnosed = max((e.seq for e in entries if e.step == "diagnose"), default=0)
    since = [entry for entry in entries if entry.seq > diagnosed]
    accepted = next((e for e in reversed(since) if e.step == "accept_quote"), None)
    if accepted is None or not diagnosed:
        return None
    before = [entry for entry in since if entry.seq < accepted.seq and entry.step == "quote"]
    quote = _quote_at(case.entries, before[-1].seq) if before else None
    if quote is None:
        return None
    chosen = [each.line for each in QuoteAcceptance.lenient(accepted.form).lines]
    lines = [line for place, line in enumerate(quote.lines, 1) if not chosen or place in chosen]
    share = our_share(Diagnosis.lenient(case.entries[diagnosed - 1].form))
    return customers_price(lines, share, quote.price.currency)


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


def _quote_at(entries: Sequence[Entry], seq: int | None) -> Quote | None:
    return Quote.lenient(entries[seq - 1].form) if seq else None

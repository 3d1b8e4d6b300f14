"""Offers that the customer answers: an answer is for the offer that it names, and no other."""

from collections.abc import Iterable, Iterator
from typing import Annotated

from pydantic import Field

from cases.common.errors import OtherOffer
from domain.engine.case import Case
from domain.engine.rewind.compensation import ProcessHistory
from domain.language.entries import Entry
from domain.language.forms import ADDED, Form
from domain.language.values import Note, refers_to

Seq = Annotated[int, Field(strict=True, ge=1, le=100_000)]


class Offer(Form):
    """The base of what the customer says yes or no to: a quote, a solution."""


class Answer(Form):
    """What the customer says to an offer.

    `offer` is the entry that made it. Only where there was no other offer may it be left out.
    """

    note: Note = ""
    offer: Annotated[Seq | None, refers_to("offer"), ADDED] = None


def refuse_other_offer(process: ProcessHistory, case: Case, form: Form) -> None:
    """Refuse an answer to another offer than the one that waits for it.

    Raises:
        OtherOffer
    """
    if not isinstance(form, Answer):
        return
    newest = standing_offer(process, case)
    if newest is None or form.offer == newest:
        return
    if form.offer is None and sum(1 for _ in _offers(process, case.entries, case)) == 1:
        return
    unnamed = form.offer is None
    said = "does not say which offer it is for" if unnamed else f"is for the offer {form.offer}"
    raise OtherOffer(
        f"The answer {said}; entry {newest} is the offer that waits for one. Name it in 'offer' if "
        "that is the one the customer means.",
        offer=newest,
        **({"why": "unnamed"} if unnamed else {"named": form.offer}),
    )


def standing_offer(process: ProcessHistory, case: Case) -> int | None:
    """Return the entry of the newest offer that no rewind took back."""
    return max(offers_made(process, case), default=None)


def offers_made(process: ProcessHistory, case: Case) -> list[int]:
    """Return the entries of the offers that no rewind took back, the newest first."""
    return sorted(_offers(process, case.effective_entries(), case), reverse=True)


def _offers(process: ProcessHistory, entries: Iterable[Entry], case: Case) -> Iterator[int]:
    for entry in entries:
        step = process.step_taken(case, entry)
        if step is not None and issubclass(step.form, Offer):
            yield entry.seq

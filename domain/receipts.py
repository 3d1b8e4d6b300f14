"""What a request brought about, for whoever sent it."""

from collections.abc import Sequence

from domain.case import Case
from domain.entries import MOVES, Entry
from domain.errors import RequestReused
from domain.messages import Receipt, Request


def receipt(case: Case, request: Request, entries: Sequence[Entry]) -> Receipt:
    """The receipt for a request that made these entries, now or before.

    Raises:
        RequestReused: it made them with another body.
    """
    if entries[0].cause.digest != request.digest:
        raise RequestReused("This request id was used before with another body.")
    return Receipt(
        number=case.opening.number,
        request=request.id,
        digest=request.digest,
        first=entries[0].seq,
        last=entries[-1].seq,
        state=entries[-1].led_to,
        etag=next(e.seq for e in reversed(case.entries[: entries[-1].seq]) if e.type in MOVES),
        attempt=request.attempt,
    )

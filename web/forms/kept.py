"""The draft of a form: what a page fills the form with, and what becomes of it once it is sent."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.authentication import Principal
from app.drafts import MAX_COUNTER, get_draft, mark_draft_sent
from app.services import Services
from store.errors import StoreDown
from web.forms.typed import Pairs

COUNTER: Final = "counter"
"""The hidden field with the counter of what is in the form."""
KNOWN: Final = "known"
"""The hidden field with the counters of the drafts that were seen or written in this tab."""
MOST_KNOWN: Final = 50


@dataclass(frozen=True)
class KeptDraft:
    """A form's draft. Without `pairs` there is none, and the browser counts on from `counter`.

    `known`: the counters of the drafts that were seen or written where the form stands.
    """

    subject: str
    counter: int = 0
    pairs: Pairs | None = None
    saved_at: datetime | None = None
    version: int | None = None
    known: str = ""

    def text(self, name: str) -> str:
        """Return what is typed into a field, nothing if nothing is."""
        return dict(self.pairs or ()).get(name, "")


async def kept_draft(services: Services, caller: Principal, subject: str) -> KeptDraft:
    """Return the caller's draft of a form that opens.

    Raises:
        StoreDown
    """
    draft = await get_draft(services, caller, subject)
    if draft is None or draft.content is None:
        return KeptDraft(subject, draft.counter if draft else 0)
    content, counter = draft.content, draft.counter
    return KeptDraft(subject, counter, content, draft.saved_at, draft.version, str(counter))


def retyped(subject: str, posted: Mapping[str, str]) -> KeptDraft:
    """Return the draft of a form that is shown again with what was posted."""
    known = " ".join(map(str, sorted(read_known(posted) or ())))
    return KeptDraft(subject, read_counter(posted), known=known)


async def sent(
    services: Services, caller: Principal, subject: str, posted: Mapping[str, str]
) -> None:
    """Note that the form was sent, so that nothing that was saved before comes back.

    It is sent, whether or not this can be noted: while the store is down, the draft stays.
    """
    if counter := read_counter(posted):
        with suppress(StoreDown):
            await mark_draft_sent(services, caller, subject, counter, read_known(posted))


def read_counter(posted: Mapping[str, str]) -> int:
    """Return the counter of a form, 0 where it has none: no script has counted."""
    return _counter(posted.get(COUNTER, ""))


def read_known(posted: Mapping[str, str]) -> frozenset[int] | None:
    """Return the counters of the drafts that were seen where the form stands; None if unsaid."""
    if KNOWN not in posted:
        return None
    return frozenset(map(_counter, posted[KNOWN].split()[-MOST_KNOWN:]))


def _counter(text: str) -> int:
    is_count = text.isascii() and text.isdecimal() and len(text) <= len(str(MAX_COUNTER))
    return min(int(text), MAX_COUNTER) if is_count else 0

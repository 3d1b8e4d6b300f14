"""A list of the inbox as a page shows it: its address, its lines, and those that have just left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from app.authentication import Principal
from app.colleagues import Colleagues
from app.inbox import InboxQuery, View, first_view, list_inbox, read_place, write_place
from app.inbox_rows import InboxRow
from app.next_task import NARROWING
from app.saved_views import ShownView
from app.services import Services
from app.why_gone import MOST, Gone, Seen, explain_gone
from domain.language.channels import Channel
from domain.language.table import Stage
from domain.language.values import Priority
from web.http.queries import read_address

PAGE: Final = 50
BESIDE: Final = frozenset({"after", "seen"})
"""Parameters of a list that are none of its filters."""
CHOICES: Final[Mapping[str, Sequence[str]]] = {
    "stage": [str(each) for each in Stage],
    "priority": [str(each) for each in Priority],
    "channel": [str(each) for each in Channel],
}
"""What the filters of the page offer to choose from; the kinds are those that there are now."""


@dataclass(frozen=True)
class Line:
    """A line of the list; with `gone` it says why it leaves, and is not there the next time."""

    number: str
    row: InboxRow | None = None
    gone: Gone | None = None


@dataclass(frozen=True)
class InboxList:
    """A part of a list; `next` is where it goes on, in an address."""

    query: InboxQuery
    lines: tuple[Line, ...]
    next: str | None
    after: str | None = None

    @property
    def is_narrowed(self) -> bool:
        """Whether `next` gives only what this list has."""
        return self.query.view in NARROWING or len(self.address) > 1

    @property
    def address(self) -> dict[str, str]:
        """The filters as they stand in an address."""
        return address_of(self.query)


def address_of(query: InboxQuery) -> dict[str, str]:
    """Return the filters of a list as its address has them."""
    values = query.model_dump(mode="json", exclude_none=True)
    return {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in values.items()
    }


def link_to(query: InboxQuery, path: str = "/inbox", **more: str | None) -> str:
    """Return the address of a list, with what stands there beside its filters."""
    given = {name: text for name, text in {**address_of(query), **more}.items() if text}
    return f"{path}?{urlencode(given)}"


def read_query(params: QueryParams, caller: Principal) -> InboxQuery:
    """Return the list that an address names; a filter left empty is none.

    Raises:
        RequestValidationError: a filter that there is not, or one that is given twice.
    """
    pairs = [(name, text) for name, text in params.multi_items() if text and name not in BESIDE]
    return read_address(InboxQuery, pairs, {"view": first_view(caller).value})


def read_seen(params: QueryParams) -> dict[str, Seen]:
    """Return the lines that the page shows already: `number:seq:unread`; others are passed over."""
    seen: dict[str, Seen] = {}
    for text in params.getlist("seen")[:MOST]:
        number, _, rest = text.partition(":")
        seq, _, unread = rest.partition(":")
        if number.isalnum() and seq.isdecimal() and unread.isdecimal():
            seen[number] = Seen(int(seq), int(unread))
    return seen


async def read_list(
    services: Services,
    caller: Principal,
    query: InboxQuery,
    after: str | None,
    seen: Mapping[str, Seen],
) -> InboxList:
    """Return the lines of a list, those that were seen in it and have left at their old place.

    Raises:
        Forbidden, StoreDown
    """
    place = read_place(after)
    page = await list_inbox(services, caller, query, place, PAGE)
    lines = [Line(row.number, row) for row in page.items]
    there = {line.number for line in lines}
    left = {number: each for number, each in seen.items() if number not in there}
    if left:
        gone = await explain_gone(services, caller, left)
        places = {number: at for at, number in enumerate(seen)}
        for number, why in gone.items():
            lines.insert(min(places[number], len(lines)), Line(number, gone=why))
    return InboxList(query, tuple(lines), write_place(page.next), after)


def values_of(
    found: InboxList, counts: Sequence[int], saved: Sequence[ShownView], colleagues: Colleagues
) -> dict[str, Any]:
    """Return what the templates of the inbox are given."""
    standard = dict(zip(View, counts, strict=False))
    return {
        "inbox": found,
        "views": [(view, standard[view]) for view in View],
        "saved": [*zip(saved, counts[len(View) :], strict=True)],
        "colleagues": colleagues,
        "choices": CHOICES,
    }

"""Which effects of a case stand: done, and neither taken back by a port nor by people since."""

from collections.abc import Iterator

from domain.case import Case
from domain.entries import Entry, EntryType
from domain.rewinding import (
    How,
    Lasting,
    Rewinding,
    Table,
    asked_back,
    effects_of,
    lasting,
    then,
    undone_by,
)

Key = tuple[int, str, str]


def standing(table: Table, case: Case) -> list[Lasting]:
    """What the case did to the world and is still so; `accept` leaves it, so does a refused call.

    As long as the world has not answered a compensation, nothing is taken back. A compensation
    that people took back in turn is none.
    """
    gone: dict[Key, int | None] = {}
    for rewind in (entry for entry in case.entries if entry.type is EntryType.REWOUND):
        for each, by in _made_up_for(table, case, rewind):
            again = next((key for key, back in gone.items() if back == each.entry), None)
            if again is None:
                gone[_key(each)] = by
            else:
                del gone[again]
    done = (each for entry in case.entries for each in effects_of(table, case, entry, 0))
    return [each for each in done if _key(each) not in gone]


def _made_up_for(table: Table, case: Case, rewind: Entry) -> Iterator[tuple[Lasting, int | None]]:
    """The effects that a rewind took back, each with the entry that answers it, if a port did."""
    before, form = then(table, case, rewind.seq - 1), Rewinding.lenient(rewind.form)
    by_hand = {each.effect for each in form.compensations if each.how is How.BY_HAND}
    yield from ((e, None) for e in lasting(table, before, form.to) if e.effect in by_hand)
    for n, each in enumerate(asked_back(undone_by(table, case, rewind))):
        if (answer := _answer(case, rewind, n)) is not None:
            yield each, answer


def _answer(case: Case, rewind: Entry, n: int) -> int | None:
    """The entry by which the world did what it was asked to take back."""
    mine = (e for e in case.entries[rewind.seq :] if e.cause.entry == rewind.seq)
    done = (e for e in mine if e.type is EntryType.EFFECT_DONE and e.form.get("n") == n)
    return next((e.seq for e in done), None)


def _key(each: Lasting) -> Key:
    return each.entry, each.port, each.template

"""From what is told of cases to rows that are ready to be written: for any process to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ops.rebuild.differences import Difference, Sort
from ops.rebuild.folding import Folded
from ops.rebuild.pool import fold_part
from ops.rebuild.told import Source
from store.projection import Packed, Rows, pack


@dataclass(frozen=True)
class Made:
    """Some cases: their rows, how many cases and entries, and the cases that cannot be read."""

    packed: Sequence[Packed]
    cases: int
    entries: int
    wrong: Sequence[Difference]


def make_part(part: Sequence[Source], archive_url: str, dialect: str) -> Made:
    """The rows that are sure, packed for a database of this dialect."""
    folded = fold_part(part, archive_url)
    made = _by_tenant(folded)
    rows = [each for ours in made.values() for each in ours.values()]
    return Made(
        packed=[pack(dialect, tenant, ours) for tenant, ours in made.items()],
        cases=len(rows),
        entries=sum(len(each["entries"]) for each in rows),
        wrong=[
            Difference(each.tenant, each.number, Sort.UNREADABLE, detail=each.wrong)
            for each in folded
            if each.wrong
        ],
    )


def _by_tenant(folded: Sequence[Folded]) -> Mapping[str, Mapping[str, Rows]]:
    made: dict[str, dict[str, Rows]] = {}
    for each in folded:
        if each.rows is not None:
            made.setdefault(each.tenant, {})[each.number] = each.rows
    return made

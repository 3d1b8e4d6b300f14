"""A case's history as objects that change, links between them, and events that are about them."""

from collections.abc import Iterator

from domain.petri import activity
from ops.export.catalogue import Catalogue
from ops.export.history import History
from ops.export.ocel.objects import Objects
from ops.export.ocel.records import Happening, Record


def tell(history: History, catalogue: Catalogue) -> Iterator[Record]:
    """Everything about one case; objects come before the events and links that name them."""
    objects = Objects(history)
    yield from objects.first()
    for moment in history.moments():
        yield from objects.follow(moment)
        yield Happening(
            id=f"{history.row.number}/{moment.entry.seq}",
            activity=activity(moment.entry),
            at=moment.entry.at,
            attributes=catalogue.values(history.process, moment),
            objects=tuple(objects.about.items()),
        )

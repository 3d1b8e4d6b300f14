"""A Petri net read back from PNML, and the token game played on it."""

from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

NS = "{http://www.pnml.org/version-2009/grammar/pnml}"
Marking = frozenset[str]


@dataclass(frozen=True)
class Transition:
    """What it takes away, what it puts down, and the event it leaves, if any."""

    label: str | None
    takes: Marking
    gives: Marking

    def fire(self, marking: Marking) -> Marking | None:
        """The marking after it; None if a token is missing."""
        return (marking - self.takes) | self.gives if self.takes <= marking else None


@dataclass(frozen=True)
class Net:
    """A safe net: no place ever holds two tokens."""

    first: Marking
    last: Marking
    places: Marking
    transitions: tuple[Transition, ...]

    def play(self, events: Iterable[str]) -> set[Marking]:
        """All markings that the events may lead to; none if they are no run of the net.

        Several transitions may leave the same event, so there may be several.
        """
        now = self._silently({self.first})
        for event in events:
            labelled = [each for each in self.transitions if each.label == event]
            fired = {each.fire(marking) for each in labelled for marking in now}
            now = self._silently({marking for marking in fired if marking is not None})
        return now

    def _silently(self, markings: set[Marking]) -> set[Marking]:
        found, silent = set(markings), [each for each in self.transitions if each.label is None]
        while new := {m for t in silent for n in found if (m := t.fire(n)) is not None} - found:
            found |= new
        return found


def read(document: bytes) -> dict[str, Net]:
    """The nets of a document by their ids."""
    return {str(net.get("id")): _net(net) for net in etree.fromstring(document).iter(f"{NS}net")}


def _net(net: etree._Element) -> Net:
    takes: dict[str, set[str]] = {}
    gives: dict[str, set[str]] = {}
    places = frozenset(str(place.get("id")) for place in net.iter(f"{NS}place") if place.get("id"))
    for arc in net.iter(f"{NS}arc"):
        source, target = str(arc.get("source")), str(arc.get("target"))
        assert (source in places) != (target in places), "an arc joins a place and a transition"
        (takes if source in places else gives).setdefault(
            target if source in places else source, set()
        ).add(source if source in places else target)
    marked = (p for p in net.iter(f"{NS}place") if p.findtext(f"{NS}initialMarking/{NS}text"))
    return Net(
        first=frozenset(str(place.get("id")) for place in marked),
        last=frozenset(
            str(each.get("idref"))
            for each in net.findall(f"{NS}finalmarkings/{NS}marking/{NS}place")
        ),
        places=places,
        transitions=tuple(
            Transition(
                each.findtext(f"{NS}name/{NS}text"),
                frozenset(takes[str(each.get("id"))]),
                frozenset(gives[str(each.get("id"))]),
            )
            for each in net.iter(f"{NS}transition")
        ),
    )

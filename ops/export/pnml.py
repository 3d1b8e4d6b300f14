"""Writes Petri nets as PNML (ISO/IEC 15909-2, place/transition nets)."""

from collections.abc import Iterable, Iterator
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from domain.mining.petri_net import END, START, PetriNet, Transition

NAMESPACE: Final = "http://www.pnml.org/version-2009/grammar/pnml"
TYPE: Final = "http://www.pnml.org/version-2009/grammar/ptnet"
SILENT: Final = '<toolspecific tool="ProM" version="6.4" activity="$invisible$"/>'
"""Tells ProM and PM4Py that a transition leaves no event."""


def pnml(nets: Iterable[PetriNet], *, strict: bool = False) -> Iterator[str]:
    """Yield the document in parts.

    Args:
        nets: one or more.
        strict: write nothing beyond the standard, which has no final markings and no mark for
            silent transitions; ProM and PM4Py know both, and need them to check conformance.
    """
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<pnml xmlns="{NAMESPACE}">\n'
    for net in nets:
        yield f'<net id={quoteattr(net.id)} type="{TYPE}">\n'
        yield f"<name><text>{escape(net.id)}</text></name>\n"
        yield f"<page id={quoteattr(f'{net.id}-page')}>\n"
        yield from _nodes(net, strict)
        yield "</page>\n"
        if not strict:
            end = _id(net, END)
            yield "<finalmarkings><marking>"
            yield f"<place idref={end}><text>1</text></place></marking></finalmarkings>\n"
        yield "</net>\n"
    yield "</pnml>\n"


def _nodes(net: PetriNet, strict: bool) -> Iterator[str]:
    for place in net.places:
        marking = "<initialMarking><text>1</text></initialMarking>" if place == START else ""
        yield f"<place id={_id(net, place)}>{_name(place)}{marking}</place>\n"
    for transition in net.transitions:
        yield _transition(net, transition, strict)
    for n, transition in enumerate(net.transitions):
        id = _id(net, transition.id)
        yield _arc(net, f"arc{n}-in", _id(net, transition.source), id)
        yield _arc(net, f"arc{n}-out", id, _id(net, transition.target))


def _transition(net: PetriNet, transition: Transition, strict: bool) -> str:
    silent = "" if strict else SILENT
    content = _name(transition.label) if transition.label else silent
    return f"<transition id={_id(net, transition.id)}>{content}</transition>\n"


def _arc(net: PetriNet, id: str, source: str, target: str) -> str:
    return f"<arc id={_id(net, id)} source={source} target={target}/>\n"


def _id(net: PetriNet, local: str) -> str:
    """Return an id that is unique in a document of several nets, quoted."""
    return quoteattr(f"{net.id}.{local}")


def _name(text: str) -> str:
    return f"<name><text>{escape(text)}</text></name>"

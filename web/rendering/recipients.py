"""Whom a message goes to or a refusal names, as people say it: a role, a person by name."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from app.colleagues import Colleagues
from app.outside import NAMES
from cases import KINDS
from domain.engine.merged import MERGE_PORT
from domain.language.effects import Call
from domain.language.roles import ActorKind
from i18n.labels import label

PERSON: Final = f"{ActorKind.STAFF.value}:"
"""Before the id of one of the staff."""
KINDS_OF_ACTOR: Final = frozenset(kind.value for kind in ActorKind)


def recipient(to: str, colleagues: Colleagues, locale: str, kind: str = "") -> str:
    """Return what whom a message goes to is called."""
    if to.startswith(PERSON):
        return colleagues.name(to.removeprefix(PERSON))
    return label(f"role.{to}", locale, kind)


def with_names(params: Mapping[str, Any], colleagues: Colleagues, locale: str) -> dict[str, Any]:
    """Return the parameters of a refusal with what people are called in place of their ids."""
    named = {name: params[name] for name in NAMES if isinstance(params.get(name), str)}
    return {**params, **{name: _called(id, colleagues, locale) for name, id in named.items()}}


def _called(id: str, colleagues: Colleagues, locale: str) -> str:
    """Return what an actor is called of whom no more than the id is known."""
    if id in KINDS_OF_ACTOR:
        return label(f"role.{id}", locale)
    name = colleagues.name(id)
    return label(f"role.{ActorKind.WORLD}", locale) if name == id and id in _ports() else name


@cache
def _ports() -> frozenset[str]:
    """Return the ports of outside systems: what comes back through one is by an actor of its id."""
    effects = [
        effect
        for process in KINDS.values()
        for state in process.states
        for does in (state.does, *(step.does for step in state.steps))
        for effect in does
    ]
    return frozenset({MERGE_PORT, *(each.port for each in effects if isinstance(each, Call))})

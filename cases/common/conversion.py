"""A case that is really of another kind goes on as one (转单): the other case is its child."""

from pydantic import JsonValue

from cases.common.clocks import RESOLUTION
from domain.engine.case import Case
from domain.engine.target_override import inherited
from domain.language.effects import Call, ask
from domain.language.forms import Code, Form


class Conversion(Form):
    """The case is of another kind (转为投诉, 转为维修): of which."""

    kind: Code


class Successor(Form):
    """The case that goes on with it was started, under this number."""

    number: Code


def conversion() -> Call:
    """Start the other case, once: steps `child_started` and `child_refused`.

    It has this one as its parent, its customer, words, order, product, channel, source, the
    moment it was received, and its own limit: nobody gains time by converting.
    """
    return ask(
        "conversion",
        done="child_started",
        refused="child_refused",
        template="conversion",
        params=_wanted,
    )


def conversion_of(case: Case) -> dict[str, JsonValue]:
    """Which kind of case it became, and its number."""
    became, successor = case.latest(Conversion), case.latest(Successor)
    return {
        "kind": became.kind if became else None,
        "number": successor.number if successor else None,
    }


def _wanted(case: Case) -> dict[str, JsonValue]:
    """What the other case is opened with, and who converted."""
    became, arrived = case.latest(Conversion), case.entries[case.entered - 1]
    limit = inherited(case, RESOLUTION)
    same = {"channel", "received_at", "order", "product", "policy_version", "form"}
    return {
        "kind": became.kind if became else None,
        "by": arrived.actor.model_dump(mode="json"),
        **case.opening.model_dump(mode="json", include=same),
        **({"limit": limit.model_dump(mode="json")} if limit else {}),
    }

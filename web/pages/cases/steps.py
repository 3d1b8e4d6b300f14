"""The steps that somebody may take, in the order in which a page has them: the main one first."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.results import Offer
from domain.language.table import State


@dataclass(frozen=True)
class StepChoice:
    """The steps from a state: the main one, the others of every day, and those kept apart.

    The main one moves the case on; a closed case has none, nothing needs to be done with it. Those
    kept apart give up what the case is for.
    """

    main: Offer | None
    others: Sequence[Offer]
    apart: Sequence[Offer]


def step_choice(state: State, offers: Sequence[Offer]) -> StepChoice:
    """Return what of the steps that are offered is the main one, and what is kept apart."""
    abandoning = {each.name for each in state.steps if each.abandons}
    staying = {each.name for each in state.steps if {*each.arrows.values()} == {state.name}}
    work = [each for each in offers if each.name not in abandoning]
    first = [each for each in work if each.name not in staying] or work
    main = first[0] if first and not state.closed else None
    return StepChoice(
        main=main,
        others=[each for each in work if each is not main],
        apart=[each for each in offers if each.name in abandoning],
    )

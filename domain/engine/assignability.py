"""Who may be given a case as it stands, and who had it and did not take it."""

from domain.engine.action_forms import Assignment
from domain.engine.case import Case
from domain.engine.process import Process
from domain.language.entries import EntryType
from domain.language.roles import NOBODY, Roles
from domain.language.table import Stage


def assignable_roles(process: Process, case: Case) -> Roles:
    """Return the roles that may work on a case once it is assigned.

    Where it waits to be assigned, those are the ones of the states that it goes to.
    """
    state, rules = process.state_of(case), process.candidate_rules(case)
    assigning = next((step for step in state.steps if step.form is Assignment), None)
    names = assigning.arrows.values() if assigning else ()
    states = [process.state(name) for name in names] or [state]
    return NOBODY.union(*(rules.candidates(each) for each in states))


def declined_by(process: Process, case: Case) -> frozenset[str]:
    """Return those who gave a case back themselves, or let it lapse before they took it.

    What the router takes from somebody, since they left or are not here, they may have again.
    """
    earlier, declined = process.fold(case.opening, case.entries[:1]), set[str]()
    holder, state = earlier.holder, earlier.state
    for entry in process.replay(earlier, case.entries[1:]):
        gave_back = entry.type is EntryType.RELEASED and holder and entry.actor.id == holder.id
        if holder and (gave_back or _went_back(process, state, earlier.state)):
            declined.add(holder.id)
        holder, state = earlier.holder, earlier.state
    return frozenset(declined)


def _went_back(process: Process, before: str, after: str) -> bool:
    """Return whether a case that was assigned waits to be assigned again, and was never taken."""
    to_take, to_assign = process.state(before), process.state(after)
    both = {to_take.stage, to_assign.stage} == {Stage.ASSIGN} and before != after
    return both and to_assign.clears_assignee

"""Whether somebody may go on holding a case, also while it waits for others."""

from collections.abc import Iterator

from domain.engine.case import Case
from domain.engine.process import Process
from domain.engine.task_actions import has_task
from domain.language.roles import Roles
from domain.language.table import State


def may_go_on(process: Process, case: Case, roles: Roles) -> bool:
    """Say whether the holder of a case may do with these roles the work that comes to them next.

    That is the open task, or where none is theirs those that the case may come to: until then it
    waits for a customer, the world or others of the staff. The roles in which they took the case
    say which work is theirs. Where none comes any more, any work of this kind is enough.
    """
    if case.holder is None:
        return True
    took_it_as = Roles(frozenset(case.holder.roles))
    rules = process.candidate_rules(case)
    fits = [
        bool(roles & (rules.candidates(state) | rules.leads))
        for state in _next_work(process, case, took_it_as)
    ]
    return all(fits) if fits else any(roles & state.staff for state in process.states)


def _next_work(process: Process, case: Case, roles: Roles) -> Iterator[State]:
    """Yield the states with a task for these roles that come first from where the case is."""
    rules = process.candidate_rules(case)
    ahead, seen = [process.state_of(case)], {case.state}
    while ahead:
        state = ahead.pop()
        if has_task(state) and roles & (rules.candidates(state) | rules.leads):
            yield state
            continue
        names = {name for step in state.steps for name in step.arrows.values()} - seen
        seen |= names
        ahead += [process.state(name) for name in sorted(names)]

"""Whether something may be done beside the table: with a task, a request, the past, a merge."""

from datetime import datetime
from typing import Protocol

from domain.engine.action_forms import Rewinding
from domain.engine.case import Case
from domain.engine.merge_checks import MergeProcess, check_merge_action
from domain.engine.merged import MERGE_ACTIONS
from domain.engine.rewind.rules import check_rewind
from domain.engine.side_forms import SIDE_ACTIONS
from domain.engine.side_task_checks import SideProcess, check_side_action
from domain.engine.task_actions import check_action
from domain.language.forms import Form
from domain.language.roles import Actor


class ActionProcess(MergeProcess, SideProcess, Protocol):
    """What all of them need of a process."""


def check_beside(
    process: ActionProcess,
    case: Case,
    name: str,
    actor: Actor,
    form: Form,
    at: datetime,
    *,
    strict: bool,
) -> None:
    """Refuse an action of this name that may not be done now, by this actor, with this form.

    Without `strict`, as on replay, nobody asks whether it is too late to take the case back.

    Raises:
        Refusal: of the class that says why.
    """
    state, rules = process.state_of(case), process.candidate_rules(case)
    if isinstance(form, Rewinding):
        check_rewind(process, case, actor, form, rules, at if strict else None)
    elif name in SIDE_ACTIONS:
        check_side_action(process, case, state, actor, form, rules, at)
    elif name in MERGE_ACTIONS:
        check_merge_action(process, case, actor, form, at)
    else:
        check_action(case, state, actor, form, rules, at)

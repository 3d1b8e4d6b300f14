"""Requests beside a case's own task: which command a task means, and what a caller may do."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final

from pydantic import JsonValue

from app.authentication import Principal
from app.authorization import Right, check_right, reads_inside
from app.offers import passes, settled_case
from app.results import Offer, SideTaskItem
from app.services import Services
from app.step_forms import form_schema
from domain.engine.case import Case
from domain.engine.merged import MERGE
from domain.engine.messages import Command
from domain.engine.process import Process
from domain.engine.side_forms import (
    ANSWER_REQUEST,
    APPROVE_REQUEST,
    ASK_APPROVAL,
    ASK_ASSISTANCE,
    CLAIM_REQUEST,
    DECLINE_REQUEST,
    RELEASE_REQUEST,
    SIDE_ACTIONS,
    WITHDRAW_REQUEST,
)
from domain.engine.task_actions import CLAIM, RELEASE
from domain.language.roles import Actor
from domain.read_models.side_tasks import STEPS, side_task_views
from i18n.labels import label
from store.errors import CorruptRow, StoreDown

OF_REQUESTS: Final[Mapping[str, str]] = {CLAIM: CLAIM_REQUEST, RELEASE: RELEASE_REQUEST}
"""What is done with a request where the same is done with a case's own task."""

LEAST: Final[Mapping[str, Mapping[str, JsonValue]]] = {
    CLAIM_REQUEST: {},
    RELEASE_REQUEST: {},
    APPROVE_REQUEST: {},
    DECLINE_REQUEST: {"reason": "-"},
    ANSWER_REQUEST: {"answer": "-"},
    WITHDRAW_REQUEST: {},
}
"""The least that the engine takes of each: whether the caller may do it at all."""

ASKS: Final = frozenset({ASK_APPROVAL, ASK_ASSISTANCE})
"""What makes a request."""

BY_MEMBERS: Final = frozenset({CLAIM_REQUEST, ANSWER_REQUEST})
"""What the members of a team do, so that the teams of the caller matter."""


def shown_actions(caller: Principal, actions: Sequence[str]) -> list[str]:
    """Return what the caller may do besides: who is not shown all makes no requests, nor merges."""
    return [each for each in actions if each not in {*ASKS, MERGE} or reads_inside(caller)]


def check_asking(caller: Principal, commands: Sequence[Command]) -> None:
    """Check that whoever makes a request would be shown the answer; vendors would not.

    Raises:
        Forbidden
    """
    if caller.is_staff and any(command.step in ASKS for command in commands):
        check_right(caller, Right.READ_ALL_CASES)


async def as_on_request(
    services: Services,
    caller: Principal,
    number: str,
    commands: Sequence[Command],
    task: int | None,
) -> tuple[Sequence[Command], int | None]:
    """Return the commands that are meant where the task is a request, and the task if it is none.

    While the store is down nobody knows: the engine then says that there is no such task.
    """
    if task is None or not any(command.step in OF_REQUESTS for command in commands):
        return commands, task
    row = None
    with suppress(StoreDown, CorruptRow):
        row = await services.store.tasks.get(caller.tenant, number, task)
    if row is None or row.request is None:
        return commands, task
    return [_on_request(command, task) for command in commands], None


def side_task_items(
    process: Process, case: Case, actor: Actor, teams: Sequence[str], at: datetime
) -> list[SideTaskItem]:
    """Return the requests of a case with what this actor, of these teams, may do with each."""
    settled = settled_case(process, case, at)
    return [
        SideTaskItem(
            **view.model_dump(), actions=_actions(process, settled, actor, teams, view.seq, at)
        )
        for view in side_task_views(process, case)
    ]


def offers_of(kind: str, item: SideTaskItem, locale: str) -> list[Offer]:
    """Return the answers to a request that the caller may give, as buttons with their forms."""
    return [
        Offer(
            name=name,
            label=label(f"step.{name}", locale, kind),
            form=form_schema(kind, SIDE_ACTIONS[name][0]),
            default={"request": item.seq},
        )
        for name in STEPS[item.sort]
        if name in item.actions
    ]


def _on_request(command: Command, task: int) -> Command:
    if command.step not in OF_REQUESTS:
        return command
    return Command(step=OF_REQUESTS[command.step], form={**command.form, "request": task})


def _actions(
    process: Process, case: Case, actor: Actor, teams: Sequence[str], seq: int, at: datetime
) -> list[str]:
    if not case.side_tasks[seq].open:
        return []

    def may(name: str) -> bool:
        form: dict[str, JsonValue] = {**LEAST[name], "request": seq}
        if name in BY_MEMBERS:
            form["teams"] = [*teams]
        return passes(lambda: process.check(case, Command(step=name, form=form), actor, at))

    return [name for name in LEAST if may(name)]

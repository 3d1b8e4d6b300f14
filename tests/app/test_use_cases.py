"""The main use cases, called without HTTP: start, list, read and move a case; rewind, batches."""

import subprocess
import sys

import pytest

from app.authentication import Principal
from app.batches import get_batch, start_batch
from app.case_past import diff_entries, past_case
from app.comments import add_comment, list_comments
from app.errors import (
    Forbidden,
    FormRefused,
    KeyReused,
    NoSuchStep,
    NotFound,
    NumberMisread,
    Refused,
)
from app.new_batch import NewBatch
from app.people import add_key, list_staff
from app.read_cases import explain_clocks, get_case_row, list_cases, read_case
from app.read_tasks import TaskScope, list_tasks, read_task
from app.rewind import plan_case_rewind
from app.services import Services
from app.start_case import NewCase, start_case, start_cases
from app.submit_steps import submit_steps
from domain.engine.messages import Command
from domain.errors import Category
from domain.language.channels import Channel
from store.cases.records import CaseFilter, CaseWhere, TaskWhere
from store.people.records import KeyOwner, OwnerKind
from tests.support.waiting import until

pytestmark = pytest.mark.xdist_group("app")

WORDS = "刚买二十天内屏就坏了。"


def new_case(external_ref: str) -> NewCase:
    """A complaint that another system brings in."""
    return NewCase(
        kind="complaint", channel=Channel.REVIEW, form={"words": WORDS}, external_ref=external_ref
    )


async def complaint(services: Services, shop: Principal, external_ref: str) -> str:
    """The number of a new complaint, which is recorded."""
    started = await start_case(services, shop, new_case(external_ref), None)
    assert started.recorded
    return started.number


async def test_a_start_happens_once(services: Services, shop: Principal) -> None:
    first = await start_case(services, shop, new_case("once"), None)
    again = await start_case(services, shop, new_case("once"), None)
    assert (first.replayed, again.replayed) == (False, True)
    assert (again.number, again.answer) == (first.number, first.answer)
    other = new_case("once").model_copy(update={"product": "tablet"})
    with pytest.raises(KeyReused):
        await start_case(services, shop, NewCase.model_validate(other.model_dump()), None)


async def test_many_starts_each_have_their_outcome(services: Services, shop: Principal) -> None:
    bodies = [new_case("many-1").model_dump(mode="json", exclude_unset=True), {"kind": "x"}]
    started, refused = await start_cases(services, shop, bodies, None)
    assert not isinstance(started, Exception)
    assert started.recorded
    assert getattr(refused, "code", None) == "invalid"


async def test_a_case_is_listed_and_read(
    services: Services, shop: Principal, other_shop: Principal, agent: Principal
) -> None:
    number = await complaint(services, shop, "listed")
    case_filter = CaseFilter(external_ref="listed")
    for caller, numbers in ((shop, [number]), (agent, [number]), (other_shop, [])):
        listed = await list_cases(services, caller, case_filter, None, 10)
        assert [(line.number, line.words) for line in listed.items] == [(n, WORDS) for n in numbers]
    case = await read_case(services, agent, number, "en")
    assert (case.case.state, case.words) == ("received", WORDS)
    assert "accept" in [offer.name for offer in case.offers]
    assert "claim" in case.task_actions
    assert await explain_clocks(services, agent, number)
    with pytest.raises(NotFound):
        await read_case(services, other_shop, number, "en")
    with pytest.raises(NumberMisread):
        await get_case_row(services, agent, number[:-1] + str((int(number[-1]) + 1) % 10))


async def test_steps_are_submitted_once_and_read_back(
    services: Services, shop: Principal, agent: Principal
) -> None:
    number = await complaint(services, shop, "moved")
    waiting = await list_tasks(
        services, agent, TaskScope.ALL, TaskWhere(kind="complaint"), None, 100
    )
    seq = next(task.seq for task in waiting.items if task.number == number)
    claim = [Command(step="claim")]
    first = await submit_steps(services, agent, number, claim, key="claim-1", task=seq)
    again = await submit_steps(services, agent, number, claim, key="claim-1", task=seq)
    assert first.receipt is not None
    assert first.case is not None
    assert first.case.assignee == agent.id
    assert (again.receipt, again.replayed, first.replayed) == (first.receipt, True, False)
    task = await read_task(services, agent, number, seq, "en")
    assert task.task.assignee == agent.id


async def test_refusals_are_errors_of_the_use_case(
    services: Services, shop: Principal, agent: Principal
) -> None:
    number = await complaint(services, shop, "refused")
    with pytest.raises(NoSuchStep) as no_step:
        await submit_steps(services, agent, number, [Command(step="fly")])
    assert "classify" in no_step.value.params["steps"]  # type: ignore[operator]
    with pytest.raises(FormRefused) as wrong_form:
        await submit_steps(
            services, agent, number, [Command(step="classify", form={})], pointers=["/form"]
        )
    assert {fault.pointer for fault in wrong_form.value.faults} >= {"/form/category"}
    with pytest.raises(Refused) as stale:
        await submit_steps(services, agent, number, [Command(step="claim")], if_match=[99])
    assert (stale.value.code, stale.value.category) == ("stale", Category.OUTDATED)
    assert (await get_case_row(services, agent, number)).assignee is None


async def test_the_past_the_changes_and_the_plan_of_a_rewind(
    services: Services, shop: Principal, agent: Principal
) -> None:
    number = await complaint(services, shop, "past")
    await submit_steps(services, agent, number, [Command(step="claim")])
    past = await past_case(services, agent, number, None, 1)
    assert past.case.assignee is None
    diffs, more = await diff_entries(services, agent, number, 0, 10)
    assert (len(diffs), more) == (2, False)
    kind, plan = await plan_case_rewind(services, agent, number, 1)
    assert (kind, plan.restored.state) == ("complaint", "received")


async def test_comments_are_internal_or_public(
    services: Services, shop: Principal, agent: Principal
) -> None:
    number = await complaint(services, shop, "comments")
    await add_comment(services, agent, number, "For us.", None)
    await add_comment(services, shop, number, "From the shop.", None)
    seen = {}
    for caller in (agent, shop):
        page = await list_comments(services, caller, number, None, 10)
        seen[caller.id] = [comment.body for comment in page.items]
    assert seen == {agent.id: ["For us.", "From the shop."], shop.id: ["From the shop."]}


async def test_a_batch_acts_on_the_cases_that_fit(
    services: Services, shop: Principal, agent: Principal, manager: Principal
) -> None:
    await complaint(services, shop, "batch")
    where = CaseWhere(external_ref="batch")
    new = NewBatch(
        kind="complaint", where=where, step="withdraw", reason="Sent twice.", dry_run=True
    )
    with pytest.raises(Forbidden):
        await start_batch(services, agent, new, None)
    started, _ = await start_batch(services, manager, new, "batch-1")
    batch = started.batch

    async def ended() -> bool:
        return (await get_batch(services, manager, batch.id)).batch.ended_at is not None

    await until(ended)
    counted = await get_batch(services, manager, batch.id)
    assert (counted.left, sum(counted.counts.values())) == (0, 1)


async def test_who_may_is_asked_by_the_use_case(
    services: Services, shop: Principal, agent: Principal
) -> None:
    with pytest.raises(Forbidden):
        await list_tasks(services, shop, TaskScope.ALL, TaskWhere(), None, 10)
    with pytest.raises(Forbidden):
        await list_staff(services, agent)
    with pytest.raises(Forbidden):
        await add_key(services, agent, KeyOwner(OwnerKind.SYSTEM, "erp"), "")


def test_use_cases_load_no_web_framework() -> None:
    code = (
        "import app, importlib, pkgutil, sys\n"
        "for each in pkgutil.iter_modules(app.__path__):\n"
        "    importlib.import_module('app.' + each.name)\n"
        "print(*{'fastapi', 'starlette', 'api', 'uvicorn'} & sys.modules.keys())"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ran.stdout.strip(), ran.stderr) == ("", "")

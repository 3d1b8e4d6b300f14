"""`/v1/policies`: publish a policy, put one in force for new cases, see which there are."""

import json
from typing import Annotated

from fastapi import APIRouter, Path, Response, status

from api.batches.schemas import Batch, batch_of
from api.http.dependencies import CursorsDep, LocaleDep, ServicesDep, TextsDep
from api.http.headers import IdempotencyKey, mark_replayed, read_key
from api.http.security import Caller
from api.policies.schemas import (
    NewPolicy,
    PolicyDiff,
    PolicyEffect,
    PolicyList,
    PolicyQuestion,
    PolicyRelease,
    PolicyText,
    Preview,
    PublishedPolicy,
    Why,
    preview_of,
)
from app import policy as use_cases
from app import policy_apply as applying
from app import policy_diff as comparing
from app.errors import FieldFault
from app.policy_preview import PreviewedCase, preview_case
from app.texts import Texts

router = APIRouter(prefix="/v1", tags=["policies"])

Version = Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]


@router.post(
    "/policies",
    operation_id="publish_policy",
    summary="Publish a policy",
    status_code=status.HTTP_201_CREATED,
)
async def publish_policy(
    response: Response,
    services: ServicesDep,
    texts: TextsDep,
    locale: LocaleDep,
    caller: Caller,
    new: NewPolicy,
) -> PublishedPolicy:
    """Publish a policy, for management and administrators; all that is wrong with it is told.

    It never changes from then on: the same version with another content is refused. It is in force
    for new cases once another person releases it.
    """
    done = await use_cases.publish_policy(services, caller, new.document, new.reason)
    mark_replayed(response, done.replayed)
    warnings = [_in_language(each, texts, locale) for each in done.warnings]
    shown = ("version", "title", "hash", "at", "by", "reason")
    fields = {name: getattr(done.policy, name) for name in shown}
    return PublishedPolicy.model_validate({**fields, "warnings": warnings})


@router.get("/policies", operation_id="list_policies", summary="List the policies")
async def list_policies(services: ServicesDep, caller: Caller) -> PolicyList:
    """Return the policies, which one is in force for new cases, and which one was, and why."""
    return PolicyList.model_validate(await use_cases.list_policies(services, caller))


@router.get("/policies/{version}", operation_id="get_policy", summary="Read a policy")
async def get_policy(services: ServicesDep, caller: Caller, version: Version) -> PolicyText:
    """Return what a policy says that was published here."""
    stored = await use_cases.read_policy(services, caller, version)
    return PolicyText(
        version=stored.version,
        title=stored.title,
        hash=stored.hash,
        document=json.loads(stored.document),
    )


@router.post(
    "/policies/{version}/release", operation_id="release_policy", summary="Put a policy in force"
)
async def release_policy(
    services: ServicesDep, caller: Caller, version: Version, why: Why
) -> PolicyRelease:
    """Let new cases be opened under it from now on; who published it cannot.

    One that was in force before may be again, and so may one that came with the program. Cases that
    run keep theirs.
    """
    done = await use_cases.release_policy(services, caller, version, why.reason)
    return PolicyRelease.model_validate(done)


@router.post(
    "/policies/{version}/apply",
    operation_id="apply_policy",
    summary="Give running cases a policy",
    status_code=status.HTTP_201_CREATED,
)
async def apply_policy(
    response: Response,
    services: ServicesDep,
    caller: Caller,
    version: Version,
    new: applying.PolicyApplication,
    idempotency_key: IdempotencyKey,
) -> Batch:
    """Let all open cases that keep another policy go on under this one, or only look at `dry_run`.

    It is a batch: it goes on by itself, and each case has its result. Clocks move as the policy's
    `retarget` says, and each case's history has who did it and why. For management and
    administrators, but not for who published it; only for a policy that is or was in force.
    """
    key = read_key(idempotency_key)
    batch, replayed = await applying.apply_policy(services, caller, version, new, key)
    mark_replayed(response, replayed)
    return batch_of(batch)


@router.post("/policy:preview", operation_id="preview_policy", summary="Try a policy on a case")
async def preview_policy(services: ServicesDep, caller: Caller, new: PreviewedCase) -> Preview:
    """Return what would be decided for a case that is started like this; nothing is written.

    It is asked as the case would be once it is classified: as is given, or as would be proposed.
    Each answer says which row of which table decided. The policy is the one in force, another one
    by its version, or one by its text.
    """
    tried = await preview_case(services, caller, new)
    names = ("policy", "kind", "state", "classification", "candidates", "leads")
    fields = {name: getattr(tried, name) for name in names}
    return Preview.model_validate({**fields, **preview_of(tried.decisions)})


@router.post("/policy:diff", operation_id="diff_policy", summary="What a policy would change")
async def diff_policy(
    services: ServicesDep, cursors: CursorsDep, caller: Caller, asked: PolicyQuestion
) -> PolicyDiff:
    """Return what a policy would change in all open cases, and then in those that closed last.

    An open case is shown as it would be if it were given the policy now; a closed one as it would
    have been under it from the start. For management and administrators; nothing is written.
    """
    kept = await comparing.find_policy(services, caller, asked.policy, asked.document)
    scope = {"policy": kept.version, "document": kept.document, "closed": asked.closed}
    after = cursors.read(caller, scope, asked.cursor)
    page = await comparing.diff_policy(services, caller, kept, asked.closed, after, asked.limit)
    return PolicyDiff(
        policy=page.policy,
        looked_at=page.looked_at,
        total=page.total,
        items=[PolicyEffect.model_validate(each) for each in page.effects],
        next=cursors.write(caller, scope, page.next),
        left_out=[*page.left_out],
    )


def _in_language(fault: FieldFault, texts: Texts, locale: str) -> dict[str, object]:
    detail = texts.fault(fault.code, fault.detail, locale, fault.params)
    return {
        "pointer": fault.pointer,
        "code": fault.code,
        "detail": detail,
        "params": dict(fault.params),
    }

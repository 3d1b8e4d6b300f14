"""Give running cases another policy: a batch of one step, with a result for each case."""

import hashlib

from pydantic import BaseModel, ConfigDict

from app.authentication import Principal
from app.authorization import Right, check_right
from app.batches import start_prepared
from app.filters import unknown_kind
from app.new_batch import MAX_CASES, PreparedBatch, checked_numbers
from app.policy import known_policy
from app.policy_errors import PolicyNotReleased
from app.services import Services
from cases import CURRENT
from domain.batches import Batch
from domain.canonical import canonical_json
from domain.engine.kept_policy import CHANGE_POLICY, KeptPolicy, PolicyChange
from domain.engine.messages import Command
from domain.language.values import Code, Text
from store.batches.records import BatchProgress
from store.db.clock import utc_now


class PolicyApplication(BaseModel):
    """Which running cases are given a policy: all that keep another one, or those of a kind."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: Text
    kind: Code | None = None
    dry_run: bool = False


async def apply_policy(
    services: Services, caller: Principal, version: str, new: PolicyApplication, key: str | None
) -> tuple[BatchProgress, bool]:
    """Have the running cases given a policy; return whether it was begun, under this key, before.

    Raises:
        Forbidden: only management and administrators may.
        NoSuchPolicy
        OwnPolicy: the caller published it; somebody else is to agree.
        PolicyNotReleased: it was never in force.
        Unacceptable: there is no such kind.
        NoCaseFits: all keep it already.
        TooManyCases: more than a batch may have; do it for each kind.
        EngineDown: it is written down; the same request with the same key begins it.
    """
    check_right(caller, Right.SET_POLICIES)
    if new.kind is not None and new.kind not in CURRENT:
        raise unknown_kind("/kind")
    kept = await known_policy(services, caller, version, by_another=True)
    if not await _was_in_force(services, caller, version):
        raise PolicyNotReleased(version)
    digest = _digest(kept, new)

    async def prepare(id: str) -> PreparedBatch:
        return await _prepare(services, caller, kept, new, id, digest)

    return await start_prepared(services, caller, digest, key, prepare)


async def _was_in_force(services: Services, caller: Principal, version: str) -> bool:
    is_set = version == services.policy_version
    return is_set or await services.store.policies.was_released(caller.tenant, version)


async def _prepare(
    services: Services,
    caller: Principal,
    kept: KeptPolicy,
    new: PolicyApplication,
    id: str,
    digest: str,
) -> PreparedBatch:
    numbers = await services.store.cases.open_numbers(
        caller.tenant, "", MAX_CASES + 1, kind=new.kind, other_than=kept.version
    )
    form = PolicyChange(policy=kept.version, document=kept.document, reason=new.reason)
    batch = Batch(
        tenant=caller.tenant,
        id=id,
        at=utc_now(),
        actor=caller.actor(),
        kind=new.kind or "",
        command=Command(step=CHANGE_POLICY, form=form.canonical()),
        reason=new.reason,
        dry_run=new.dry_run,
        which={"open": True},
        digest=digest,
        size=len(checked_numbers(numbers)),
    )
    return PreparedBatch(batch, numbers)


def _digest(kept: KeptPolicy, new: PolicyApplication) -> str:
    body = {"policy": kept.version, **new.model_dump(mode="json")}
    return hashlib.sha256(canonical_json(body).encode()).hexdigest()

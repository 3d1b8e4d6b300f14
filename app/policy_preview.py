"""What a policy would decide for a case, before there is one: nothing is written."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, JsonValue

from app.authentication import Principal
from app.authorization import Right, check_right
from app.expected_errors import refused
from app.orders import goods_of_start
from app.policy import known_policy, policy_in_force, read_draft
from app.services import Services
from app.start_case import NewCase, opening_of_new, parse_new_case
from cases.common.decisions import Decisions, decisions_of
from domain.engine.case import Case
from domain.engine.kept_policy import KeptPolicy
from domain.engine.process import Process
from domain.errors import WrongForm
from domain.language.forms import Form
from domain.language.values import Code
from store.db.clock import utc_now
from store.intake.records import Reserved, StartIdentity


class PreviewedCase(NewCase):
    """A case as it would be started, and what a policy is asked about it.

    Without `classification` the one counts that would be proposed for it.
    """

    classification: Annotated[
        dict[str, JsonValue] | None, Field(description="The form of the step that classifies it.")
    ] = None
    policy: Annotated[Code | None, Field(description="Without it the one in force.")] = None
    document: Annotated[
        str | None, Field(max_length=256 * 1024, description="A policy's text, in its place.")
    ] = None


@dataclass(frozen=True)
class Preview:
    """What a policy decides for a case, and who works on it.

    `classification` is what it was asked with: given, proposed, or None where nothing is known.
    """

    policy: str
    kind: str
    state: str
    classification: dict[str, JsonValue] | None
    decisions: Decisions
    candidates: tuple[str, ...]
    leads: tuple[str, ...]


async def preview_case(services: Services, caller: Principal, new: PreviewedCase) -> Preview:
    """Return what would be decided for a case.

    Raises:
        Forbidden: it is for our own people.
        Unacceptable, FormRefused: the case could not be started, or the text is no policy.
        NoSuchPolicy
        StoreDown
    """
    check_right(caller, Right.READ_ALL_CASES)
    kept = await _policy(services, caller, new)
    process, form = parse_new_case(new)
    goods = await goods_of_start(services, caller, process, form, new)
    ref = new.customer.ref if new.customer else None
    reserved = Reserved("", ref, new=True, order_goods=goods)
    tier = await services.store.customers.tier(caller.tenant, ref)
    identity = StartIdentity(digest="", now=utc_now())
    opening = opening_of_new(kept, caller, new, identity, reserved, tier)
    case = process.open(opening, utc_now())
    classified = _classify(process, case, new.classification)
    state, rules = process.state_of(case), process.candidate_rules(case)
    return Preview(
        policy=kept.version,
        kind=process.kind,
        state=case.state,
        classification=classified.canonical() if classified else None,
        decisions=decisions_of(process, case),
        candidates=tuple(rules.candidates(state)),
        leads=tuple(rules.leads),
    )


async def _policy(services: Services, caller: Principal, new: PreviewedCase) -> KeptPolicy:
    if new.document is not None:
        return read_draft(new.document)
    if new.policy is not None:
        return await known_policy(services, caller, new.policy)
    return await policy_in_force(services, caller.tenant)


def _classify(process: Process, case: Case, given: dict[str, JsonValue] | None) -> Form | None:
    """Let a case be classified as given, or as is proposed for it, if that is anything."""
    if process.imports is None or not (given or case.opening.proposal):
        return None
    form_type = process.imports.classification
    try:
        form = form_type.strict(given) if given else form_type.lenient(case.opening.proposal)
    except WrongForm as error:
        raise refused(error, process.kind, "/classification") from None
    case.latest_forms[form_type] = form
    return form

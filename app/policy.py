"""The policies of a tenant: published by one person, put in force for new cases by another one.

Until somebody does, new cases are promised under the policy that the process is set to.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum, auto
from typing import Any, Final

from app.authentication import Principal
from app.authorization import Right, check_right
from app.errors import FieldFault, Unacceptable
from app.policy_errors import NoSuchPolicy, OwnPolicy, PolicyTaken
from app.services import Services
from cases.common.policy import Policy, carried_policy, kept_policy, published_policies
from domain.engine.kept_policy import CHANGE_POLICY, KeptPolicy
from domain.engine.messages import DEFAULT_TENANT, Command
from domain.language.decision_table import DecisionTable
from domain.language.roles import Actor, ActorKind
from policies.check import CheckedPolicy, check_for_publication
from policies.document_text import DocumentFault, DocumentRefused, fault_at
from policies.documents import calendars, policies, raw_documents
from store import Store
from store.audit.configuration import POLICY
from store.audit.records import By
from store.errors import Taken
from store.policies import PolicyRelease, PublishedPolicy

log = logging.getLogger("banjie.policy")
BY_START: Final = By(Actor(kind=ActorKind.SYSTEM, id="api"), "BANJIE_POLICY, when the API started")


class Standing(StrEnum):
    """Where a policy stands: it waits, it is or was in force, or it came with the program."""

    DRAFT = auto()
    IN_FORCE = auto()
    FORMER = auto()
    BUILT_IN = auto()


@dataclass(frozen=True)
class PolicyItem:
    """A policy in the list; who published it, when and why is None for the program's own."""

    version: str
    title: str
    standing: Standing
    hash: str | None = None
    at: datetime | None = None
    by: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class PolicyList:
    """The policies that there are, the one for new cases, and since when which one was."""

    in_force: str
    items: Sequence[PolicyItem]
    history: Sequence[PolicyRelease]


@dataclass(frozen=True)
class Publication:
    """A policy that was published; `warnings` are what somebody should see to.

    `replayed`: it was published before, with the same content.
    """

    policy: PublishedPolicy
    warnings: Sequence[FieldFault]
    replayed: bool


async def publish_policy(
    services: Services, caller: Principal, text: str, reason: str
) -> Publication:
    """Publish a policy; it is in force once somebody else says so.

    Raises:
        Forbidden: only management and administrators may.
        Unacceptable: with all that is wrong with it.
        PolicyTaken: another one has its version.
        StoreDown
    """
    check_right(caller, Right.SET_POLICIES)
    try:
        checked = check_for_publication(text, calendars())
    except DocumentRefused as error:
        raise Unacceptable(*map(_field_fault, error.faults)) from None
    faults, warnings = await _missing_people(services, caller, checked)
    if faults:
        raise Unacceptable(*map(_field_fault, faults))
    version, title = checked.document.version, checked.document.title
    if version in policies():
        raise PolicyTaken(version)
    try:
        stored, is_new = await services.store.policies.add(
            caller.tenant, version, checked.carried, checked.hash, title, caller.by(reason)
        )
    except Taken:
        raise PolicyTaken(version) from None
    return Publication(stored, [*map(_field_fault, warnings)], not is_new)


async def release_policy(
    services: Services, caller: Principal, version: str, reason: str
) -> PolicyRelease:
    """Put a policy in force for new cases: a published one, a former one or the program's own.

    Raises:
        Forbidden: only management and administrators may.
        NoSuchPolicy
        OwnPolicy: the caller published it; somebody else is to agree.
        StoreDown
    """
    check_right(caller, Right.SET_POLICIES)
    await known_policy(services, caller, version, by_another=True)
    return await services.store.policies.release(caller.tenant, version, caller.by(reason))


async def list_policies(services: Services, caller: Principal) -> PolicyList:
    """List the policies: those that were published, the newest first, then the program's own.

    Raises:
        Forbidden: they are for our own people.
        StoreDown
    """
    check_right(caller, Right.READ_ALL_CASES)
    released = await services.store.policies.releases(caller.tenant)
    in_force = released[0].version if released else services.policy_version
    former = {each.version for each in released}

    def standing(version: str, otherwise: Standing) -> Standing:
        if version == in_force:
            return Standing.IN_FORCE
        return Standing.FORMER if version in former else otherwise

    published = [
        PolicyItem(
            each.version,
            each.title,
            standing(each.version, Standing.DRAFT),
            *(each.hash, each.at, each.by, each.reason),
        )
        for each in await services.store.policies.all(caller.tenant)
    ]
    titles = {str(raw["version"]): str(raw["title"]) for raw in raw_documents("published")}
    own = [
        PolicyItem(version, titles[version], standing(version, Standing.BUILT_IN))
        for version in sorted(titles)
    ]
    return PolicyList(in_force, [*published, *own], released)


async def read_policy(services: Services, caller: Principal, version: str) -> PublishedPolicy:
    """Return a policy that was published, with its text.

    Raises:
        Forbidden: they are for our own people.
        NoSuchPolicy
        StoreDown
    """
    check_right(caller, Right.READ_ALL_CASES)
    stored = await services.store.policies.get(caller.tenant, version)
    if stored is None:
        raise NoSuchPolicy(version)
    return stored


async def known_policy(
    services: Services, caller: Principal, version: str, *, by_another: bool = False
) -> KeptPolicy:
    """Return a policy of the tenant or of the program.

    Raises:
        NoSuchPolicy
        OwnPolicy: it is to be published by another person, and the caller did.
        StoreDown
    """
    if version in policies():
        return KeptPolicy(version)
    stored = await services.store.policies.get(caller.tenant, version)
    if stored is None:
        raise NoSuchPolicy(version)
    if by_another and stored.by == caller.id:
        raise OwnPolicy(version)
    return KeptPolicy(version, stored.document)


async def check_policy_change(services: Services, caller: Principal, command: Command) -> None:
    """Check that the caller may give cases a policy, if that is what a command does.

    Raises:
        Forbidden: only management and administrators may.
        NoSuchPolicy, OwnPolicy
        StoreDown
    """
    if command.step == CHANGE_POLICY:
        check_right(caller, Right.SET_POLICIES)
        version = str(command.form.get("policy"))
        await known_policy(services, caller, version, by_another=True)


def read_draft(text: str) -> KeptPolicy:
    """Return the policy of a text that nobody published.

    Raises:
        Unacceptable: with all that is wrong with it.
    """
    try:
        checked = check_for_publication(text, calendars())
    except DocumentRefused as error:
        raise Unacceptable(*map(_field_fault, error.faults)) from None
    return KeptPolicy(checked.document.version, checked.carried)


async def policy_in_force(services: Services, tenant: str) -> KeptPolicy:
    """Return the policy that new cases are opened under.

    Raises:
        StoreDown
    """
    released = await services.store.policies.in_force(tenant)
    return KeptPolicy(*released) if released else KeptPolicy(services.policy_version)


async def policies_of_tenant(services: Services, tenant: str) -> Mapping[str, Policy]:
    """Return every policy that cases of a tenant may keep, by its version.

    Raises:
        StoreDown
        UnknownPolicy: this release cannot read one.
    """
    stored = await services.store.policies.all(tenant)
    program = {each.version: each for each in published_policies()}
    return program | {each.version: carried_policy(each.document) for each in stored}


async def policy_under(services: Services, tenant: str, version: str) -> Policy:
    """Return the policy of a version; only those of the tenant are looked up.

    Raises:
        StoreDown
        UnknownPolicy: there is none.
    """
    return kept_policy(await kept_under(services, tenant, version))


async def kept_under(services: Services, tenant: str, version: str) -> KeptPolicy:
    """Return a policy as cases keep it: its version, with its text if the tenant published it.

    Raises:
        StoreDown
    """
    if any(each.version == version for each in published_policies()):
        return KeptPolicy(version)
    stored = await services.store.policies.get(tenant, version)
    return KeptPolicy(version, stored.document if stored else None)


async def _missing_people(
    services: Services, caller: Principal, checked: CheckedPolicy
) -> tuple[list[DocumentFault], list[DocumentFault]]:
    """Return the teams that there are not, and the teams and roles that nobody is in."""
    people = services.store.people
    known = {team.id for team in await people.teams(caller.tenant)}
    active = [each for each in await people.list(caller.tenant) if each.active]
    manned = {team for each in active for team in each.teams}
    held = {role for each in active for role in each.roles}
    faults, warnings = list[DocumentFault](), list[DocumentFault]()
    for number, row in enumerate(checked.document.teams):
        params: dict[str, Any] = {"team": row.team, "known": sorted(known)}
        if row.routed is not None and row.team not in known:
            faults.append(fault_at(("teams", number), "no_such_team", checked.lines, params))
        elif row.routed is not None and row.team not in manned:
            warnings.append(fault_at(("teams", number), "team_empty", checked.lines, params))
    for number, role in _decided_by_role(checked.policy.authority):
        if role not in held:
            path = ("authority", "amounts", number)
            warnings.append(fault_at(path, "role_empty", checked.lines, {"role": role}))
    return faults, warnings


def _decided_by_role(authority: DecisionTable[Any]) -> Iterator[tuple[int, str]]:
    """Yield the roles that rows give authority to, each with the place of the first row."""
    seen = set[str]()
    for number, row in enumerate(authority.rows):
        for role in sorted(row.when.get("role", frozenset()) - seen if row.then else ()):
            seen.add(role)
            yield number, role


def _field_fault(fault: DocumentFault) -> FieldFault:
    line = {} if fault.line is None else {"line": fault.line}
    return FieldFault(f"/document{fault.pointer}", fault.code, "", {**fault.params, **line})


async def note_policy(store: Store, version: str) -> None:
    """Write down that processes are set to this policy from now on, unless they were before.

    Raises:
        StoreDown
    """
    await store.audit_log.add_if_changed(DEFAULT_TENANT, BY_START, POLICY, version)


def warn_of_calendar(version: str, today: date) -> None:
    """Log that promises under this policy may soon reach beyond the holidays that are announced."""
    calendar = policies()[version].calendar
    if calendar.ends_soon(today):
        log.warning(
            "policy %s: calendar %s knows no holidays after %s; what is due then is provisional",
            version,
            calendar.name,
            calendar.announced_until,
        )

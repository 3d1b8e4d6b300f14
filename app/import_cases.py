"""Take over cases of another system, running and closed ones, each once; or only say what would be.

A case is known by the name of the system and the number that it has there, so a file that was
imported in part is imported again, and what is there stays as it is.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum, auto
from typing import Final

from pydantic import JsonValue

from app.authentication import Principal
from app.errors import (
    AppError,
    Busy,
    Fault,
    FieldFault,
    InProgress,
    KeyReused,
    Unacceptable,
    invalid,
)
from app.expected_errors import EXPECTED, app_error, refused
from app.import_lines import CheckedLine, ImportLine, check_line, read_line
from app.import_rights import check_import_cases
from app.import_steps import earlier_steps
from app.orders import goods_of_start
from app.policy import policy_in_force
from app.read_cases import find_case_row
from app.services import Services
from app.start_case import BULK_RECORD_TIMEOUT, answer_start, hash_of
from app.unit_claims import as_shown, unit_in_case
from domain.engine.kept_policy import KeptPolicy
from domain.engine.messages import Opening
from domain.language.roles import Actor, ActorKind, Roles
from store import errors as store_errors
from store.comments import Comment, Visibility
from store.customers.records import DESK, Contact, CustomerInput
from store.db.clock import utc_now
from store.db.request_keys import RequestKey, derived_id
from store.intake.records import OrderGoods, Reservation, Reserved, StartIdentity
from store.orders.records import LineClaim
from store.people.records import Staff

MAX_LINES: Final = 100
DEFAULT_SOURCE: Final = "import"


class ImportStatus(StrEnum):
    """What became of a line; of one that was unanswered nobody knows, so the file comes again."""

    WOULD_START = auto()
    STARTED = auto()
    ALREADY_THERE = auto()
    REFUSED = auto()
    UNANSWERED = auto()


@dataclass(frozen=True)
class ImportedLine:
    """What became of a line, by its place from 1; `error` says why nothing did."""

    line: int
    external_ref: str | None
    status: ImportStatus
    number: str | None = None
    error: Exception | None = None


@dataclass(frozen=True)
class _Known:
    """A reference that came before: the case's number, once it has one, and the line's hash."""

    number: str | None
    digest: str


async def import_cases(
    services: Services,
    caller: Principal,
    source: str,
    bodies: Sequence[JsonValue],
    *,
    dry_run: bool,
    key: str | None = None,
) -> list[ImportedLine]:
    """Take over the cases that lines describe; in a dry run write nothing and say what would be.

    No faster than they are recorded: what is put off was not started. With a key each line has
    that key together with its place.

    Raises:
        Forbidden: only an administrator may.
        Unacceptable: the name of the system is that of our own people.
        StoreDown
    """
    check_import_cases(caller)
    if source == DESK:
        raise invalid("/source", "reserved", "This is what our own people enter.")
    importing = await _begin(services, caller, source, dry_run=dry_run, key=key)
    lines = [importing.checked(place, body) for place, body in enumerate(bodies, start=1)]
    refs = {each.line.external_ref for each in lines if isinstance(each, CheckedLine)}
    known = await services.store.intake.known_refs(caller.tenant, source, refs)
    importing.known.update({ref: _Known(*each) for ref, each in known.items()})
    return await asyncio.gather(*(importing.one(n, each) for n, each in enumerate(lines, start=1)))


async def _begin(
    services: Services, caller: Principal, source: str, *, dry_run: bool, key: str | None
) -> "_Importing":
    people = services.store.people
    staff = {each.id: each for each in await people.list(caller.tenant) if each.active}
    teams = sorted(team.id for team in await people.teams(caller.tenant))
    policy = await policy_in_force(services, caller.tenant)
    return _Importing(services, caller, source, key, dry_run, utc_now(), staff, teams, policy)


@dataclass(frozen=True)
class _Importing:
    """One request: who imports from where, and what is known of the references in it.

    `tried` is what the lines before claim in a dry run.
    """

    services: Services
    caller: Principal
    source: str
    key: str | None
    dry_run: bool
    now: datetime
    staff: Mapping[str, Staff]
    teams: Sequence[str]
    policy: KeptPolicy
    known: dict[str, _Known] = field(default_factory=dict)
    turns: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    behind: asyncio.Event = field(default_factory=asyncio.Event)
    trying: asyncio.Lock = field(default_factory=asyncio.Lock)
    tried: list[Sequence[LineClaim]] = field(default_factory=list)

    def checked(self, place: int, body: JsonValue) -> CheckedLine | ImportedLine:
        """Return a line that can be taken over, or why it cannot."""
        try:
            checked = check_line(read_line(body), self.now, self.policy)
            self._check_people(checked)
        except Unacceptable as error:
            ref = body.get("external_ref") if isinstance(body, dict) else None
            ref = ref if isinstance(ref, str) else None
            return ImportedLine(place, ref, ImportStatus.REFUSED, error=error)
        return checked

    async def one(self, place: int, checked: CheckedLine | ImportedLine) -> ImportedLine:
        """Return what becomes of a line; of lines with one reference each waits for the former."""
        if isinstance(checked, ImportedLine):
            return checked
        ref, digest = checked.line.external_ref, digest_of(checked.line)
        async with self.turns[ref], self.services.start_slots:
            known = self.known.get(ref)
            if known is not None and known.digest != digest:
                error = invalid("/external_ref", "imported_otherwise", "It has other data here.")
                return ImportedLine(place, ref, ImportStatus.REFUSED, known.number, error)
            try:
                number = await (self._try if self.dry_run else self._take_over)(place, checked)
            except EXPECTED as error:
                return ImportedLine(place, ref, _status_of(error), error=error)
            started = ImportStatus.WOULD_START if self.dry_run else ImportStatus.STARTED
            self.known[ref] = _Known(number, digest)
            return ImportedLine(
                place, ref, ImportStatus.ALREADY_THERE if known else started, number
            )

    async def _try(self, _place: int, checked: CheckedLine) -> str | None:
        """Refuse what would be refused; return the number of a case that is there already."""
        if known := self.known.get(checked.line.external_ref):
            return known.number
        goods = await self._goods(checked)
        earlier_steps(checked, self.opening(checked, goods), self.now)
        if goods is not None:
            await self._try_claims(goods.claims)
        return None

    async def _try_claims(self, claims: Sequence[LineClaim]) -> None:
        """Refuse what another case has, or a line before this one would claim."""
        names = {name for claim in claims for name in claim.names}
        async with self.trying:
            before = [each for each in self.tried if any(names & {*c.names} for c in each)]
            try:
                await self.services.store.unit_claims.check(self.caller.tenant, [*before, claims])
            except store_errors.UnitTaken as taken:
                raise await self._taken(taken) from None
            self.tried.append(claims)

    async def _goods(self, checked: CheckedLine) -> OrderGoods | None:
        """Return the goods of a line, as their order has them; an open case claims its units.

        Raises:
            Unacceptable: the order does not have what is named.
            OrdersDown
        """
        line, process = checked.line, checked.process
        goods = await goods_of_start(self.services, self.caller, process, checked.form, line)
        claimed = process.claims_units and not checked.state.closed
        return goods.model_copy(update={"claimed": claimed}) if goods else None

    async def _taken(self, taken: store_errors.UnitTaken) -> AppError:
        return refused(await as_shown(self.services, self.caller, unit_in_case(taken)))

    async def _take_over(self, place: int, checked: CheckedLine) -> str:
        """Start the case, once, and keep what was written about it; return its number."""
        if self.behind.is_set():
            raise Busy
        services, tenant, line = self.services, self.caller.tenant, checked.line
        identity = self._identity(place, line)
        try:
            reserved = await services.store.intake.find(tenant, identity)
            reserved = reserved or await self._reserve(checked, identity)
        except store_errors.KeyReused:
            raise KeyReused from None
        except store_errors.UnitTaken as taken:
            raise await self._taken(taken) from None
        if reserved.in_progress:
            raise InProgress
        if reserved.answered is None:
            if reserved.new or await find_case_row(services, tenant, reserved.number) is None:
                tier = await services.store.customers.tier(tenant, reserved.customer)
                opening = self.opening(checked, reserved.order_goods, reserved)
                steps = earlier_steps(checked, opening, self.now)
                imported = opening.imported and opening.imported.model_copy(update={"steps": steps})
                update = {"tier": tier, "imported": imported}
                await services.case_client.start(opening.model_copy(update=update))
            timeout = services.record_timeout if reserved.acknowledged else BULK_RECORD_TIMEOUT
            started = await answer_start(services, self.caller, reserved, timeout)
            if not (started.recorded or started.replayed):
                self.behind.set()
        await services.store.comments.add_earlier(tenant, self._notes(line, reserved.number))
        return reserved.number

    async def _reserve(self, checked: CheckedLine, identity: StartIdentity) -> Reserved:
        goods = await self._goods(checked)
        earlier_steps(checked, self.opening(checked, goods), self.now)
        customer = checked.line.customer
        contacts = tuple(
            Contact(each.kind.value, each.value) for each in (customer.contacts if customer else ())
        )
        reservation = Reservation(
            **vars(identity),
            prefix=checked.process.prefix,
            day=self.now.astimezone(self.services.business_zone).date(),
            source=self.source,
            customer=CustomerInput(name=customer.name if customer else None, contacts=contacts),
            order_goods=goods,
        )
        return await self.services.store.intake.reserve(self.caller.tenant, reservation)

    def _identity(self, place: int, line: ImportLine) -> StartIdentity:
        key = (self.caller.client, f"{self.key}#{place}") if self.key else None
        ref = (self.source, line.external_ref)
        return StartIdentity(digest=digest_of(line), now=self.now, key=key, ref=ref)

    def opening(
        self, checked: CheckedLine, goods: OrderGoods | None, reserved: Reserved | None = None
    ) -> Opening:
        """Return the opening of a line's case; without its number and customer it is a trial."""
        line, process = checked.line, checked.process
        holder = self.staff.get(line.assignee or "")
        update = {"assignee": holder.id, "roles": holder.roles} if holder else {}
        return Opening(
            tenant=self.caller.tenant,
            number=reserved.number if reserved else "",
            kind=process.kind,
            process_version=process.version,
            policy_version=self.policy.version,
            policy_document=self.policy.document,
            source=self.source,
            external_ref=line.external_ref,
            channel=line.channel.value,
            received_at=line.received_at,
            customer=reserved.customer if reserved else None,
            order=goods.order if goods else line.order,
            goods=goods.goods if goods else (),
            order_total=goods.total if goods else None,
            product=line.product,
            team=line.team,
            proposal=checked.proposal,
            form=checked.form.canonical(),
            imported=checked.imported.model_copy(update=update),
            actor=self.caller.actor(),
            request=f"ref:{hash_of(line.external_ref)}",
            digest=digest_of(line, exclude={"customer", "history"}),
        )

    def _check_people(self, checked: CheckedLine) -> None:
        """Refuse a team that there is not, and an assignee who may not hold the case."""
        line, faults = checked.line, list[FieldFault]()
        if line.team is not None and line.team not in self.teams:
            params = {"teams": [*self.teams]}
            faults.append(FieldFault("/team", "unknown_team", "There is no such team.", params))
        if line.assignee is not None and (fault := self._wrong_assignee(checked)):
            faults.append(fault)
        if faults:
            raise Unacceptable(*faults)

    def _wrong_assignee(self, checked: CheckedLine) -> FieldFault | None:
        staff = self.staff.get(checked.line.assignee or "")
        if staff is None:
            detail = "Nobody who is active has this id."
            return FieldFault("/assignee", "unknown_assignee", detail)
        case = checked.process.open(self.opening(checked, None), self.now)
        rules = checked.process.candidate_rules(case)
        fitting = rules.candidates(checked.state) | (rules.leads & checked.state.workers)
        if Roles(frozenset(staff.roles)) & fitting:
            return None
        detail = "The roles of this person do not fit the state."
        return FieldFault("/assignee", "assignee_unfit", detail, {"roles": [*fitting]})

    def _notes(self, line: ImportLine, number: str) -> list[Comment]:
        """Return the history of a case as notes; whoever wrote them there is nobody here."""
        author = Actor(kind=ActorKind.SYSTEM, id=self.source)
        notes = []
        for n, note in enumerate(line.history):
            key = RequestKey(f"import:{self.source}", f"{line.external_ref}#{n}")
            id = f"co-{derived_id(self.caller.tenant, key, 8)}"
            body = f"{note.by}: {note.text}" if note.by else note.text
            notes.append(Comment(id, number, note.at, author, Visibility.INTERNAL, body))
        return notes


def digest_of(line: ImportLine, exclude: set[str] | None = None) -> str:
    """Return the hash that tells one line from another."""
    return hash_of(line.model_dump(mode="json", exclude_unset=True, exclude=exclude))


def _status_of(error: Exception) -> ImportStatus:
    category = app_error(error)
    is_open = category is not None and category.category in (Fault.UNAVAILABLE, Fault.TOO_MANY)
    waits = isinstance(error, InProgress) or is_open
    return ImportStatus.UNANSWERED if waits else ImportStatus.REFUSED

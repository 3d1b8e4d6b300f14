"""Drafts: what somebody has typed and not sent; their own, and nobody else's to read."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import TypeAdapter, ValidationError

from app.authentication import Principal
from app.authorization import check_staff, sees_case
from app.customer_rights import CustomerAct
from app.customers import read_customer
from app.errors import Malformed, invalid
from app.filters import unknown_kind
from app.policy import kept_under
from app.read_cases import check_number, get_case_row
from app.services import Services
from app.step_forms import check_step, processes_of
from cases import CURRENT
from domain.canonical import canonical_json
from domain.engine.kept_policy import KeptPolicy
from domain.language.values import Code
from domain.read_models.projection import CaseView
from store.drafts.records import Draft, DraftEnd, Pairs
from store.scheduled.scheduled_messages import DRAFT_OF_MESSAGE

NOTE: Final = "note"
PUBLIC_NOTE: Final = "public_note"
NEW: Final = "new"
CUSTOMERS: Final = "customers"
_CODE: Final[TypeAdapter[str]] = TypeAdapter(Code)
MAX_BYTES: Final = 64 * 1024
MAX_COUNTER: Final = 2**53 - 1
"""The highest whole number that a browser counts to."""


@dataclass(frozen=True)
class ListedDraft:
    """A draft in the list of its author's.

    `case` and its `policy` are there only while they see the case that it is about.
    """

    draft: Draft
    case: CaseView | None
    policy: KeptPolicy | None = None

    @property
    def about(self) -> str:
        """What the form is: a step, `note`, `message` …; of a new case its kind, `/`, origin."""
        return self.draft.subject.partition("/")[2]

    @property
    def customer(self) -> str | None:
        """The customer whose record it corrects."""
        return self.about if self.draft.subject.startswith(f"{CUSTOMERS}/") else None


@dataclass(frozen=True)
class SavedDraft:
    """The draft that is there; `is_saved` says whether it is the one that was sent just now."""

    draft: Draft
    is_saved: bool


async def save_draft(
    services: Services,
    caller: Principal,
    subject: str,
    pairs: Sequence[tuple[str, str]],
    counter: int,
    version: int | None = None,
    known: Collection[int] | None = None,
) -> SavedDraft:
    """Save what the caller has typed, unless a newer draft is there.

    Args:
        services: the store to use.
        caller: who typed it.
        subject: `<case number>/<step, note, public_note or message>`, or `new/<kind>`, behind which
            may stand the customer or the case that it comes of, `/<code>`; or `customers/<code>`
            for the correction of a record.
        pairs: the form as it would be posted.
        counter: grows with each change that the browser saves or sends.
        version: the ETag of the case that the caller saw.
        known: the counters of the drafts that the caller wrote or saw where they type; another one,
            written elsewhere, stays. None: whichever is older is replaced.

    Raises:
        Forbidden: only staff may.
        NotFound, NumberMisread, NoSuchStep: there is no such subject for the caller.
        Unacceptable, Malformed: the subject, the counter or the content is none.
        StoreDown
    """
    check_staff(caller)
    number = await _check_subject(services, caller, subject)
    content = _check_content(pairs)
    _check_counter(counter)
    draft, is_saved = await services.store.drafts.save(
        caller.tenant,
        caller.id,
        subject,
        content,
        counter,
        number=number,
        version=version,
        known=known,
    )
    return SavedDraft(draft, is_saved)


async def get_draft(services: Services, caller: Principal, subject: str) -> Draft | None:
    """Return the caller's draft; one without content was sent or discarded.

    The browser goes on counting from its counter.

    Raises:
        Forbidden: only staff may.
        StoreDown
    """
    check_staff(caller)
    return await services.store.drafts.get(caller.tenant, caller.id, subject)


async def list_drafts(services: Services, caller: Principal) -> list[ListedDraft]:
    """List the caller's drafts, the newest first, also those of cases that they no longer see.

    The text is theirs; of such a case they are told nothing.

    Raises:
        Forbidden: only staff may.
        StoreDown
    """
    check_staff(caller)
    drafts = await services.store.drafts.of(caller.tenant, caller.id)
    numbers = [draft.number for draft in drafts if draft.number is not None]
    rows = await services.store.cases.some(caller.tenant, numbers)
    seen = {number: row for number, row in rows.items() if sees_case(caller, row)}
    versions = {row.policy_version for row in seen.values()}
    kept = {each: await kept_under(services, caller.tenant, each) for each in versions}
    cases = ((draft, seen.get(draft.number or "")) for draft in drafts)
    return [
        ListedDraft(draft, row, kept[row.policy_version] if row else None) for draft, row in cases
    ]


async def discard_draft(
    services: Services,
    caller: Principal,
    subject: str,
    counter: int,
    known: Collection[int] | None = None,
) -> bool:
    """Discard the caller's draft; return whether it is discarded.

    It stays if it is newer, or, with `known`, if it is none of these: written elsewhere.

    Raises:
        Forbidden: only staff may.
        Unacceptable: the counter is none.
        StoreDown
    """
    return await _end(services, caller, subject, counter, DraftEnd.DISCARDED, known)


async def mark_draft_sent(
    services: Services,
    caller: Principal,
    subject: str,
    counter: int,
    known: Collection[int] | None = None,
) -> bool:
    """Note that the draft was sent: what the browser saved before and comes late is dropped.

    With `known`, another draft than these stays: it was written elsewhere, and not sent.

    Raises:
        Forbidden: only staff may.
        Unacceptable: the counter is none.
        StoreDown
    """
    return await _end(services, caller, subject, counter, DraftEnd.SENT, known)


async def _end(
    services: Services,
    caller: Principal,
    subject: str,
    counter: int,
    how: DraftEnd,
    known: Collection[int] | None,
) -> bool:
    check_staff(caller)
    _check_counter(counter)
    drafts = services.store.drafts
    return await drafts.end(caller.tenant, caller.id, subject, counter, how, known=known)


async def _check_subject(services: Services, caller: Principal, subject: str) -> str | None:
    """Return the number of the case that a subject names; None for a new case or a customer."""
    first, _, about = subject.partition("/")
    if first == CUSTOMERS:
        await read_customer(services, caller, about, CustomerAct.CORRECT)
        return None
    if first == NEW:
        kind, _, of = about.partition("/")
        if kind not in CURRENT:
            raise unknown_kind("/subject")
        if of and not _is_code(of):
            raise invalid("/subject", "draft_subject", "It comes of no such thing.")
        return None
    check_number(first)
    row = await get_case_row(services, caller, first)
    if about not in {NOTE, PUBLIC_NOTE, DRAFT_OF_MESSAGE}:
        check_step(processes_of(first, row)[0].kind, about)
    return first


def _is_code(text: str) -> bool:
    try:
        _CODE.validate_python(text)
    except ValidationError:
        return False
    return True


def _check_content(pairs: Sequence[tuple[str, str]]) -> Pairs:
    content = tuple((name, value) for name, value in pairs)
    try:
        size = len(canonical_json([[name, value] for name, value in content]).encode())
    except UnicodeEncodeError:
        raise Malformed("not_json") from None
    if size > MAX_BYTES:
        raise invalid("/content", "draft_too_large", f"{size} bytes.", most=MAX_BYTES)
    return content


def _check_counter(counter: int) -> None:
    if not 0 < counter <= MAX_COUNTER:
        raise invalid("/counter", "draft_counter", "It is no counter.")

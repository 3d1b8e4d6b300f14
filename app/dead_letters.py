"""Messages that were given up: who may see them, and have them sent again."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.authentication import Principal
from app.authorization import Right, check_right
from app.errors import Unacceptable
from app.expected_errors import field_faults
from app.read_cases import get_case_row
from app.results import Listed
from app.services import Services
from domain.language.forms import field_errors
from domain.language.values import Code, Text
from store.db.pages import Cursor
from store.outbox.records import Delivery, MessageKey, OutboxRow

LARGEST: Final = 2**31 - 1
Place = Annotated[int, Field(ge=0, le=LARGEST)]


class Letter(BaseModel):
    """Which message of a case: of which entry, and which of its effects."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: Code
    seq: Place
    n: Place

    @property
    def key(self) -> MessageKey:
        """Return it as the store knows it."""
        return MessageKey(self.number, self.seq, self.n)


class LetterAside(Letter):
    """A message that is to be set aside, and why."""

    reason: Text


L = TypeVar("L", bound=Letter)


async def count_dead_letters(services: Services, caller: Principal) -> int:
    """Count the messages that were given up.

    Raises:
        Forbidden: only administrators, operators and auditors may.
        StoreDown
    """
    check_right(caller, Right.READ_OPERATIONS)
    return (await services.store.outbox_queue.counts(caller.tenant)).get(Delivery.DEAD, 0)


async def count_to_redrive(services: Services, caller: Principal) -> int:
    """Count the messages that were given up and can be sent again.

    Raises:
        Forbidden: only administrators, operators and auditors may.
        StoreDown
    """
    check_right(caller, Right.READ_OPERATIONS)
    return await services.store.outbox_queue.count_to_redrive(caller.tenant)


async def list_dead_letters(
    services: Services,
    caller: Principal,
    after: Cursor | None,
    limit: int,
    status: Delivery = Delivery.DEAD,
) -> Listed[OutboxRow]:
    """List the messages that were given up, or those that were set aside, the oldest first.

    Raises:
        Forbidden: only administrators, operators and auditors may.
        StoreDown
    """
    check_right(caller, Right.READ_OPERATIONS)
    rows = await services.store.outbox_queue.page(caller.tenant, status, limit + 1, after)
    following = rows[limit - 1].place if len(rows) > limit else None
    return Listed(tuple(rows[:limit]), following, [])


async def redrive_dead_letters(services: Services, caller: Principal, number: str | None) -> int:
    """Have the dead messages of a case, or of all, sent again; return how many are.

    Those that a process waited for stay as they are: it went on without them.

    Raises:
        Forbidden: only administrators and operators may.
        NotFound, NumberMisread: there is no such case.
        StoreDown
    """
    check_right(caller, Right.OPERATE)
    if number is not None:
        await get_case_row(services, caller, number)
    return await services.store.outbox_queue.redrive(caller.tenant, number, by=caller.by())


async def set_aside_dead_letter(
    services: Services, caller: Principal, given: Mapping[str, str]
) -> bool:
    """Set a message aside that nobody needs any more; return whether it was still given up.

    Raises:
        Forbidden: only administrators and operators may.
        Unacceptable: it is not said which, or why.
        NotFound, NumberMisread: there is no such case.
        StoreDown
    """
    check_right(caller, Right.OPERATE)
    letter = _read(LetterAside, given)
    await get_case_row(services, caller, letter.number)
    by = caller.by(letter.reason)
    return await services.store.outbox_queue.set_aside(caller.tenant, letter.key, by)


async def put_back_dead_letter(
    services: Services, caller: Principal, given: Mapping[str, str]
) -> bool:
    """Put a message back that was set aside; return whether it still was.

    Raises:
        Forbidden: only administrators and operators may.
        Unacceptable: it is not said which.
        NotFound, NumberMisread: there is no such case.
        StoreDown
    """
    check_right(caller, Right.OPERATE)
    letter = _read(Letter, given)
    await get_case_row(services, caller, letter.number)
    return await services.store.outbox_queue.put_back(caller.tenant, letter.key, caller.by())


def _read(model: type[L], given: Mapping[str, str]) -> L:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        errors: list[Any] = field_errors(error)
        raise Unacceptable(*field_faults(errors)) from None

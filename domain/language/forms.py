"""Forms: the base of all that people hand in, their field types, and the marks on fields."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Self, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
)
from pydantic_core import PydanticCustomError

from domain.errors import WrongForm


class PersonalMark:
    """Marks a field whose content may be about a person; it never goes into ids, labels or logs."""


class AddedMark:
    """Marks an optional field that was added to a published form.

    As long as it has its default it is left out of entries, so that old histories stay the same.
    """


PERSONAL = PersonalMark()
ADDED = AddedMark()
MAX_TEXT = 4000


def _utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise PydanticCustomError("no_such_time", "there is no such time in UTC") from None


def _refuse_number(value: object) -> object:
    """Refuse a number: pydantic would take it for seconds since 1970, which nobody means."""
    if isinstance(value, int | float | Decimal):
        raise PydanticCustomError("number_for_time", "write a time, not a number")
    return value


Instant = Annotated[AwareDatetime, BeforeValidator(_refuse_number), AfterValidator(_utc)]
"""A moment in UTC; a value without a zone is refused."""

# No database keeps a NUL in text: a case that holds one could never be recorded.
Text = Annotated[
    str, Field(min_length=1, max_length=MAX_TEXT, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$"), PERSONAL
]
"""Free text of 1 to 4,000 characters, not only blanks; treated as personal."""

Note = Annotated[str, Field(max_length=MAX_TEXT, pattern=r"^[^\x00]*$"), PERSONAL]
"""Free text that may be empty; treated as personal."""

Code = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\w.:@/+-]+$")]
"""A short reference without blanks: a staff id, an order number, a team."""

ExternalRef = Annotated[
    str,
    Field(
        min_length=1,
        max_length=128,
        pattern=r"^[\w.:/+-]+$",
        description="A reference of the caller's own, such as the number of an order or a review. "
        "No personal data (no e-mail address, no phone number): it becomes part of the history.",
    ),
]
"""The reference that another system has for a case."""


class Money(BaseModel):
    """An amount with its currency (ISO 4217); never a float."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    amount: Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "CNY"


class Form(BaseModel):
    """What somebody hands in to take a step. Strict where it comes in, lenient on replay."""

    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True)

    @classmethod
    def strict(cls, data: Mapping[str, Any]) -> Self:
        """Return the form that a caller handed in.

        Raises:
            WrongForm: with one error per field, each with its JSON pointer.
        """
        try:
            return cls.model_validate(dict(data))
        except ValidationError as error:
            raise WrongForm(
                f"The form {cls.__name__} does not fit: {_first_fault(error)}",
                form=cls.__name__,
                errors=field_errors(error),
            ) from None

    @classmethod
    def lenient(cls, data: Mapping[str, Any]) -> Self:
        """Return the form that history holds; fields unknown to this version are ignored."""
        return cls.model_validate(dict(data), extra="ignore")

    def canonical(self) -> dict[str, JsonValue]:
        """Return the form as history keeps it: JSON values, decimals as text, times in UTC."""
        return self.model_dump(mode="json", exclude=self._unset_additions())

    def _unset_additions(self) -> set[str] | None:
        """Return the fields that were added later and have their default."""
        added = _added(type(self))
        return {name for name, default in added if getattr(self, name) == default} or None


@cache
def _added(form: type[Form]) -> Sequence[tuple[str, Any]]:
    """Return the fields that were added later, with their defaults."""
    fields = form.model_fields.items()
    return [(name, field.default) for name, field in fields if ADDED in field.metadata]


F = TypeVar("F", bound=Form)


class Empty(Form):
    """Nothing needs to be handed in."""


def field_errors(error: ValidationError) -> list[JsonValue]:
    """Return each fault of a form: where (a JSON pointer) and what (code and sentence)."""
    return [
        {
            "pointer": "".join(f"/{part}" for part in item["loc"]),
            "code": item["type"],
            "detail": item["msg"],
        }
        for item in error.errors(include_url=False, include_input=False)
    ]


def _first_fault(error: ValidationError) -> str:
    item = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in item["loc"]) or "the form"
    return f"{where}: {item['msg']}."

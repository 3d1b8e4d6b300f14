"""Forms: the base of all that people hand in, and how their faults are told."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from domain.errors import WrongForm
from domain.language.values import STORED


class AddedMark:
    """Marks an optional field that was added to a published form.

    As long as it has its default it is left out of entries, so that old histories stay the same.
    """


ADDED = AddedMark()


class Form(BaseModel):
    """What somebody hands in to take a step. Strict where it comes in, lenient on replay."""

    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True)

    @classmethod
    def strict(cls, data: Mapping[str, Any], at: datetime | None = None) -> Self:
        """Return the form that a caller handed in; `at` is now, for days that must be over.

        Raises:
            WrongForm: with one error per field, each with its JSON pointer.
        """
        try:
            return cls.model_validate(dict(data), context={"at": at})
        except ValidationError as error:
            raise WrongForm(
                f"The form {cls.__name__} does not fit: {_first_fault(error)}",
                form=cls.__name__,
                errors=field_errors(error),
            ) from None

    @classmethod
    def lenient(cls, data: Mapping[str, Any]) -> Self:
        """Return the form that history holds; fields unknown to this version are ignored."""
        return cls.model_validate(dict(data), extra="ignore", context=dict(STORED))

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


_QUOTED = re.compile(r"'([^']*)'")
F = TypeVar("F", bound=Form)


class Empty(Form):
    """Nothing needs to be handed in."""


def field_errors(error: ValidationError) -> list[JsonValue]:
    """Return each fault of a form: where (a JSON pointer), what (code and sentence), its bounds."""
    return [
        {
            "pointer": "".join(f"/{part}" for part in item["loc"]),
            "code": item["type"],
            "detail": item["msg"],
            **({"params": params} if (params := fault_params(item)) else {}),
        }
        for item in error.errors(include_url=False, include_input=False)
    ]


def fault_params(item: Mapping[str, Any]) -> dict[str, JsonValue]:
    """Return the bounds that a fault of a field tells: a length, a range, the values there are."""
    context: Mapping[str, Any] = item.get("ctx") or {}
    params: dict[str, JsonValue] = {
        name: value if isinstance(value, int | str | list) else str(value)
        for name, value in context.items()
    }
    if isinstance(expected := params.get("expected"), str):
        # Pydantic has them in one English phrase: 'a', 'b' or 'c'.
        params["expected"] = [*_QUOTED.findall(expected)] or [expected]
    return params


def _first_fault(error: ValidationError) -> str:
    item = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in item["loc"]) or "the form"
    return f"{where}: {item['msg']}."

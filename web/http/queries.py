"""Read what an address asks into a model; what is left blank is not asked."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from app.errors import invalid

M = TypeVar("M", bound=BaseModel)


def read_address(
    model: type[M], pairs: Iterable[tuple[str, str]], usual: Mapping[str, str], **more: str
) -> M:
    """Return the model of the pairs of an address, and of what is usual where it says nothing.

    Raises:
        Unacceptable: a name is given twice, and one of the two would be passed over.
        RequestValidationError: with what is wrong with it.
    """
    given = [(name, text) for name, text in pairs if text]
    if twice := [name for name, times in Counter(name for name, _ in given).items() if times > 1]:
        raise invalid(f"/{twice[0]}", "given_twice", "This is given twice.")
    return without_blanks(model, {**usual, **dict(given), **more})


def without_blanks(model: type[M], given: Mapping[str, Any]) -> M:
    """Return the model of what is given in an address; a blank is as if it were not there.

    Raises:
        RequestValidationError: with what is wrong with it.
    """
    try:
        return model.model_validate({name: value for name, value in given.items() if value})
    except ValidationError as error:
        raise RequestValidationError(
            [{**each, "loc": ("query", *each["loc"])} for each in error.errors()]
        ) from None

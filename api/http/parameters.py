"""What a request may say behind the question mark: names that its route knows, each once."""

from collections import Counter
from collections.abc import Iterator

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel


def refuse_other_parameters(request: Request) -> None:
    """Refuse a parameter that the route does not know, and one that is given twice.

    Otherwise a mistyped filter would filter nothing, and of two values one would be passed over.

    Raises:
        RequestValidationError
    """
    if not request.query_params or "authorization" not in request.headers:
        return  # the route itself says that a key is missing
    known = frozenset(_names(request.scope["route"].dependant))
    given = Counter(name for name, _ in request.query_params.multi_items())
    unknown = [("extra_forbidden", name) for name in given if name not in known]
    twice = [("given_twice", name) for name, times in given.items() if times > 1 and name in known]
    if faults := [*unknown, *twice]:
        raise RequestValidationError(
            [{"type": code, "loc": ("query", name), "msg": code} for code, name in faults]
        )


def _names(dependant: Dependant) -> Iterator[str]:
    for parameter in dependant.query_params:
        model = parameter.field_info.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            yield from (field.alias or name for name, field in model.model_fields.items())
        else:
            yield parameter.alias
    for each in dependant.dependencies:
        yield from _names(each)

"""Read what an address asks into a model; what is left blank is not asked."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeVar

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from web.rendering.texts import Sentence

M = TypeVar("M", bound=BaseModel)
PARAMETERS: Final[Mapping[str, Sentence]] = {
    "chart": Sentence("Chart"),
    "since": Sentence("From"),
    "until": Sentence("To"),
    "period": Sentence("By"),
    "by": Sentence("A line for each"),
    "view": Sentence("View"),
    "stage": Sentence("Stage"),
    "state": Sentence("State"),
    "outcome": Sentence("Outcome"),
    "overdue": Sentence("Overdue"),
    "on_hold": Sentence("On hold"),
    "open": Sentence("Open"),
    "chased": Sentence("Chased"),
    "serial": Sentence("Serial number"),
    "due_within": Sentence("Due within"),
    "received_from": Sentence("Received from"),
    "received_to": Sentence("Received until"),
    "after": Sentence("Place in the list"),
    "before": Sentence("Place in the list"),
    "q": Sentence("Search"),
    "show": Sentence("What is shown"),
    "step": Sentence("Step"),
    "seq": Sentence("Number of the entry"),
    "what": Sentence("What"),
    "actor": Sentence("By whom (id)"),
    "subject": Sentence("About what (case, key, customer …)"),
}
"""What an address asks, as the pages call it: a form may call another field by the same letters."""


def read_address(
    model: type[M], pairs: Iterable[tuple[str, str]], usual: Mapping[str, str], **more: str
) -> M:
    """Return the model of the pairs of an address, and of what is usual where it says nothing.

    Raises:
        RequestValidationError: with what is wrong with it; a name that is given twice, too, since
            one of the two would be passed over.
    """
    given = [(name, text) for name, text in pairs if text]
    if twice := [name for name, times in Counter(name for name, _ in given).items() if times > 1]:
        fault = {"type": "given_twice", "loc": ("query", twice[0]), "msg": "This is given twice."}
        raise RequestValidationError([fault])
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

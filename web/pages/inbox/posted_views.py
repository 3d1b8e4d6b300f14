"""Read the view that somebody saves: its name, its list, and whose it is."""

from typing import Any
from urllib.parse import parse_qsl

from pydantic import ValidationError

from app.errors import Unacceptable
from app.expected_errors import field_faults
from app.saved_views import NewView
from domain.language.forms import field_errors
from web.http.posted import Posted


def read_new_view(posted: Posted) -> NewView:
    """Return the view that was posted.

    Raises:
        Unacceptable: with what is wrong with it.
    """
    query = {name: text for name, text in parse_qsl(posted.get("query", "")) if name != "after"}
    body = {"name": posted.get("name", ""), "query": query, "team": posted.get("team") or None}
    try:
        return NewView.model_validate(body)
    except ValidationError as error:
        errors: list[Any] = field_errors(error)
        raise Unacceptable(*field_faults(errors)) from None

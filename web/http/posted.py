"""What a form posted: its pairs as they were typed, read strictly."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Final
from urllib.parse import parse_qsl

from fastapi import Depends, Request

from app.errors import Malformed

KIB: Final = 1024
MAX_BODY: Final = 256 * KIB
MAX_FIELDS: Final = 2000
FORM: Final = "application/x-www-form-urlencoded"


class Posted(Mapping[str, str]):
    """The pairs of a form in their order; as a mapping it has the last value of each name."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self.pairs = tuple(pairs)
        self._last = dict(pairs)

    def __getitem__(self, name: str) -> str:
        return self._last[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._last)

    def __len__(self) -> int:
        return len(self._last)

    def all(self, name: str) -> list[str]:
        """Return all values of a name, in their order."""
        return [value for each, value in self.pairs if each == name]

    def fields(self) -> list[tuple[str, str]]:
        """Return the pairs of the form itself: their names are JSON pointers, `/words`."""
        return [(name, value) for name, value in self.pairs if name.startswith("/")]


async def read_posted(request: Request) -> Posted:
    """Read a posted form; a line ends with a line feed, however the browser sent it.

    Raises:
        Malformed: it is no form, too large, or not in UTF-8.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise Malformed("form_too_large")
    if body and media_type != FORM:
        raise Malformed("not_a_form")
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError:
        raise Malformed("not_a_form") from None
    return Posted([(name, value.replace("\r\n", "\n")) for name, value in pairs])


PostedForm = Annotated[Posted, Depends(read_posted)]

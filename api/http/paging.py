"""Pages of long lists: their queries, and cursors that are signed and valid for one query only."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.http.problems import problem
from app.authentication import Principal
from app.filters import KnownNames
from app.read_tasks import TaskScope
from store.cases.records import CaseFilter, TaskWhere
from store.db.pages import Cursor

MAX_PAGE = 100
MAC_BYTES = 16


class PageQuery(BaseModel):
    """How long a page is, and where it begins; an unknown parameter is refused."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(50, ge=1, le=MAX_PAGE, description="How many at most.")
    cursor: str | None = Field(
        None, max_length=1000, description="`next` of the page before, with the same filters."
    )

    def filters(self) -> dict[str, Any]:
        """Return what a cursor is valid for: all but the place and the length of the page."""
        return self.model_dump(mode="json", exclude={*PageQuery.model_fields})


class CaseQuery(KnownNames, PageQuery, CaseFilter):
    """Which cases."""

    def case_filter(self) -> CaseFilter:
        """Return the filter alone."""
        return CaseFilter(**self.model_dump(include={*CaseFilter.model_fields}))


class TaskQuery(KnownNames, PageQuery, TaskWhere):
    """Which open tasks."""

    scope: TaskScope = TaskScope.MINE

    def task_filter(self) -> TaskWhere:
        """Return the filter alone."""
        return TaskWhere(**self.model_dump(include={*TaskWhere.model_fields}))


class Cursors:
    """Writes and reads cursors; one is valid for its caller and filters only."""

    def __init__(self, secret: str) -> None:
        self._key = hashlib.sha256(b"banjie cursor " + secret.encode()).digest()

    def write(
        self, caller: Principal, filters: Mapping[str, Any], after: Cursor | None
    ) -> str | None:
        """Return the cursor of the page that follows a row, if there is one."""
        if after is None:
            return None
        place = json.dumps(after, ensure_ascii=False, separators=(",", ":")).encode()
        signed = self._mac(place, caller, filters) + place
        return base64.urlsafe_b64encode(signed).decode().rstrip("=")

    def read(
        self, caller: Principal, filters: Mapping[str, Any], cursor: str | None
    ) -> Cursor | None:
        """Return the row that the page follows; None for the first page.

        Raises:
            Problem: the cursor was changed, or made for other filters, another tenant or caller.
        """
        if cursor is None:
            return None
        try:
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise problem("bad_cursor") from None
        mac, place = raw[:MAC_BYTES], raw[MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(place, caller, filters)):
            raise problem("bad_cursor")
        return tuple(json.loads(place))

    def _mac(self, place: bytes, caller: Principal, filters: Mapping[str, Any]) -> bytes:
        scope = {"tenant": caller.tenant, "client": caller.client, **filters}
        query = json.dumps(scope, sort_keys=True, default=str).encode()
        signed = hashlib.sha256(query).digest() + place
        return hmac.new(self._key, signed, hashlib.sha256).digest()[:MAC_BYTES]

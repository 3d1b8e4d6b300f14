"""What the archive keeps of one run, and where its file lies."""

import re
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import quote, unquote

from pydantic import BaseModel, ConfigDict

from domain.entries import Entry
from domain.forms import Instant
from domain.views import CaseView

FORMAT: Final = "banjie.archive.v1"
SUFFIX = ".json.gz"
DAY = 10
"""So many characters of a number are its kind and its day: folders stay small."""
UNKNOWN = "00000000T000000"
NO_DIGIT = re.compile(r"[^0-9T]")


class Bundle(BaseModel):
    """One run of a case: the case and its entries at the end of the run, and Temporal's history.

    `run` is Temporal's run id, `code` the build of the worker that archived it, `history` what
    Temporal had, as its own JSON. `complete` says whether the run's last events are among them: a
    run that archives itself cannot have seen its own end.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    format: Literal["banjie.archive.v1"] = FORMAT
    tenant: str
    number: str
    kind: str
    process_version: int
    policy_version: str
    run: str
    code: str
    archived_at: Instant
    complete: bool
    case: CaseView
    entries: tuple[Entry, ...]
    history: dict[str, Any]

    @property
    def events(self) -> list[dict[str, Any]]:
        """Temporal's events, in order."""
        found: list[dict[str, Any]] = self.history.get("events", [])
        return found

    @property
    def path(self) -> str:
        """Where its file lies; for one run always the same."""
        began = str(self.events[0].get("eventTime", "")) if self.events else ""
        # To the microsecond, so that the runs of a case are in order by name.
        name = NO_DIGIT.sub("", began)[:21] or UNKNOWN
        return f"{case_folder(self.tenant, self.number)}/{name}-{self.run}{SUFFIX}"


@dataclass(frozen=True)
class Archived:
    """A file of the archive: where it lies, its seal, how long it is.

    `sha256` is of all that follows the seal in the file; it is empty if the file carries none.
    """

    path: str
    sha256: str
    bytes: int

    @property
    def tenant(self) -> str:
        """Whose case it is."""
        return unquote(self.path.split("/")[0])

    @property
    def number(self) -> str:
        """Of which case it is a run."""
        return unquote(self.path.split("/")[-2])

    @property
    def run(self) -> str:
        """Temporal's run id."""
        return self.path.rpartition("/")[2].removesuffix(SUFFIX).partition("-")[2]


def tenant_folder(tenant: str) -> str:
    """Where the files of a tenant are."""
    return quote(tenant, safe="")


def case_folder(tenant: str, number: str) -> str:
    """Where the files of a case are: known without any index."""
    safe = quote(number, safe="")
    return f"{tenant_folder(tenant)}/{safe[:DAY]}/{safe}"

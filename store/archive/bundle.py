"""What the archive keeps of one run, and where its file lies."""

from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Annotated, Final, Literal
from urllib.parse import quote, unquote

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer

from domain.language.entries import Entry
from domain.language.forms import Instant
from domain.read_models.projection import CaseView

FORMAT: Final = "banjie.archive.v2"
SUFFIX = ".json.gz"
DAY = 10
"""So many characters of a number are its kind and its day: folders stay small."""
BEGAN = "%Y%m%dT%H%M%S%f"
"""To the microsecond, so that the runs of a case are in order by name."""


def _bytes(told: object) -> object:
    return b64decode(told, validate=True) if isinstance(told, str) else told


def _text(told: bytes) -> str:
    return b64encode(told).decode()


Packed = Annotated[bytes, BeforeValidator(_bytes), PlainSerializer(_text, when_used="json")]
"""Bytes that JSON has as base64."""


class Bundle(BaseModel):
    """One run of a case: the case and its entries at the end of the run, and Temporal's history.

    `run` is Temporal's run id, `began` when it did, `code` the build of the worker that archived
    it. `history` is what Temporal had, as its message `temporal.api.history.v1.History`, which has
    so many `events`. `complete` says whether the run's last events are among them: a run that
    archives itself cannot have seen its own end.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    format: Literal["banjie.archive.v2"] = FORMAT
    tenant: str
    number: str
    kind: str
    process_version: int
    policy_version: str
    run: str
    began: Instant
    code: str
    archived_at: Instant
    complete: bool
    case: CaseView
    entries: tuple[Entry, ...]
    events: int
    history: Packed

    @property
    def path(self) -> str:
        """Where its file lies; for one run always the same."""
        name = f"{self.began:{BEGAN}}-{self.run}{SUFFIX}"
        return f"{case_folder(self.tenant, self.number)}/{name}"


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

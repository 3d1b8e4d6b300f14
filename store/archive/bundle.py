"""What the archive keeps of one run, and where its file is."""

from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Annotated, Final, Literal
from urllib.parse import quote, unquote

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer

from domain.language.entries import Entry
from domain.language.values import Instant
from domain.read_models.projection import CaseView

FORMAT: Final = "banjie.archive.v2"
SUFFIX = ".json.gz"
DAY = 10
"""How many characters of a number are its kind and its day: a folder per day stays small."""
BEGAN = "%Y%m%dT%H%M%S%f"
"""To the microsecond, so that the runs of a case are in order by name."""


def _from_base64(value: object) -> object:
    return b64decode(value, validate=True) if isinstance(value, str) else value


def _to_base64(value: bytes) -> str:
    return b64encode(value).decode()


Base64Bytes = Annotated[
    bytes, BeforeValidator(_from_base64), PlainSerializer(_to_base64, when_used="json")
]
"""Bytes that are base64 in JSON."""


class Bundle(BaseModel):
    """One run of a case: the case and its entries at the end of the run, and Temporal's history.

    `run` is Temporal's run id, `began` the run's start, `code` the build of the worker that
    archived it. `history` is Temporal's message `temporal.api.history.v1.History` with `events`
    events. `complete`: the run's last events are among them; a run that archives itself cannot
    have seen its own end.
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
    history: Base64Bytes

    @property
    def path(self) -> str:
        """The path of the run's file, always the same for one run."""
        name = f"{self.began:{BEGAN}}-{self.run}{SUFFIX}"
        return f"{case_folder(self.tenant, self.number)}/{name}"


@dataclass(frozen=True)
class ArchivedFile:
    """A file of the archive: its path, its checksum, its length.

    `sha256` is of all that follows the checksum in the file; it is empty if the file has none.
    """

    path: str
    sha256: str
    bytes: int

    @property
    def tenant(self) -> str:
        """The tenant of the case."""
        return unquote(self.path.split("/")[0])

    @property
    def number(self) -> str:
        """The number of the case."""
        return unquote(self.path.split("/")[-2])

    @property
    def run(self) -> str:
        """Temporal's run id."""
        return self.path.rpartition("/")[2].removesuffix(SUFFIX).partition("-")[2]


def tenant_folder(tenant: str) -> str:
    """Return the folder with the files of a tenant."""
    return quote(tenant, safe="")


def case_folder(tenant: str, number: str) -> str:
    """Return the folder with the files of a case; it follows from the number, without an index."""
    safe = quote(number, safe="")
    return f"{tenant_folder(tenant)}/{safe[:DAY]}/{safe}"

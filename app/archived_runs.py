"""What callers get of the archive: the runs of a case that are kept, each as its file has it."""

import asyncio
from typing import Any

from pydantic import AwareDatetime

from api.http.headers import check_number
from api.http.problems import Problem, problem
from api.http.schemas import Answer, CaseSummary
from app.authentication import Principal
from app.read_cases import visible
from app.services import Services
from domain.language.entries import Entry
from store.archive import Archived, ArchiveDamaged
from temporal.histories import as_json


class ArchivedRun(Answer):
    """A run that is kept: its seal (SHA-256), and what its file tells.

    `complete` says whether Temporal's last events of the run are in it. `damaged` says why the file
    cannot be read; nothing else is known of it then.
    """

    run: str
    sha256: str
    bytes: int
    damaged: str | None = None
    archived_at: AwareDatetime | None = None
    complete: bool | None = None
    entries: int | None = None
    events: int | None = None
    code: str | None = None
    process_version: int | None = None
    policy_version: str | None = None


class OpenedRun(Answer):
    """What is kept of one run: the case and its entries at its end, and Temporal's own JSON of it.

    `code` is the build that archived it.
    """

    format: str
    tenant: str
    number: str
    kind: str
    process_version: int
    policy_version: str
    run: str
    began: AwareDatetime
    code: str
    archived_at: AwareDatetime
    complete: bool
    case: CaseSummary
    entries: tuple[Entry, ...]
    events: int
    history: dict[str, Any]


class ArchivedRuns(Answer):
    """The runs of a case that are kept, the first run first."""

    items: list[ArchivedRun]


async def kept(services: Services, caller: Principal, number: str) -> list[Archived]:
    """The files of a case; for staff also of one that the store has lost.

    Raises:
        Problem: there is no such case, or not for this caller.
    """
    check_number(number)
    lost: Problem | None = None
    try:
        await visible(services, caller, number)
    except Problem as unknown:
        if not caller.is_staff:
            raise
        lost = unknown
    found = await services.archive.runs(caller.tenant, number)
    if lost is not None and not found:
        raise lost
    return found


async def entries_kept(services: Services, caller: Principal, number: str) -> list[Entry]:
    """The entries of a case that the store has lost, as its newest readable file has them.

    Raises:
        Problem: there is no such case, or not for this caller.
        ArchiveDamaged: there are files, and none can be read.
    """
    if not caller.is_staff:
        raise problem("not_found")
    damaged: ArchiveDamaged | None = None
    for file in reversed(await services.archive.runs(caller.tenant, number)):
        try:
            found = (await services.archive.read_now(file)).entries
        except ArchiveDamaged as error:
            damaged = damaged or error
        else:
            if found:
                return list(found)
    raise damaged or problem("not_found")


async def told(services: Services, file: Archived) -> ArchivedRun:
    """What a file tells of its run; a damaged one hides none of the others."""
    known = ArchivedRun.model_validate(file)
    try:
        bundle = await services.archive.read_now(file)
    except ArchiveDamaged as damaged:
        return known.model_copy(update={"damaged": str(damaged)})
    return known.model_copy(
        update={
            "archived_at": bundle.archived_at,
            "complete": bundle.complete,
            "entries": len(bundle.entries),
            "events": bundle.events,
            "code": bundle.code,
            "process_version": bundle.process_version,
            "policy_version": bundle.policy_version,
        }
    )


async def opened(services: Services, caller: Principal, number: str, run: str) -> OpenedRun:
    """What is kept of one run.

    Raises:
        Problem: there is no such run, or not for this caller.
        ArchiveDamaged: its file is not what was written.
    """
    for file in await kept(services, caller, number):
        if file.run == run:
            bundle = await services.archive.read_now(file)
            try:
                history = await asyncio.to_thread(as_json, bundle.history)
            except ValueError:
                raise ArchiveDamaged(file.path, "its history cannot be read") from None
            return OpenedRun.model_validate(vars(bundle) | {"history": history})
    raise problem("not_found")

"""The archive of a case: its finished runs, each as its file has it."""

import asyncio
from typing import Any

from pydantic import AwareDatetime

from app.authentication import Principal
from app.authorization import check_lost_case, reads_inside
from app.errors import NotFound
from app.outside import shown_entries, shown_row
from app.read_cases import check_number, get_case_row
from app.results import Result
from app.services import Services
from domain.language.entries import Entry
from domain.read_models.projection import CaseView
from store.archive import ArchiveDamaged, ArchivedFile, Bundle
from temporal.histories import as_json


class ArchivedRun(Result):
    """An archived run: the SHA-256 of its file, and what the file says.

    `complete` says whether Temporal's last events of the run are in it. `damaged` says why the file
    cannot be read; then it says nothing else.
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


class ArchivedRunDetails(Result):
    """All that is archived of one run: the case and its entries at its end, Temporal's own JSON.

    `code` is the build that archived it. Temporal's history is for our own staff.
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
    case: CaseView
    entries: tuple[Entry, ...]
    events: int
    history: dict[str, Any] | None


async def list_archived_runs(
    services: Services, caller: Principal, number: str
) -> list[ArchivedRun]:
    """List the archived runs of a case; a damaged file hides none of the others.

    Raises:
        NotFound: there is no such case, or not for this caller.
        StoreDown, ArchiveDown
    """
    files = await _files(services, caller, number)
    return [await _describe(services, file) for file in files]


async def read_archived_run(
    services: Services, caller: Principal, number: str, run: str
) -> ArchivedRunDetails:
    """Return what is archived of one run.

    Raises:
        NotFound: there is no such run, or not for this caller.
        ArchiveDamaged: its file is not what was written.
        StoreDown, ArchiveDown
    """
    for file in await _files(services, caller, number):
        if file.run == run:
            bundle = await services.archive.read_current(file)
            shown = {
                "case": shown_row(caller, bundle.case),
                "entries": shown_entries(caller, bundle.kind, bundle.entries),
                "history": await _history(file, bundle) if reads_inside(caller) else None,
            }
            return ArchivedRunDetails.model_validate(vars(bundle) | shown)
    raise NotFound


async def archived_entries(services: Services, caller: Principal, number: str) -> list[Entry]:
    """Return the entries of a case that the store has lost, from its newest readable file.

    Raises:
        NotFound: there is no such case, or not for this caller.
        ArchiveDamaged: there are files, and none can be read.
        ArchiveDown
    """
    check_lost_case(caller)
    damaged: ArchiveDamaged | None = None
    for file in reversed(await services.archive.runs(caller.tenant, number)):
        try:
            entries = (await services.archive.read_current(file)).entries
        except ArchiveDamaged as error:
            damaged = damaged or error
        else:
            if entries:
                return list(entries)
    raise damaged or NotFound


async def _history(file: ArchivedFile, bundle: Bundle) -> dict[str, Any]:
    try:
        return await asyncio.to_thread(as_json, bundle.history)
    except ValueError:
        raise ArchiveDamaged(file.path, "its history cannot be read") from None


async def _files(services: Services, caller: Principal, number: str) -> list[ArchivedFile]:
    """Return the files of a case; for staff also of one that the store has lost."""
    check_number(number)
    not_found: NotFound | None = None
    try:
        await get_case_row(services, caller, number)
    except NotFound as error:
        check_lost_case(caller)
        not_found = error
    files = await services.archive.runs(caller.tenant, number)
    if not_found is not None and not files:
        raise not_found
    return files


async def _describe(services: Services, file: ArchivedFile) -> ArchivedRun:
    run = ArchivedRun.model_validate(file)
    try:
        bundle = await services.archive.read_current(file)
    except ArchiveDamaged as error:
        return run.model_copy(update={"damaged": str(error)})
    return run.model_copy(
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

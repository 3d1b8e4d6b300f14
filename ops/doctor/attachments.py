"""Checks attachments: their place can be written, and has what entries name and nothing else."""

import asyncio
import os
from collections.abc import Collection, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from ops.doctor.checks import CheckResult, ok, warning, wrong
from ops.doctor.database import PATIENCE, file_of
from ops.doctor.places import existing, folder_of
from runtime.message import Message
from store import Store
from store.attachments.attachments import StoredAttachment
from store.attachments.contents import AttachmentContents, StoredContent
from store.db.clock import utc_now
from store.errors import AttachmentsDown, StoreError, WrongUrl

CHECK: Final = Message("attachments")
NEWEST: Final = 100
"""So many attachments are looked for at their place, the newest."""
MOST_LISTED: Final = 10_000
"""Of so many contents it is asked which entry names them; of a larger place not of the rest."""
AT_ONCE: Final = 16
UNNAMED_AFTER: Final = timedelta(days=1)
"""A content is written before its entry, and recorded later while the database is down (ours)."""


async def check_attachments(url: str, database_url: str, tenant: str) -> list[CheckResult]:
    """Check the place of attachments, and what lies there against what the store tells of."""
    if writable := await _check_place(url):
        return [writable]
    file = file_of(database_url)
    if file is not None and not file.exists():
        return [ok(CHECK, Message("Attachments can be written."))]
    try:
        store = await Store.open(database_url, patience=PATIENCE)
        try:
            return await _check_contents(store, AttachmentContents(url), tenant)
        finally:
            await store.close()
    except AttachmentsDown as error:
        return [wrong(CHECK, str(error), _PLACE)]
    except StoreError:
        return [
            ok(CHECK, Message("Attachments can be written; what is attached is not known now."))
        ]


_PLACE: Final = Message(
    "Mend it, or correct BANJIE_ATTACHMENTS_URL; until then nothing is attached."
)


async def _check_place(url: str) -> CheckResult | None:
    """Return what is wrong with the place; a folder that is not there yet is not made."""
    folder = folder_of(url)
    if folder is not None and not folder.exists():
        return _check_missing(folder)
    try:
        await AttachmentContents(url).probe()
    except (WrongUrl, AttachmentsDown) as error:
        return wrong(CHECK, str(error), _PLACE)
    return None


def _check_missing(folder: Path) -> CheckResult | None:
    if os.access(existing(folder), os.W_OK | os.X_OK):
        return None
    message = Message("The folder of attachments, %(folder)s, cannot be made.", folder=folder)
    return wrong(CHECK, message, _PLACE)


async def _check_contents(
    store: Store, contents: AttachmentContents, tenant: str
) -> list[CheckResult]:
    newest = await store.attachments.newest(tenant, NEWEST)
    listed = await contents.some(tenant, MOST_LISTED)
    results = [
        *_named_unsound(await _unsound(contents, newest), len(newest)),
        *_named_unremoved(await store.attachments.unremoved(tenant)),
        *await _check_listed(store, tenant, listed),
    ]
    sound = Message(
        "Attachments can be written; the newest %(newest)s are there, and of %(listed)s contents "
        "none is left over.",
        newest=len(newest),
        listed=len(listed),
    )
    return results or [ok(CHECK, sound)]


async def _unsound(
    contents: AttachmentContents, newest: Sequence[StoredAttachment]
) -> list[StoredAttachment]:
    """Return those whose content is gone or of another size."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def is_sound(attachment: StoredAttachment) -> bool:
        async with gate:
            return await contents.size(attachment) == attachment.size

    sound = await asyncio.gather(*map(is_sound, newest))
    return [each for each, is_so in zip(newest, sound, strict=True) if not is_so]


def _named_unsound(unsound: Sequence[StoredAttachment], looked: int) -> list[CheckResult]:
    if not unsound:
        return []
    message = Message(
        "Of the newest %(looked)s attachments %(count)s are gone or of another size: %(first)s.",
        looked=looked,
        count=len(unsound),
        first=_first([(each.number, each.seq) for each in unsound]),
    )
    return [wrong(CHECK, message, Message("Restore the contents from a backup."))]


def _named_unremoved(unremoved: Sequence[tuple[str, int]]) -> list[CheckResult]:
    if not unremoved:
        return []
    message = Message(
        "Erased attachments whose content may still be there: %(count)s, first %(first)s.",
        count=len(unremoved),
        first=_first(unremoved),
    )
    return [wrong(CHECK, message, _ERASE)]


_ERASE: Final = Message("Erase each once more: `banjie case erase-attachment`.")


async def _check_listed(
    store: Store, tenant: str, listed: Sequence[StoredContent]
) -> list[CheckResult]:
    """Check what lies there: what was removed has not come back, and all else has its entry."""
    named = await store.attachments.named(tenant, {each.number for each in listed})
    removed = await store.attachments.removed(tenant)
    seqs = {each: named.get((each.number, each.key)) for each in listed}
    back = [
        (each.number, seq) for each, seq in seqs.items() if seq and (each.number, seq) in removed
    ]
    old = utc_now() - UNNAMED_AFTER
    unnamed = [each for each, seq in seqs.items() if seq is None and each.at < old]
    return [*_named_back(sorted(back)), *_named_unnamed(unnamed, len(listed))]


def _named_back(back: Sequence[tuple[str, int]]) -> list[CheckResult]:
    if not back:
        return []
    message = Message(
        "Erased attachments whose content is there again, as after a backup was restored: "
        "%(count)s, first %(first)s.",
        count=len(back),
        first=_first(back),
    )
    return [wrong(CHECK, message, _ERASE)]


def _named_unnamed(unnamed: Sequence[StoredContent], looked: int) -> list[CheckResult]:
    if not unnamed:
        return []
    message = Message(
        "Of %(looked)s contents %(count)s are older than a day and no entry names them: %(path)s.",
        looked=looked,
        count=len(unnamed),
        path=unnamed[0].path,
    )
    remedy = Message(
        "An upload that broke off leaves one; after a restored backup run `banjie store reconcile` "
        "first. Nothing deletes them: do so by hand once you know that nobody needs them."
    )
    return [warning(CHECK, message, remedy)]


def _first(places: Collection[tuple[str, int]]) -> str:
    number, seq = next(iter(places))
    return f"{number} {seq}"

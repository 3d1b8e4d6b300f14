"""Attachments as the store keeps them: rows made of entries, erasures as records, content apart."""

import os
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from domain.engine.case import Case
from domain.read_models.projection import projection_update
from store import Store
from store.attachments.contents import AttachmentContents, default_attachments_url
from store.audit.records import By
from store.errors import AttachmentDamaged, AttachmentsDown
from store.projection import rows_of, same_rows
from tests.store import sample_cases
from tests.store.sample_cases import COMPLAINT, applied, opened
from tests.support.cases import CHEN, LIU, SHOP, request
from tests.support.files import PDF, PNG
from tests.support.s3 import BUCKET, CREDENTIALS, serving

KEY = "0123456789abcdef" * 2


def photo(content: bytes = PNG, **more: Any) -> tuple[str, dict[str, Any]]:
    form = {"key": KEY, "name": "裂屏.png", "media_type": "image/png", "size": len(content)}
    return "attach", {**form, "sha256": sha256(content).hexdigest(), **more}


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def recorded(store: Store, tenant: str) -> Case:
    """A case with two attachments."""
    case = applied(opened(tenant), request("a1", photo(note="屏幕"), actor=CHEN))
    applied(case, request("a2", photo(PDF, key=KEY[::-1], public=True), actor=SHOP))
    await store.recorder.write(sample_cases.update_after(case))
    return case


async def test_rows_are_what_the_entries_tell(store: Store, tenant: str) -> None:
    case = await recorded(store, tenant)
    number = case.opening.number
    first, second = await store.attachments.of(tenant, number)
    assert (first.seq, first.name, first.note, first.by, first.public) == (
        *(2, "裂屏.png", "屏幕", CHEN, False),
    )
    assert (second.seq, second.public, second.erased) == (3, True, None)
    assert await store.attachments.get(tenant, number, 3) == second
    assert await store.attachments.get(tenant, number, 1) is None, "the opening is none"
    assert await store.attachments.get(f"{tenant}-other", number, 3) is None
    stored = (await store.projection.rows(tenant, [number]))[number]
    assert same_rows(rows_of(projection_update(COMPLAINT, case, 0)), stored)
    await store.recorder.write(sample_cases.update_after(case))
    assert len(await store.attachments.of(tenant, number)) == 2, "a second time changes nothing"


async def test_an_erasure_is_a_record_that_a_rebuild_keeps(store: Store, tenant: str) -> None:
    case = await recorded(store, tenant)
    number = case.opening.number
    attachment = await store.attachments.get(tenant, number, 2)
    assert attachment is not None
    assert await store.attachments.erase(attachment, By(LIU, "另一位顾客的证件"))
    assert not await store.attachments.erase(attachment, By(CHEN, "again")), "once"
    (event,) = await store.audit_log.events(tenant, 10, "attachment.erased")
    assert (event.subject, event.actor, event.reason) == (number, LIU, "另一位顾客的证件")
    assert event.details == {"seq": 2, "sha256": attachment.sha256}

    rows = (await store.projection.rows(tenant, [number]))[number]
    await store.projection.replace(tenant, number, rows, rows)
    erased = await store.attachments.get(tenant, number, 2)
    assert erased is not None
    assert erased.erased is not None
    assert (erased.erased.by, erased.erased.removed_at) == (LIU, None)
    await store.attachments.mark_removed(tenant, number, 2)
    removed = await store.attachments.get(tenant, number, 2)
    assert removed is not None
    assert removed.erased is not None
    assert removed.erased.removed_at is not None
    other = await store.attachments.get(tenant, number, 3)
    assert other is not None
    assert other.erased is None


async def test_content_comes_back_unchanged_or_not_at_all(
    store: Store, tenant: str, tmp_path: Path
) -> None:
    case = await recorded(store, tenant)
    attachment = await store.attachments.get(tenant, case.opening.number, 2)
    assert attachment is not None
    contents = AttachmentContents((tmp_path / "attachments").as_uri())
    with pytest.raises(AttachmentDamaged):
        await contents.get(attachment)
    await contents.put(tenant, attachment.number, KEY, PNG)
    assert await contents.get(attachment) == PNG
    (file,) = files_in(tmp_path)
    assert file.name == KEY, "nothing of its own name"
    file.write_bytes(PNG[:-1] + b"x")
    with pytest.raises(AttachmentDamaged):
        await contents.get(attachment)
    with pytest.raises(AttachmentDamaged):
        await contents.get(replace(attachment, tenant="another"))
    await contents.remove(tenant, attachment.number, KEY)
    await contents.remove(tenant, attachment.number, KEY)
    assert files_in(tmp_path) == []


async def test_content_lies_in_a_bucket_until_it_is_removed(
    store: Store, tenant: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over HTTP as S3 speaks it, from a server of tests: no server that keeps data is to be had."""
    case = await recorded(store, tenant)
    attachment = await store.attachments.get(tenant, case.opening.number, 2)
    assert attachment is not None
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with serving() as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        contents = AttachmentContents(f"s3://{BUCKET}/{tmp_path.name}")
        with pytest.raises(AttachmentDamaged):
            await contents.get(attachment)
        await contents.put(tenant, attachment.number, KEY, PNG)
        assert await contents.get(attachment) == PNG
        await contents.put(tenant, attachment.number, KEY, PNG[:-1] + b"x")
        with pytest.raises(AttachmentDamaged):
            await contents.get(attachment)
        await contents.remove(tenant, attachment.number, KEY)
        await contents.remove(tenant, attachment.number, KEY)
        with pytest.raises(AttachmentDamaged):
            await contents.get(attachment)
        nowhere = AttachmentContents("s3://no-such-bucket/x")
        with pytest.raises(AttachmentsDown):
            await nowhere.put(tenant, attachment.number, KEY, PNG)


async def test_a_place_that_cannot_be_used_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for url in ((tmp_path / "file" / "x").as_uri(), None):
        with pytest.raises(AttachmentsDown):
            await AttachmentContents(url).put("t", "n", KEY, PNG)


def test_the_place_is_beside_the_archive(tmp_path: Path) -> None:
    url = default_attachments_url(f"sqlite+aiosqlite:///{tmp_path}{os.sep}banjie.db")
    assert url == (tmp_path / "attachments").as_uri()

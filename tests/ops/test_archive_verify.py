"""Verification of an archive: whatever was changed, deleted or planted in it is found and named."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from temporalio.client import WorkflowHistory

from cases import KINDS
from domain.engine.messages import opening_of
from domain.read_models.projection import projection_update
from ops.archive.runs import bundle_of
from ops.archive.sweep import ArchiveLists
from ops.archive.verify import ArchiveVerifier, VerifyReport
from ops.audit.archive_compare import ArchiveComparison
from ops.replay.history import unpack_history
from ops.replay.sources import of_files
from store import Store
from store.archive import Archive, ArchiveDamaged, Bundle, ListedFile, Manifests
from store.archive.checked_gzip import compress, decompress
from temporal.converter import data_converter
from temporal.histories import case_input_of
from tests.architecture.source import ROOT

SWEPT = datetime(2026, 11, 20, tzinfo=UTC)
NOW = SWEPT + timedelta(days=1)
"""When it is verified: a day after the last sweep."""


@dataclass(frozen=True)
class Kept:
    """An archive of golden histories, listed in three parts, in a folder."""

    folder: Path
    bundles: list[Bundle]

    @property
    def archive(self) -> Archive:
        return Archive(self.folder.as_uri())

    def file(self, n: int) -> Path:
        return self.folder / self.bundles[n].path

    def manifest(self, n: int) -> Path:
        return self.folder / f"default/manifest/{n:010d}.manifest.gz"

    async def verify(self, head: str = "", store: Store | None = None) -> VerifyReport:
        return await ArchiveVerifier(
            self.archive, data_converter(), store=store, clock=lambda: NOW
        ).verify(head)

    async def found(self) -> list[tuple[str, str | None, int | None]]:
        """What is wrong: the code, the case, the entry."""
        return [(f.code, f.number, f.seq) for f in (await self.verify()).findings]


@pytest.fixture
async def kept(tmp_path: Path) -> Kept:
    bundles, archive = [], Archive(tmp_path.as_uri())
    golden = sorted((ROOT / "tests/golden/complaint-v1").iterdir())[:3]
    async for each in of_files(golden):
        history, converter = unpack_history(each), data_converter()
        case_input = await case_input_of(converter, history.events)
        assert case_input is not None
        named = WorkflowHistory(case_input.opening.number, history.events)
        bundles.append(await bundle_of(converter, each.run, named, "test", SWEPT))
    manifests = Manifests(archive)
    known = await manifests.read("default")
    for bundle in bundles:
        listed = ListedFile.of(await archive.write(bundle), bundle)
        assert await manifests.add("default", known, [listed], SWEPT)
    return Kept(tmp_path, bundles)


async def test_an_untouched_archive_is_well(kept: Kept) -> None:
    report = await kept.verify()
    assert (report.findings, report.files, report.manifests, report.waiting) == ([], 3, 3, 0)
    assert report.entries == sum(len(bundle.entries) for bundle in kept.bundles)
    assert report.document()["verified"] is True


async def edited(kept: Kept) -> None:
    """Another build is named in it, and it is sealed anew."""
    was = decompress(kept.file(1).read_bytes())
    kept.file(1).write_bytes(compress(was.replace(b'"code":"test"', b'"code":"tess"')))


async def shortened(kept: Kept) -> None:
    """The last entry is left out; chain and seal hold."""
    bundle = kept.bundles[1]
    await kept.archive.write(bundle.model_copy(update={"entries": bundle.entries[:-1]}))


async def bent(kept: Kept) -> None:
    """An entry says something else, and so the next one does not follow."""
    bundle = kept.bundles[1]
    entries = list(bundle.entries)
    entries[1] = entries[1].model_copy(update={"led_to": "closed"})
    await kept.archive.write(bundle.model_copy(update={"entries": tuple(entries)}))


async def flipped(kept: Kept) -> None:
    whole = bytearray(kept.file(1).read_bytes())
    whole[200] ^= 1
    kept.file(1).write_bytes(whole)


async def deleted(kept: Kept) -> None:
    kept.file(1).unlink()


async def swapped(kept: Kept) -> None:
    kept.file(1).write_bytes(kept.file(2).read_bytes())


async def planted(kept: Kept) -> None:
    """Another run of the same case, well-formed and complete, dated before the last sweep."""
    await kept.archive.write(planted_in(kept, SWEPT - timedelta(days=3)))


async def dated_ahead(kept: Kept) -> None:
    await kept.archive.write(planted_in(kept, NOW + timedelta(days=3)))


def planted_in(kept: Kept, at: datetime) -> Bundle:
    return kept.bundles[1].model_copy(update={"run": "planted", "archived_at": at})


Found = list[tuple[str, int | None]]
TAMPERED: list[tuple[Callable[[Kept], Awaitable[None]], Found]] = [
    (edited, [("archive_replaced", None)]),
    (shortened, [("archive_replaced", None), ("archive_differs", -1)]),
    (bent, [("archive_replaced", None), ("archive_differs", 3)]),
    (flipped, [("archive_damaged", None)]),
    (deleted, [("archive_missing", None)]),
    (swapped, [("archive_damaged", None)]),
    (planted, [("archive_unlisted", None)]),
    (dated_ahead, [("archive_unlisted", None)]),
]


@pytest.mark.parametrize(("how", "wanted"), TAMPERED, ids=[how.__name__ for how, _ in TAMPERED])
async def test_a_file_that_was_tampered_with_is_named(
    kept: Kept, how: Callable[[Kept], Awaitable[None]], wanted: Found
) -> None:
    await how(kept)
    number, last = kept.bundles[1].number, len(kept.bundles[1].entries)
    named = [(code, number, last if seq == -1 else seq) for code, seq in wanted]
    assert await kept.found() == named


async def test_a_file_written_after_the_last_sweep_waits(kept: Kept) -> None:
    await kept.archive.write(planted_in(kept, NOW))
    report = await kept.verify()
    assert (report.findings, report.waiting) == ([], 1)


async def test_a_list_that_lost_a_part_is_found(kept: Kept) -> None:
    kept.manifest(2).unlink()
    found = await kept.found()
    assert ("manifest_damaged", None, None) in found
    assert "manifest 2: it is gone" in [f.detail for f in (await kept.verify()).findings]


async def test_a_broken_list_is_not_gone_on_with(kept: Kept) -> None:
    kept.manifest(2).unlink()
    manifests = Manifests(kept.archive)
    known = await manifests.read("default")
    with pytest.raises(ArchiveDamaged, match="0000000002"):
        await manifests.add("default", known, list(known.files.values()), NOW)


async def test_a_list_whose_part_was_written_anew_is_found(kept: Kept) -> None:
    was = decompress(kept.manifest(2).read_bytes())
    kept.manifest(2).write_bytes(compress(was.replace(b'"code":"test"', b'"code":"tess"')))
    told = [f.detail for f in (await kept.verify()).findings]
    assert told == ["manifest 3: it does not carry the hash of the one before"]


async def test_a_list_with_a_changed_byte_is_found(kept: Kept) -> None:
    whole = bytearray(kept.manifest(3).read_bytes())
    whole[-1] ^= 1
    kept.manifest(3).write_bytes(whole)
    assert "manifest_damaged" in [f.code for f in (await kept.verify()).findings]


async def test_a_list_whose_end_was_cut_off_is_found_by_a_kept_hash(kept: Kept) -> None:
    head = (await kept.verify()).head
    assert (await kept.verify(head)).findings == []
    kept.manifest(3).unlink()
    assert "manifest_cut" in [f.code for f in (await kept.verify(head)).findings]


async def test_the_stores_entries_are_compared_where_they_are(kept: Kept, tmp_path: Path) -> None:
    bundle = kept.bundles[1]
    process = KINDS[bundle.kind, bundle.process_version]
    case = process.fold(opening_of(bundle.entries[0]), bundle.entries)
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'own.db'}", migrate=True)
    await store.recorder.write(projection_update(process, case, 0))
    report = await kept.verify(store=store)
    assert (report.findings, report.compared) == ([], 1)
    async with store.recorder._sessions.writing() as connection:
        statement = "UPDATE entries SET led_to = 'closed' WHERE seq = 2 AND number = :n"
        mine = f"{statement} AND entries.tenant = 'default'"
        assert (await connection.execute(text(mine), {"n": bundle.number})).rowcount
    (finding,) = (await kept.verify(store=store)).findings
    assert (finding.code, finding.number, finding.seq) == ("store_differs", bundle.number, 2)
    await store.close()


async def test_a_list_written_anew_with_its_files_is_found_by_the_audit_log(
    kept: Kept, tmp_path: Path
) -> None:
    """The archive alone is well; the audit log knows what a sweep had listed."""
    own = tmp_path / "own"
    own.mkdir()
    store = await Store.open(f"sqlite+aiosqlite:///{own / 'own.db'}", migrate=True)
    for bundle in kept.bundles:
        process = KINDS[bundle.kind, bundle.process_version]
        case = process.fold(opening_of(bundle.entries[0]), bundle.entries)
        await store.recorder.write(projection_update(process, case, 0))
    lists = ArchiveLists(kept.archive, store, SWEPT)
    await lists.of("default")
    await lists.note_manifests("default")

    async def found() -> set[str]:
        archives = ArchiveComparison(kept.archive, store, data_converter())
        return {finding.code async for _, finding in archives.compare() if finding}

    assert await found() == set()
    kept.file(2).rename(tmp_path / "aside")
    assert await found() == {"archive_missing"}
    was = kept.manifest(3).read_bytes()
    kept.manifest(3).unlink()
    assert (await kept.verify()).findings == []
    assert await found() == {"manifest_cut"}
    (tmp_path / "aside").rename(kept.file(2))
    kept.manifest(3).write_bytes(was)
    assert await found() == set()
    edited_file = decompress(kept.file(1).read_bytes()).replace(b'"code":"test"', b'"code":"tess"')
    kept.file(1).write_bytes(compress(edited_file))
    assert await found() == {"archive_replaced"}
    for n in (1, 2, 3):
        kept.manifest(n).unlink()
    assert await found() == {"manifest_cut"}
    await store.close()

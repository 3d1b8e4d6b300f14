"""The archive on disk and on S3: whole or not at all, and any changed byte is seen."""

import asyncio
import gzip
import os
import resource
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.read_models.projection import case_view
from store.archive import (
    Archive,
    ArchiveDamaged,
    ArchivedFile,
    ArchiveDown,
    Bundle,
    Manifests,
    default_archive_url,
)
from store.archive.checked_gzip import MAX_FILE, MAX_TEXT, BrokenFile, compress, unpack_gzip
from store.errors import WrongUrl
from tests.store.sample_cases import COMPLAINT, DAWN, classified, opened
from tests.support.s3 import BUCKET, CREDENTIALS, serving


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """A server that speaks S3, with an empty bucket."""
    with serving() as address:
        yield address


@pytest.fixture(params=["file", "s3"])
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty archive's address, with the environment that it needs."""
    if request.param == "file":
        return (tmp_path / "the archive").as_uri()
    monkeypatch.setenv("AWS_ENDPOINT_URL", request.getfixturevalue("s3"))
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    return f"s3://{BUCKET}/{tmp_path.name}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "archive"


def ended(tenant: str = "default", number: str = "", run: str = "run-1", day: int = 1) -> Bundle:
    """A complaint's run that began on this day of the month."""
    case = classified(opened(tenant, number=number))
    row = case_view(COMPLAINT, case)
    began = DAWN + timedelta(days=day)
    return Bundle(
        tenant=tenant,
        number=row.number,
        kind=row.kind,
        process_version=row.process_version,
        policy_version=row.policy_version,
        run=run,
        began=began,
        code="test",
        archived_at=datetime(2026, 4, 1, tzinfo=UTC),
        complete=False,
        case=row,
        entries=tuple(case.entries),
        events=1,
        history=b"\n\x02\b\x01",  # an event with the id 1
    )


async def listed(archive: Archive, tenant: str = "default") -> list[ArchivedFile]:
    return [each async for each in archive.all(tenant)]


async def test_what_was_written_is_read(url: str) -> None:
    bundle = ended()
    archived = await Archive(url).write(bundle)
    assert (archived.tenant, archived.number, archived.run) == ("default", bundle.number, "run-1")
    again = Archive(url)
    assert await again.runs("default", bundle.number) == [archived]
    assert await again.read(archived) == bundle


async def test_runs_are_in_order_and_each_tenants_own(url: str) -> None:
    archive, first = Archive(url), ended(run="z", day=1)
    later = ended(number=first.number, run="a", day=3)
    for bundle in (later, first, ended("a/b"), ended("rival", first.number, "r")):
        await archive.write(bundle)
    assert [each.run for each in await archive.runs("default", first.number)] == ["z", "a"]
    assert [each.run for each in await listed(archive)] == ["z", "a"]
    assert [(each.tenant, each.run) for each in await listed(archive, "a/b")] == [("a/b", "run-1")]
    assert await listed(archive, "a") == []
    assert await archive.runs("default", first.number[:-1]) == []


async def test_many_are_listed(url: str) -> None:
    archive = Archive(url)
    kept = [await archive.write(ended(run=f"run-{n}")) for n in range(70)]
    assert await listed(archive) == sorted(kept, key=lambda each: each.path)


async def test_writing_again_replaces_the_file(url: str) -> None:
    archive, bundle = Archive(url), ended()
    before = await archive.write(bundle)
    assert await archive.write(bundle) == before  # byte for byte: no time is in it
    after = await archive.write(bundle.model_copy(update={"complete": True}))
    assert (after.path, after.sha256 == before.sha256) == (before.path, False)
    assert await archive.runs("default", bundle.number) == [after]
    assert (await archive.read(after)).complete
    with pytest.raises(ArchiveDamaged, match="another one than was listed"):
        await archive.read(before)
    assert (await archive.read_current(before)).complete


async def test_every_changed_byte_is_seen(folder: Path) -> None:
    archive = Archive(folder.as_uri())
    archived = await archive.write(ended())
    file = folder / archived.path
    good = file.read_bytes()
    assert len(good) == archived.bytes
    for at in range(len(good)):
        file.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        (found,) = await archive.runs(archived.tenant, archived.number)
        for asked in (archived, found):
            with pytest.raises(ArchiveDamaged) as damaged:
                await archive.read(asked)
            assert damaged.value.path == archived.path
            assert archived.path in str(damaged.value)
    file.write_bytes(good)
    assert (await archive.read(archived)).run == "run-1"


@pytest.mark.parametrize("left", [0, 1, 10, 74, 75, 76, 500, -1])
async def test_a_truncated_file_is_seen(folder: Path, left: int) -> None:
    archive = Archive(folder.as_uri())
    archived = await archive.write(ended())
    file = folder / archived.path
    file.write_bytes(file.read_bytes()[:left])
    (found,) = await archive.runs(archived.tenant, archived.number)
    with pytest.raises(ArchiveDamaged, match=archived.path):
        await archive.read(found)


@pytest.mark.parametrize("how", ["packed anew", "under the old seal", "sealed anew"])
async def test_an_edited_body_is_seen(folder: Path, how: str) -> None:
    archive = Archive(folder.as_uri())
    archived = await archive.write(ended())
    file = folder / archived.path
    edited = gzip.decompress(file.read_bytes()).replace(b"minor", b"major")
    sealed = compress(edited)
    made = {
        "packed anew": gzip.compress(edited),
        "under the old seal": file.read_bytes()[:75] + sealed[75:],
        "sealed anew": sealed,
    }
    file.write_bytes(made[how])
    with pytest.raises(ArchiveDamaged, match=archived.path):
        await archive.read(archived)


async def test_what_unpacks_to_more_than_a_run_can_be_is_damaged(folder: Path) -> None:
    """Read in bounds: 65 MB of blanks are a file of 63 KB."""
    archive = Archive(folder.as_uri())
    archived = await archive.write(ended())
    deflated = compress(b" " * MAX_TEXT)
    (folder / archived.path).write_bytes(deflated)
    with pytest.raises(ArchiveDamaged, match=r"holds no archived run|another one"):
        await archive.read_current(archived)
    with pytest.raises(BrokenFile, match="longer than"):
        compress(b" " * (MAX_TEXT + 1))
    with pytest.raises(BrokenFile, match="unpacks to more"):
        unpack_gzip(gzip.compress(b" " * (MAX_TEXT + 1), compresslevel=1))


async def test_a_file_larger_than_any_is_not_read(folder: Path) -> None:
    archive = Archive(folder.as_uri())
    archived = await archive.write(ended())
    os.truncate(folder / archived.path, MAX_FILE + 1)
    with pytest.raises(ArchiveDamaged, match="larger than"):
        await archive.get(archived.path)
    now = await archive.stat(archived.path)
    assert now
    assert now.sha256 == ""


async def test_a_list_with_a_part_of_a_great_number_is_broken_and_read_soon(folder: Path) -> None:
    (folder / "default" / "manifest").mkdir(parents=True)
    (folder / "default" / "manifest" / "9999999999.manifest.gz").write_bytes(b"x")
    state = await Manifests(Archive(folder.as_uri())).read("default")
    assert (1, "it is gone") in state.broken
    assert len(state.broken) < 200


async def test_a_file_in_anothers_place_is_seen(folder: Path) -> None:
    archive = Archive(folder.as_uri())
    mine, other = await archive.write(ended()), await archive.write(ended(run="run-2"))
    (folder / other.path).replace(folder / mine.path)
    (found,) = await archive.runs(mine.tenant, mine.number)
    with pytest.raises(ArchiveDamaged, match="belongs elsewhere"):
        await archive.read(found)
    with pytest.raises(ArchiveDamaged, match="gone"):
        await archive.read(other)


async def test_any_gzip_program_opens_it(folder: Path) -> None:
    bundle = ended()
    archived = await Archive(folder.as_uri()).write(bundle)
    gunzip = await asyncio.create_subprocess_exec(
        "gzip", "-dc", str(folder / archived.path), stdout=asyncio.subprocess.PIPE
    )
    unpacked, _ = await gunzip.communicate()
    assert gunzip.returncode == 0
    assert Bundle.model_validate_json(unpacked) == bundle


async def test_what_a_killed_writer_left_is_no_run(folder: Path) -> None:
    archive = Archive(folder.as_uri())
    archived = await archive.write(ended())
    (folder / f"{archived.path}#1").write_bytes(b"half")
    assert await listed(archive) == [archived]


async def test_a_full_disk_leaves_what_was_there(folder: Path) -> None:
    archive, bundle = Archive(folder.as_uri()), ended()
    before = await archive.write(bundle)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (before.bytes // 2, limits[1]))
    try:
        with pytest.raises(ArchiveDown):
            await archive.write(bundle.model_copy(update={"complete": True}))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)
    assert await listed(archive) == [before]
    assert await archive.read(before) == bundle


def there(folder: Path) -> bool:
    return folder.exists()


async def test_reading_makes_no_folder(folder: Path) -> None:
    archive = Archive(folder.as_uri())
    assert await listed(archive) == []
    with pytest.raises(ArchiveDamaged, match="gone"):
        await archive.read(ArchivedFile("default/TS20260302/TS1/0-run.json.gz", "", 0))
    assert not there(folder)
    archived = await archive.write(ended())
    assert await listed(archive) == [archived]


async def test_a_place_that_is_not_there_is_down(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ArchiveDown, match="archive does not answer"):
        await Archive((tmp_path / "file/archive").as_uri()).write(ended())


@pytest.mark.parametrize(
    "url", ["", "archive", "file:archive", "file://host/x", "ftp://a/b", "s3:"]
)
def test_a_wrong_address_is_refused(url: str) -> None:
    with pytest.raises(WrongUrl, match="s3://bucket"):
        Archive(url)


def test_without_an_address_it_lies_beside_the_database(tmp_path: Path) -> None:
    beside_it = (tmp_path / "archive").as_uri()
    assert default_archive_url(f"sqlite+aiosqlite:///{tmp_path / 'banjie.db'}") == beside_it
    here = Path.cwd()
    assert (
        default_archive_url("sqlite+aiosqlite:///.banjie/banjie.db")
        == (here / ".banjie/archive").as_uri()
    )
    assert (
        default_archive_url("postgresql+asyncpg://u:p@h/db") == (here / ".banjie/archive").as_uri()
    )

"""Sealing goes on from where it was, in one line, whoever dies or seals at the same time."""

import asyncio
import stat
import urllib.request
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from ops.audit.cases_verify import verify_pool
from ops.audit.checkpoint_store import CheckpointStore, default_checkpoints_url
from ops.audit.checkpoints import (
    FIRST,
    InvalidCheckpoint,
    parse_checkpoint,
    row_leaf,
    sign_checkpoint,
)
from ops.audit.keys import InvalidKey, make_key, public_path, read_public_keys, read_signer
from ops.audit.merkle import Tree
from ops.audit.sealer import Diverged, Sealer
from store import Store
from store.audit.records import Leaf
from store.errors import ArchiveDown, WrongUrl
from tests.ops.audited_store import KEY, OTHER_KEY, AuditedStore
from tests.store import sample_cases
from worker.sealer import PeriodicSealer

pytestmark = pytest.mark.xdist_group("audit")


@pytest.fixture
async def own(tmp_path: Path) -> AsyncIterator[AuditedStore]:
    """Books with a database of their own: what seals for all tenants meets no others."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'banjie.db'}"
    store = await Store.open(url, migrate=True)
    yield AuditedStore(store, url, tmp_path / "checkpoints", "default")
    await store.close()


async def test_each_checkpoint_goes_on_from_the_one_before(audited: AuditedStore) -> None:
    await audited.fill(2)
    first, second = (parse_checkpoint(audited.file(n).read_text()) for n in (1, 2))
    assert (first.n, first.count, first.prev) == (1, 9, FIRST)
    assert (second.n, second.count, second.prev) == (2, 18, first.hash)
    assert first.signed_by(KEY.public)
    assert not first.signed_by(OTHER_KEY.public)
    assert await audited.sealer.seal(audited.tenant) is None


async def test_a_sealer_that_died_before_it_wrote_outside_is_made_good(own: AuditedStore) -> None:
    await own.fill()
    written = {n: own.file(n).read_bytes() for n in (2, 3)}
    for n in written:
        own.file(n).unlink()
    assert await own.sealer.seal_all() == []
    assert {n: own.file(n).read_bytes() for n in written} == written


async def test_of_many_sealers_all_go_on_in_one_line(audited: AuditedStore) -> None:
    stores = [await Store.open(audited.url) for _ in range(3)]
    sealers = [Sealer(each, CheckpointStore(audited.folder.as_uri()), KEY) for each in stores]
    for _ in range(4):
        await audited.record(sample_cases.classified(sample_cases.opened(audited.tenant)))
        made = await asyncio.gather(*(each.seal(audited.tenant) for each in sealers))
        assert sum(point is not None for point in made) == 1
    for each in stores:
        await each.close()
    assert await audited.finding_keys() == set()


async def test_a_database_that_was_set_back_is_not_sealed(audited: AuditedStore) -> None:
    await audited.fill()
    await audited.tamper_with("DELETE FROM audit_checkpoints WHERE tenant = :t AND n = 3")
    await audited.tamper_with("DELETE FROM audit WHERE tenant = :t AND position > 18")
    await audited.record(sample_cases.opened(audited.tenant))
    with pytest.raises(Diverged, match="set back"):
        await audited.sealer.seal(audited.tenant)
    assert max(path.name for path in audited.file(1).parent.iterdir()) == "0000000003.json"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_checkpoints SET document = '{}' WHERE tenant = :t AND n = 3",
        "UPDATE audit_checkpoints SET peaks = '' WHERE tenant = :t AND n = 3",
        "UPDATE audit_checkpoints SET count = 26 WHERE tenant = :t AND n = 3",
    ],
)
async def test_nothing_is_sealed_on_a_checkpoint_that_was_changed(
    audited: AuditedStore, change: str
) -> None:
    await audited.fill()
    await audited.tamper_with(change)
    await audited.record(sample_cases.opened(audited.tenant))
    with pytest.raises(Diverged, match="changed"):
        await audited.sealer.seal(audited.tenant)


async def test_nor_on_one_that_was_changed_outside(audited: AuditedStore) -> None:
    await audited.fill()
    audited.file(3).write_text("{}")
    await audited.record(sample_cases.opened(audited.tenant))
    with pytest.raises(Diverged, match="changed"):
        await audited.sealer.seal(audited.tenant)


async def test_another_key_goes_on_and_both_are_known(audited: AuditedStore) -> None:
    await audited.fill(1)
    await audited.record(sample_cases.opened(audited.tenant))
    assert await Sealer(audited.store, audited.checkpoint_store, OTHER_KEY).seal(audited.tenant)
    both = {**KEY.public, **OTHER_KEY.public}
    known = replace(audited.verifier(), keys=both)
    assert (await known.verify()).findings == []
    assert await audited.finding_keys() == {("checkpoint_forged", None, None)}


async def test_one_tenant_that_diverged_stops_no_other(own: AuditedStore) -> None:
    other = AuditedStore(own.store, own.url, own.folder, "other")
    for each in (own, other):
        await each.fill(1)
        await each.record(sample_cases.opened(each.tenant))
    own.file(1).write_text("{}")
    with pytest.raises(Diverged, match="default"):
        await own.sealer.seal_all()
    assert other.file(2).exists()
    assert not own.file(2).exists()


async def test_the_worker_seals_when_many_wait_or_after_a_while(own: AuditedStore) -> None:
    times = [datetime(2026, 3, 2, tzinfo=UTC)]
    mine = PeriodicSealer(own.sealer, rows=3, every=timedelta(minutes=10), clock=lambda: times[-1])
    case = sample_cases.opened(own.tenant)
    await own.record(case)

    async def waiting() -> int:
        return await own.store.audit_sealer.waiting(own.tenant, 100)

    await mine.once()
    assert await waiting() == 1
    times.append(times[-1] + timedelta(minutes=10))
    await mine.once()
    assert await waiting() == 0
    await own.store.recorder.write(sample_cases.update_after(sample_cases.classified(case), 1))
    await mine.once()
    assert await waiting() == 2
    await own.store.recorder.write(sample_cases.update_after(sample_cases.claimed(case), 3))
    await mine.once()
    assert await waiting() == 0
    assert [parse_checkpoint(own.file(n).read_text()).count for n in (1, 2)] == [1, 4]


async def test_verification_in_several_processes_finds_the_same(audited: AuditedStore) -> None:
    cases = await audited.fill()
    edit = "UPDATE entries SET led_to = 'x' WHERE tenant = :t AND number = :n AND seq = 3"
    await audited.tamper_with(edit, n=cases[2].opening.number)
    with verify_pool(audited.url, 1, used_from=0, method="spawn") as pool:
        report = await replace(audited.verifier(), pool=pool).verify()
    assert [(f.code, f.number, f.seq) for f in report.findings] == [
        ("entry_edited", cases[2].opening.number, 3)
    ]
    assert (report.entries, report.rows, report.checkpoints) == (24, 27, 3)
    assert report.unsealed == 0


@pytest.fixture
def bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket that speaks S3, on this machine."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    for name, value in {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    made = urllib.request.Request(f"{endpoint}/checkpoints", method="PUT")  # noqa: S310
    urllib.request.urlopen(made).close()  # noqa: S310
    yield f"s3://checkpoints/{tmp_path.name}"
    server.stop()


async def test_checkpoints_lie_in_a_bucket_as_well(audited: AuditedStore, bucket: str) -> None:
    checkpoint_store = CheckpointStore(bucket)
    assert await checkpoint_store.numbers(audited.tenant) == []
    assert await checkpoint_store.read(audited.tenant, 1) is None
    await audited.record(sample_cases.opened(audited.tenant))
    point = await Sealer(audited.store, checkpoint_store, KEY).seal(audited.tenant)
    assert point is not None
    assert await checkpoint_store.numbers(audited.tenant) == [1]
    assert await checkpoint_store.read(audited.tenant, 1) == point.document
    assert await checkpoint_store.write(audited.tenant, 1, point.document)
    assert not await checkpoint_store.write(audited.tenant, 1, "another")


async def test_a_place_that_does_not_answer_is_told(audited: AuditedStore) -> None:
    audited.folder.joinpath("file").write_text("")
    checkpoint_store = CheckpointStore((audited.folder / "file").as_uri())
    await audited.record(sample_cases.opened(audited.tenant))
    with pytest.raises(ArchiveDown):
        await Sealer(audited.store, checkpoint_store, KEY).seal(audited.tenant)
    with pytest.raises(WrongUrl):
        CheckpointStore("checkpoints")


def test_they_lie_beside_the_archive() -> None:
    here = "file:///data/archive/checkpoints"
    assert default_checkpoints_url("sqlite+aiosqlite:////data/archive/banjie.db") == here
    assert default_checkpoints_url("postgresql+asyncpg://host/db").endswith("/.banjie/checkpoints")


def test_a_key_is_drawn_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    private = tmp_path / "audit.pem"
    signer = make_key(private)
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert read_signer(private).id == signer.id
    assert set(read_public_keys([public_path(private)])) == {signer.id}
    with pytest.raises(FileExistsError):
        make_key(private)
    assert read_signer(private).id == signer.id
    assert sorted(path.name for path in tmp_path.iterdir()) == ["audit.pem", "audit.pub.pem"]


def test_older_public_keys_may_lie_in_one_file(tmp_path: Path) -> None:
    both = [make_key(tmp_path / name) for name in ("one.pem", "two.pem")]
    texts = [public_path(tmp_path / name).read_text() for name in ("one.pem", "two.pem")]
    (tmp_path / "both").write_text("".join(texts))
    assert set(read_public_keys([tmp_path / "both"])) == {each.id for each in both}


@pytest.mark.parametrize("text", ["", "nonsense", "-----BEGIN PUBLIC KEY-----\nx\n"])
def test_a_file_without_a_key_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "file").write_text(text)
    with pytest.raises(InvalidKey):
        read_signer(tmp_path / "file")
    with pytest.raises(InvalidKey):
        read_public_keys([tmp_path / "file"])
    with pytest.raises(InvalidKey, match="cannot be read"):
        read_signer(tmp_path / "none")
    with pytest.raises(InvalidKey, match="cannot be read"):
        read_public_keys([tmp_path / "none"])


def test_what_is_signed_does_not_change_with_the_code() -> None:
    """Written down on 2026-11-22: whoever keeps a checkpoint must be able to check it for ever."""
    tree = Tree()
    for leaf in (
        Leaf("entry", "TS202603020000001", 1, "ab" * 32, None),
        Leaf("act", "act-1", 0, "cd" * 32, "{}"),
    ):
        tree.push(row_leaf("default", leaf))
    point = sign_checkpoint(KEY, tree, "default", None, datetime(2026, 3, 2, 8, tzinfo=UTC))
    assert point.root == "88f625fb5fff08ebd2f29acb88c8f09f445b6c04cb90ba92d59c40d81c66a972"
    assert point.hash == "a5935e5a9916463018179ca18cb5befcc8044238aad8f55014414b5ad6ada027"
    assert point.signature.startswith("f08251866a6167e875246c03bbd23169c7c498e225e83fc4")
    assert parse_checkpoint(point.document) == point


@pytest.mark.parametrize("text", ["", "{}", "[]"])
def test_what_is_no_checkpoint_is_told(text: str) -> None:
    with pytest.raises(InvalidCheckpoint):
        parse_checkpoint(text)

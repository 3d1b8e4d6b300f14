"""A real PostgreSQL by TLS: encrypted when asked for, and only the right one when verified."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from store import Store
from store.errors import StoreDown, WrongUrl
from tests.support.postgres import Cluster
from tests.support.tls import Authority, authority

pytestmark = pytest.mark.xdist_group("postgresql")
ENCRYPTED = text("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("papers"))


@pytest.fixture(scope="module")
def url(papers: Authority) -> Iterator[str]:
    """A database on a server that shows our authority's certificate."""
    with tempfile.TemporaryDirectory(prefix="banjie-pg-") as home:
        cluster = Cluster(Path(home))
        cluster.make()
        cluster.secure(papers.server.cert, papers.server.key)
        cluster.start()
        try:
            yield cluster.new_database(template="template0")
        finally:
            cluster.stop("immediate")


async def encrypted(url: str) -> bool:
    """Whether the connection is, when one can be made."""
    store = await Store.open(url, patience=5)
    try:
        async with store._sessions.reading() as connection:
            return bool(await connection.scalar(ENCRYPTED))
    finally:
        await store.close()


async def test_it_is_encrypted_as_the_address_says(url: str, papers: Authority) -> None:
    assert not await encrypted(f"{url}?ssl=disable")
    assert await encrypted(f"{url}?ssl=require")
    for mode in ("verify-ca", "verify-full"):
        assert await encrypted(f"{url}?ssl={mode}&sslrootcert={papers.ca}")


async def test_another_server_is_not_believed(url: str, papers: Authority, tmp_path: Path) -> None:
    stranger = authority(tmp_path)
    elsewhere = url.replace("127.0.0.1", "localhost")
    for wrong in (
        f"{url}?ssl=verify-full&sslrootcert={stranger.ca}",
        f"{url}?ssl=verify-full",
        f"{elsewhere}?ssl=verify-full&sslrootcert={papers.ca}",
    ):
        with pytest.raises(StoreDown):
            await encrypted(wrong)
    assert await encrypted(f"{elsewhere}?ssl=verify-ca&sslrootcert={papers.ca}")


@pytest.mark.parametrize("asked", ["ssl=verify-full&sslrootcert=/nowhere", "sslrootcert=/x"])
async def test_certificates_that_are_not_there_are_told(asked: str) -> None:
    with pytest.raises(WrongUrl, match="sslrootcert"):
        await Store.open(f"postgresql+asyncpg://banjie@127.0.0.1:9/banjie?{asked}")

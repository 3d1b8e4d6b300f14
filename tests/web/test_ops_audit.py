"""The audit log on its page: events by filter and page by page, checkpoints, all verified."""

import re

import pytest

from domain.language.roles import Actor, ActorKind
from tests.web.ops_site import PARTIAL, finished, operations_of, seal, text_of
from tests.web.site import Site

pytestmark = pytest.mark.xdist_group("web")
LIN = Actor(kind=ActorKind.STAFF, id="lin.audit", roles=("administrator",))


@pytest.fixture(scope="module")
async def written(site: Site) -> int:
    """Sixty events of one person, so that they fill more than a page."""
    for at in range(60):
        await site.callers.store.audit_log.add("default", LIN, "key.added", f"k-{at}", "入职")
    return 60


async def subjects(site: Site, path: str) -> list[str]:
    """Return what the events of a list are about, page by page."""
    read: list[str] = []
    while True:
        answer = await site["root"].get(path)
        assert answer.status_code == 200, answer.text
        read += re.findall(r"subject=(k-\d+)\"", answer.text)
        following = re.search(r'rel="next" href="([^"]+)"', answer.text)
        if following is None:
            return read
        path = following[1].replace("&amp;", "&")


async def test_all_events_of_somebody_are_read_page_by_page(site: Site, written: int) -> None:
    for _ in range(2):
        read = await subjects(site, "/ops/audit?actor=lin.audit&what=key.")
        assert sorted(read) == sorted(f"k-{at}" for at in range(written))
        await seal(site)


@pytest.mark.usefixtures("written")
async def test_events_are_found_by_what_they_are_about(site: Site) -> None:
    assert await subjects(site, "/ops/audit?subject=k-7&actor=lin.audit") == ["k-7"]
    assert await subjects(site, "/ops/audit?subject=k-7&actor=lin") == []
    page = text_of((await site["root"].get("/ops/audit?subject=k-7&actor=lin.audit")).text)
    assert "key.added" in page
    assert "入职" in page


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("what=key.add", 200),
        ("what=key.stolen", 422),
        ("after=nonsense", 400),
        ("after=sealed,x", 400),
        ("after=waiting,soon,id", 400),
        ("after=sealed,3,4", 400),
        ("after=sealed,99999999999", 400),
        ("after=waiting,2026-03-02T08:00:00,id", 400),
        (f"actor={'x' * 101}", 422),
        ("subject=%25_%22", 200),
    ],
)
async def test_what_cannot_be_asked_is_refused(site: Site, query: str, status: int) -> None:
    assert (await site["root"].get(f"/ops/audit?{query}")).status_code == status


async def test_all_records_are_verified_from_the_page(site: Site, written: int) -> None:
    n = await seal(site)
    page = await site["root"].get("/ops/audit/checkpoints")
    assert f"最新的检查点 {n} 覆盖" in text_of(page.text)
    begun = await site["root"].post("/ops/audit/checkpoints", headers=PARTIAL)
    assert 'hx-trigger="every 1s"' in begun.text
    job = operations_of(site).newest("verify", "default")
    again = await site["root"].post("/ops/audit/checkpoints", headers=PARTIAL)
    assert again.status_code == 200
    assert operations_of(site).newest("verify", "default") is job, "one at a time"
    panel = text_of(await finished(site["root"], "/ops/audit/checkpoints"))
    assert "全部与记录时一致" in panel
    assert job is not None
    assert job.result.rows >= written


async def test_without_a_script_the_way_leads_back_to_the_page(site: Site) -> None:
    answer = await site["root"].post("/ops/audit/checkpoints")
    assert (answer.status_code, answer.headers["location"]) == (303, "/ops/audit/checkpoints")

"""Odd values in every form: what is wrong is said, and nothing breaks."""

from collections.abc import Mapping
from typing import Final

import pytest

from app.password_hashing import PasswordHashing
from tests.app.sign_ins import QUICK
from tests.support.sampling import IN_PARTS, part_of
from tests.web.evil_tenant import typed_into
from tests.web.forms.every_form import FORMS, is_newest
from tests.web.ops_site import PARTIAL
from tests.web.rights import Row
from tests.web.rights_table import SEEN, SITE
from tests.web.site import Site, sign_in, site_client
from tests.web.test_hostile import PERSON

pytestmark = pytest.mark.xdist_group("hostile")

NAMES: Final = (
    "seen", "request", "counter", "draft", "number", "numbers", "step", "team", "query", "name",
    "reason", "add", "remove", "audience", "key", "staff", "password", "token", "next", "back",
    "writing", "all", "dry_run", "try", "old", "new", "theme", "language", "tier",
    "consent_sms", "version", "other", "/x/0/y", "/", "//",
)  # fmt: skip
"""Names that some form of ours has, and some that none has."""
VALUES: Final = (
    "", " ", "x\0y", "9" * 10_000, "投" * 3000, "-1", "1e309", "²", "\ufffd\u202e", "<b>&\"'",
    "0 0 never", "[]", "2026-13-01T25:00",
)  # fmt: skip
DISTURBING: Final = ("/sign-out", "/me/sessions", "/ops/incidents", "/ops/doctor", "/ops/audit")
"""What ends sessions, or looks at everything that there is."""
POSTED: Final = [
    row for row in SITE if row.method == "POST" and not row.target.startswith(DISTURBING)
]


@pytest.fixture(scope="module")
async def names(site: Site) -> Mapping[str, str]:
    """What stands for the names in paths and forms: things that are there."""
    number = await site.callers.complaint()
    customer = await site.callers.customer()
    return {"number": number, "id": "x", "message": "x", "batch": "x", "customer": customer}


@pytest.fixture(autouse=True)
def quick(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes take no time here."""
    monkeypatch.setattr(site.app.state.services, "passwords", PasswordHashing(QUICK))


@IN_PARTS
@pytest.mark.parametrize("row", POSTED, ids=lambda row: row.request)
async def test_no_value_breaks_a_form(
    site: Site, names: Mapping[str, str], row: Row, part: int
) -> None:
    path = row.target.format(**names)
    usual = {name: text.format(**names) for name, text in (row.sends or {}).items()}
    async with site_client(site.app, await sign_in(site.callers, PERSON)) as client:
        for value in part_of(VALUES, part, POSTED.index(row)):
            odd = [{name: value} for name in usual] + [dict.fromkeys(NAMES, value)]
            for each in odd:
                answer = await client.post(path, data={**usual, **each}, headers=PARTIAL)
                assert answer.status_code < 500, (each.keys(), value[:80])
        twice = {name: ["x", "y"] for name in (*usual, *NAMES)}
        assert (await client.post(path, data=twice, headers=PARTIAL)).status_code < 500


@IN_PARTS
async def test_no_value_breaks_the_form_of_a_step(
    site: Site, names: Mapping[str, str], part: int
) -> None:
    """Every field of every form of a complaint, and of what is done with its task."""
    async with site_client(site.app, await sign_in(site.callers, "wang.fang")) as client:
        for place, (name, form) in enumerate(FORMS.items()):
            kind, _, step = name.split(" ", 2)
            if kind != "complaint" or not is_newest(name) or step in {"", "start"}:
                continue
            path = f"/cases/{names['number']}/steps/{step}"
            pointers = [pointer for pointer, _ in typed_into(form)]
            for value in part_of(VALUES, part, place):
                sent = {**dict.fromkeys(pointers, value), "seen": SEEN}
                answer = await client.post(path, data=sent, headers=PARTIAL)
                assert answer.status_code < 500, (step, value[:80])

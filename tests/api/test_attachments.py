"""Attachments over the API: what is taken and refused, once, by whom, given out whole, erased."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
import pytest

from domain.engine.attachments import MOST_ATTACHMENTS
from domain.language.media_types import MAX_ATTACHMENT
from store.attachments.contents import AttachmentContents, default_attachments_url
from store.people.records import KeyOwner, OwnerKind
from tests.api.callers import Callers, add_people, api_client
from tests.support.files import EXE, JPEG, NOT_TAKEN, PDF, PNG, TAKEN

pytestmark = pytest.mark.xdist_group("api")

PHOTO: Mapping[str, str] = {"name": "裂屏.png"}


async def attach(
    callers: Callers,
    number: str,
    content: bytes = PNG,
    by: str = "liu.yang",
    media_type: str | None = None,
    key: str | None = None,
    **said: str,
) -> httpx.Response:
    headers = {"Content-Type": media_type} if media_type else {}
    headers |= {"Idempotency-Key": key} if key else {}
    path = f"/v1/cases/{number}/attachments"
    return await callers[by].post(path, content=content, params={**PHOTO, **said}, headers=headers)


async def attached(callers: Callers, number: str, *args: Any, **more: Any) -> dict[str, Any]:
    answer = await attach(callers, number, *args, **more)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()["attachment"]
    return made


async def listed(callers: Callers, number: str, by: str = "liu.yang") -> list[dict[str, Any]]:
    answer = await callers[by].get(f"/v1/cases/{number}/attachments")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def contents(callers: Callers, number: str) -> list[Path]:
    """The contents that lie where those of a case do."""
    folder = Path(unquote(urlsplit(default_attachments_url(callers.engine.url)).path))
    return sorted(path for path in folder.rglob(f"{number}/*") if path.is_file())


async def test_a_photo_is_attached_listed_and_given_out_as_it_was(callers: Callers) -> None:
    number = await callers.complaint()
    before = (await callers["liu.yang"].get(f"/v1/cases/{number}")).json()["case"]
    made = await attached(callers, number, media_type="image/png", note="屏幕左上角")
    assert made["sha256"] == sha256(PNG).hexdigest()
    assert (made["name"], made["media_type"], made["size"]) == ("裂屏.png", "image/png", len(PNG))
    assert (made["public"], made["by"]["id"], made["erased"]) == (False, "liu.yang", None)
    assert "key" not in made
    assert await listed(callers, number) == [made]

    answer = await callers["wang.fang"].get(f"/v1/cases/{number}/attachments/{made['seq']}")
    assert (answer.status_code, answer.content) == (200, PNG)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]

    history = (await callers["liu.yang"].get(f"/v1/cases/{number}/history")).json()["items"]
    (entry,) = (each for each in history if each["type"] == "attached")
    assert (entry["seq"], entry["form"]["sha256"]) == (made["seq"], made["sha256"])
    after = (await callers["liu.yang"].get(f"/v1/cases/{number}")).json()["case"]
    assert (after["etag"], after["state"]) == (before["etag"], before["state"])
    (file,) = contents(callers, number)
    assert file.name == entry["form"]["key"], "under a random key, not under its name"


@pytest.mark.parametrize(("media_type", "content"), TAKEN.items(), ids=str)
async def test_every_type_that_is_taken_comes_back(
    callers: Callers, media_type: str, content: bytes
) -> None:
    number = await callers.complaint()
    hidden = content + b"PK\x03\x04<html><script>alert(1)</script>"
    made = await attached(callers, number, hidden, media_type=media_type, name="a.html")
    answer = await callers["liu.yang"].get(f"/v1/cases/{number}/attachments/{made['seq']}")
    assert (answer.content, answer.headers["content-type"]) == (hidden, media_type)
    assert not made["name"].endswith(".html"), "a polyglot is saved as a file of its type only"


@pytest.mark.parametrize("content", NOT_TAKEN.values(), ids=NOT_TAKEN)
async def test_other_files_are_refused_whatever_they_are_called(
    callers: Callers, content: bytes
) -> None:
    number = await callers.complaint()
    for media_type in (None, "image/png"):
        answer = await attach(callers, number, content, media_type=media_type, name="photo.png")
        assert (answer.status_code, answer.json()["code"]) == (422, "wrong_attachment_type")
        assert "image/webp" in answer.json()["params"]["allowed"]
    chinese = await callers["liu.yang"].post(
        f"/v1/cases/{number}/attachments",
        params=PHOTO,
        content=content,
        headers={"Accept-Language": "zh"},
    )
    assert "image/jpeg" in chinese.json()["detail"]
    assert "请另存为" in chinese.json()["detail"]
    assert (await listed(callers, number), contents(callers, number)) == ([], [])


@pytest.mark.parametrize(
    ("content", "media_type", "said", "status", "code"),
    [
        (JPEG, "image/png", {}, 422, "attachment_type_differs"),
        (JPEG, "application/json", {}, 422, "attachment_type_differs"),
        (b"", "image/png", {}, 422, "attachment_empty"),
        (PNG, "image/png", {"name": " "}, 422, "wrong_form"),
        (PNG, "image/png", {"name": "photos/"}, 422, "wrong_form"),
        (PNG, "image/png", {"name": "a\nb"}, 422, "wrong_form"),
        (PNG, "image/png", {"name": "\u202egnp.exe"}, 422, "wrong_form"),
        (PNG, "image/png", {"name": "a" * 300}, 422, "wrong_form"),
        (PNG, "image/png", {"note": "\0"}, 422, "invalid"),
        (PNG, "image/png", {"visibility": "all"}, 422, "invalid"),
        (PNG, "image/png", {"colour": "red"}, 422, "invalid"),
    ],
)
async def test_what_is_wrong_is_told(
    callers: Callers, content: bytes, media_type: str, said: dict[str, str], status: int, code: str
) -> None:
    number = await callers.complaint()
    answer = await attach(callers, number, content, media_type=media_type, **said)
    assert answer.status_code == status, answer.text
    assert answer.json().get("code", "") == code
    assert contents(callers, number) == []


async def test_what_is_too_large_is_refused_and_what_just_fits_is_not(callers: Callers) -> None:
    number = await callers.complaint()
    fits = PNG.ljust(MAX_ATTACHMENT, b"\0")
    for announced in (True, False):
        answer = await callers["liu.yang"].post(
            f"/v1/cases/{number}/attachments",
            params=PHOTO,
            content=fits + b"\0" if announced else _chunks(fits + b"\0"),
        )
        assert (answer.status_code, answer.json()["code"]) == (413, "attachment_too_large")
    assert contents(callers, number) == []
    assert (await attached(callers, number, fits))["size"] == MAX_ATTACHMENT
    other = await callers["liu.yang"].post(f"/v1/cases/{number}/comments", content=fits)
    assert other.status_code == 413, "no other route takes so much"


async def _chunks(content: bytes) -> Any:
    for start in range(0, len(content), 1024 * 1024):
        yield content[start : start + 1024 * 1024]


async def test_a_repetition_attaches_once(callers: Callers) -> None:
    number = await callers.complaint()
    key = f"photo-{number}"
    made = await attached(callers, number, key=key)
    again = await attach(callers, number, key=key)
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert again.json()["attachment"] == made
    assert len(contents(callers, number)) == 1, "what was sent again is not kept"
    other = await attach(callers, number, PDF, key=key)
    assert (other.status_code, other.json()["code"]) == (422, "request_reused")
    assert (len(await listed(callers, number)), len(contents(callers, number))) == (1, 1)


async def test_no_step_attaches_a_hash_without_a_content(callers: Callers) -> None:
    number = await callers.complaint()
    form = {"key": "0" * 32, "name": "a", "media_type": "image/png", "size": 1, "sha256": "0" * 64}
    answer = await callers["liu.yang"].post(f"/v1/cases/{number}/steps/attach", json=form)
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_step")


async def test_who_is_outside_sees_what_is_public_and_their_own(callers: Callers) -> None:
    number = await callers.complaint()
    inside = await attached(callers, number)
    public = await attached(callers, number, by="wang.fang", visibility="public")
    theirs = await attached(callers, number, by="shop")
    assert (theirs["public"], theirs["by"]["id"]) == (True, "shop")
    seen = await listed(callers, number, "shop")
    assert [each["seq"] for each in seen] == [public["seq"], theirs["seq"]]
    assert seen[0]["by"]["id"] == "staff", "of our own people only that it was one of them"
    hidden = await callers["shop"].get(f"/v1/cases/{number}/attachments/{inside['seq']}")
    assert hidden.status_code == 404
    internal = await attach(callers, number, by="shop", visibility="internal")
    assert (internal.status_code, internal.json()["code"]) == (403, "forbidden")
    for answer in (
        await attach(callers, number, by="app"),
        await callers["app"].get(f"/v1/cases/{number}/attachments"),
        await callers["app"].get(f"/v1/cases/{number}/attachments/{theirs['seq']}"),
        await callers["nobody"].get(f"/v1/cases/{number}/attachments/{theirs['seq']}"),
    ):
        assert answer.status_code in {401, 404}
    assert len(contents(callers, number)) == 3
    history = (await callers["shop"].get(f"/v1/cases/{number}/history")).json()["items"]
    forms = [each["form"] for each in history if each["type"] == "attached"]
    assert forms[0] == {}
    assert "key" not in forms[1]
    unknown = await callers["liu.yang"].get(f"/v1/cases/{number}/attachments/1")
    assert unknown.status_code == 404, "the opening is no attachment"


async def test_another_tenant_sees_nothing(callers: Callers) -> None:
    number = await callers.complaint()
    made = await attached(callers, number)
    keys = await add_people(callers.store, "attachments")
    path = f"/v1/cases/{number}/attachments"
    async with api_client(callers.app, keys["root"]) as root:
        for answer in (
            await root.get(path),
            await root.get(f"{path}/{made['seq']}"),
            await root.post(path, content=PNG, params=PHOTO),
            await root.delete(f"{path}/{made['seq']}", params={"reason": "x"}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert len(contents(callers, number)) == 1


async def test_a_vendor_reaches_what_it_works_on_and_no_more(callers: Callers) -> None:
    await callers.store.people.add_staff("default", "vendor.a", "Vendor", ("vendor",), ())
    _, key = await callers.store.keys.add("default", KeyOwner(OwnerKind.STAFF, "vendor.a"))
    number = await callers.complaint()
    await attached(callers, number, by="shop")
    async with api_client(callers.app, key) as vendor:
        path = f"/v1/cases/{number}/attachments"
        assert (await vendor.get(path)).status_code == 404
        assert (await vendor.post(path, content=PNG, params=PHOTO)).status_code == 404


async def test_damaged_content_is_said_so_and_never_given_out(callers: Callers) -> None:
    number = await callers.complaint()
    made = await attached(callers, number)
    (file,) = contents(callers, number)
    path = f"/v1/cases/{number}/attachments/{made['seq']}"
    file.write_bytes(EXE)
    damaged = await callers["liu.yang"].get(path)
    assert (damaged.status_code, damaged.json()["code"]) == (500, "attachment_corrupt")
    file.unlink()
    gone = await callers["liu.yang"].get(path)
    assert (gone.status_code, gone.json()["code"]) == (500, "attachment_corrupt")


async def test_a_lead_erases_and_the_history_keeps_the_hash(callers: Callers) -> None:
    number = await callers.complaint()
    made, other = await attached(callers, number), await attached(callers, number, PDF)
    path = f"/v1/cases/{number}/attachments/{made['seq']}"
    by_agent = await callers["liu.yang"].delete(path, params={"reason": "x"})
    assert (by_agent.status_code, by_agent.json()["code"]) == (403, "forbidden")
    by_shop = await callers["shop"].delete(path, params={"reason": "x"})
    assert by_shop.status_code == 403
    without = await callers["wang.fang"].delete(path, params={"reason": " "})
    assert (without.status_code, without.json()["errors"][0]["pointer"]) == (422, "/reason")
    assert len(contents(callers, number)) == 2

    done = await callers["wang.fang"].delete(path, params={"reason": "另一位顾客的证件"})
    assert done.status_code == 200, done.text
    erased = done.json()["erased"]
    assert (erased["by"]["id"], erased["reason"]) == ("wang.fang", "另一位顾客的证件")
    assert erased["removed_at"] is not None
    (left,) = contents(callers, number)
    assert sha256(left.read_bytes()).hexdigest() == other["sha256"]
    gone = await callers["liu.yang"].get(path)
    assert (gone.status_code, gone.json()["code"]) == (404, "attachment_erased")
    again = await callers["root"].delete(path, params={"reason": "again"})
    assert again.json() == done.json(), "who was first stays"
    history = (await callers["liu.yang"].get(f"/v1/cases/{number}/history")).json()["items"]
    assert made["sha256"] in [each["form"].get("sha256") for each in history]
    events = await callers.store.audit_log.events("default", 10, "attachment.erased")
    assert number in [each.subject for each in events]
    assert await listed(callers, number, "shop") == [], "both are internal"


async def test_a_removal_that_failed_is_repeated(callers: Callers) -> None:
    number = await callers.complaint()
    made = await attached(callers, number)
    path = f"/v1/cases/{number}/attachments/{made['seq']}"
    services = callers.app.state.services
    kept, services.attachments = services.attachments, AttachmentContents(None)
    try:
        failed = await callers["wang.fang"].delete(path, params={"reason": "x"})
    finally:
        services.attachments = kept
    assert (failed.status_code, failed.json()["code"]) == (503, "attachments_down")
    assert (await callers["liu.yang"].get(path)).json()["code"] == "attachment_erased"
    (item,) = await listed(callers, number)
    assert item["erased"]["removed_at"] is None
    repeated = await callers["wang.fang"].delete(path, params={"reason": "x"})
    assert repeated.json()["erased"]["removed_at"] is not None
    assert contents(callers, number) == []


async def test_what_the_case_refuses_leaves_no_content(callers: Callers) -> None:
    number = await callers.complaint()
    for _ in range(MOST_ATTACHMENTS):
        await attached(callers, number)
    answer = await attach(callers, number)
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_attachments")
    assert str(MOST_ATTACHMENTS) in answer.json()["detail"]
    assert len(contents(callers, number)) == MOST_ATTACHMENTS


async def test_a_place_that_does_not_answer_is_said_so(callers: Callers) -> None:
    number = await callers.complaint()
    services = callers.app.state.services
    kept, services.attachments = services.attachments, AttachmentContents(None)
    try:
        answer = await attach(callers, number)
    finally:
        services.attachments = kept
    assert (answer.status_code, answer.json()["code"]) == (503, "attachments_down")
    assert "Retry-After" in answer.headers
    assert await listed(callers, number) == []

"""Markup that people wrote is shown as they wrote it, wherever it is shown, and does nothing."""

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from html import escape, unescape
from typing import Any, Final
from urllib.parse import quote

import httpx
import pytest
from lxml import html
from playwright.async_api import Browser

from app.step_forms import form_schema
from cases import CURRENT
from domain.engine.case import Case
from domain.engine.task_actions import OFFERED_ACTIONS
from tests.api.callers import api_client
from tests.api.server import serving
from tests.support.browser import browser_context, log_in, note_faults
from tests.support.sampling import IN_PARTS, part_of
from tests.web.evil_tenant import READER, Evil, fill, keep_draft, typed_into
from tests.web.forms.every_form import FORMS
from tests.web.forms.rendering import render_text, view
from tests.web.markup import CODE, NAME, SIGN, every_place
from tests.web.ops_site import PARTIAL
from tests.web.site import Site, site_client
from tests.web.test_hostile import address, methods_of, routes
from tests.web.test_odd_parameters import parameters_of
from web.forms.schema import read_schema

pytestmark = pytest.mark.xdist_group("hostile")

EXAMPLES: Final = {"/ops/import/example.csv", "/ops/import/example.jsonl"}
NO_PAGES: Final = {"/live", "/cases/{number}/record.pdf", *EXAMPLES}
NOT_RECKONED: Final = "{{7*7}}"
"""What a template that took it for its own would have reckoned."""
PAGES: Final = sorted({r.path for r in routes() if "GET" in methods_of(r)} - NO_PAGES)
ACTIONS: Final = {name: shape for name, (shape, _) in OFFERED_ACTIONS.items() if name != "rewind"}


ASKED_FOR: Final = re.compile("Failed to load resource: the server responded with a status of 4")
"""What the browser says of a page that says what is wrong with its address."""
LIVING: Final = f"""() => [...document.querySelectorAll('*')].filter((element) =>
  element.hasAttribute('{SIGN}')
  || [...element.attributes].some((attribute) => /^on|^hx-on/i.test(attribute.name))
  || /^javascript:/i.test(element.getAttribute('href') ?? '')
).map((element) => element.outerHTML.slice(0, 200))"""
"""The elements that live, as the browser itself sees them."""


@pytest.fixture(scope="module")
async def evil(site: Site) -> Evil:
    return await fill(site.callers.store)


@pytest.fixture
async def client(site: Site, evil: Evil) -> AsyncIterator[httpx.AsyncClient]:
    async with site_client(site.app, evil.token) as client:
        yield client


def alive(text: str) -> list[str]:
    """Return the elements of a page that come of what people wrote, or that would run something."""
    root = html.document_fromstring(f"<main>{text}</main>" if "<html" not in text else text)
    return [
        html.tostring(each, encoding="unicode")[:200] for each in root.iter() if _is_alive(each)
    ]


def _is_alive(element: Any) -> bool:
    attributes = {str(name).lower(): str(value) for name, value in element.attrib.items()}
    runs = any(name == SIGN or name.startswith("on") or name == "srcdoc" for name in attributes)
    leads = [v for n, v in attributes.items() if n in {"href", "src", "action", "formaction"}]
    leads += [v for n, v in attributes.items() if n.startswith(("hx-get", "hx-post", "hx-delete"))]
    bad = any(re.match(r"\s*(javascript|data):|//", each, re.IGNORECASE) for each in leads)
    return runs or bad or "hx-on" in " ".join(attributes)


def test_what_lives_is_found() -> None:
    for found in (f"<p>{NAME}</p>", f'<p title="{NAME}">', f"<p title='{NAME}'>", f"<p x={NAME}>"):
        assert alive(found) != []
    for found in (
        "<a href=javascript:x>",
        "<a href=//evil.test>",
        "<b hx-get=//x>",
        "<b onclick=x>",
    ):
        assert alive(found) != []
    assert alive(f"<p title='{escape(NAME)}'>{escape(NAME)}</p>") == []


def test_all_places_where_people_write_have_markup(evil: Evil) -> None:
    assert every_place() - evil.written.places == set()


def test_a_form_shows_what_was_typed_and_nothing_of_it_lives() -> None:
    for name, form in FORMS.items():
        pairs = typed_into(form)
        text = render_text(view(form, pairs, name.partition(" ")[0]))
        assert alive(text) == [], name
        assert (SIGN in text) is any(SIGN in typed for _, typed in pairs), name


@pytest.mark.parametrize("part", ["", "/parts", "/timeline", "/notes?audience=customer"])
async def test_nothing_lives_on_the_page_of_a_case(
    client: httpx.AsyncClient, evil: Evil, part: str
) -> None:
    for process, case in evil.cases:
        path = f"/cases/{case.opening.number}{part}"
        text = await shown(client, path, PARTIAL if part else {})
        assert alive(text) == [], (process.kind, path)
        assert NOT_RECKONED in text


async def test_nothing_lives_in_older_parts_of_a_case(
    client: httpx.AsyncClient, evil: Evil
) -> None:
    for case in evil.richest.values():
        path = f"/cases/{case.opening.number}/timeline"
        text = await shown(client, path, PARTIAL)
        while older := re.search(r'hx-get="([^"]*timeline\?before=[^"]*)"', text):
            text = await shown(client, unescape(older[1]), PARTIAL)
            assert alive(text) == []
        steps = [f"/ops/cases/{case.opening.number}?seq={n}" for n in range(1, case.last.seq + 1)]
        for path in (rewind(case), *steps):
            assert alive(await shown(client, path, {})) == [], path


async def test_nothing_lives_in_the_written_record(site: Site, evil: Evil) -> None:
    """It stands on our own origin, too."""
    async with api_client(site.callers.app, evil.key) as client:
        for case in evil.richest.values():
            text = await shown(client, f"/v1/cases/{case.opening.number}/record?format=html", {})
            assert alive(text) == []
            assert "data-evil" in text


async def test_nothing_lives_in_the_form_of_a_step(client: httpx.AsyncClient, evil: Evil) -> None:
    """Its draft is in it, and it is shown again when it is refused."""
    for kind, case in evil.richest.items():
        number, process = case.opening.number, CURRENT[kind]
        for step, shape in {**process.forms, **ACTIONS}.items():
            typed = typed_into(read_schema(form_schema(kind, shape)))
            await keep_draft(evil.store, f"{number}/{step}", typed, number)
            text = await shown(client, f"/cases/{number}/steps/{step}", PARTIAL)
            assert alive(text) == [], step
            sent = {**dict(typed), "seen": "0 0 never", "request": NAME, "add": NAME}
            again = await client.post(f"/cases/{number}/steps/{step}", data=sent, headers=PARTIAL)
            assert again.status_code in {200, 403, 404, 409, 412, 422}, (step, again.text)
            assert alive(again.text) == [], step


@pytest.mark.parametrize("path", PAGES)
async def test_nothing_lives_on_any_page(client: httpx.AsyncClient, evil: Evil, path: str) -> None:
    for headers in ({}, PARTIAL):
        for each in addresses(evil, path):
            answer = await client.get(each, headers=headers)
            assert answer.status_code < 500
            if "html" in answer.headers.get("content-type", ""):
                assert alive(answer.text) == [], each


def addresses(evil: Evil, path: str) -> list[str]:
    """Return a page with things that have markup, and with markup in all that it is asked."""
    number, evil_text = evil.richest["complaint"].opening.number, quote(NAME)
    names = {"number": number, "kind": "complaint", "step": "accept", "to": "1", "chart": "closed"}
    route = next(each for each in routes() if each.path == path)
    filled = address(route, names | {"batch": evil.batch, "customer": evil.customer})
    asked = "&".join(f"{quote(name)}={evil_text}" for name in parameters_of(route))
    known = {
        "/inbox": ["?view=all", f"?view=all&assignee={READER}"],
        "/inbox/list": ["?view=all", f"?view=all&seen={number}:1:0&seen=TS1:1:0"],
        "/search": [f"?q={number}", "?q=img", f"?q={CODE}", f"?q={evil_text}"],
        "/customers": [f"?text={evil_text}", f"?text={quote(NAME[:9])}"],
        "/duplicates": [f"?/customer/ref={evil.customer}", f"?/order={CODE}"],
        "/cases/new/{kind}": [f"?customer={evil.customer}&parent={number}"],
        "/cases/new/{kind}/customer": [f"?ref={evil.customer}"],
    }
    named = address(route, dict.fromkeys(names, evil_text)) if "{" in path else f"{filled}?{asked}"
    return [filled, f"{filled}?{asked}", named, *(filled + more for more in known.get(path, ()))]


def rewind(case: Case) -> str:
    """Return where a case is taken back to its beginning."""
    return f"/cases/{case.opening.number}/rewind/1"


async def shown(client: httpx.AsyncClient, path: str, headers: Mapping[str, str]) -> str:
    """Return a page, which is there."""
    answer = await client.get(path, headers=headers)
    assert answer.status_code in {200, 409, 422}, (path, answer.text)
    return answer.text


@IN_PARTS
async def test_nothing_runs_in_a_browser(
    browser: Browser, site: Site, evil: Evil, part: int
) -> None:
    async with serving(site.together) as base, browser_context(browser, base) as context:
        await log_in(context, base, evil.token)
        page = await context.new_page()
        faults, asked = note_faults(page), list[str]()
        page.on("dialog", lambda dialog: faults.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: asked.append(request.url))
        for path in part_of([*in_a_browser(evil)], part, 0):
            await page.goto(path)
            faults += [f"{path}: {each}" for each in await page.evaluate(LIVING)]
            assert [each for each in faults if not ASKED_FOR.search(each)] == [], path
    assert [each for each in asked if "/evil" in each or "evil.test" in each] == []


def in_a_browser(evil: Evil) -> Iterator[str]:
    """Yield what is opened in a browser: all pages, and of each kind a case with its parts."""
    for path in PAGES:
        if "{" not in path:
            yield from addresses(evil, path)
    for kind, case in evil.richest.items():
        number = case.opening.number
        yield from (f"/cases/{number}", f"/cases/{number}/timeline", f"/ops/cases/{number}")
        yield from (rewind(case), f"/cases/new/{kind}?customer={evil.customer}&parent={number}")
    yield f"/ops/batches/{evil.batch}"

"""The site: its pages, middleware and state, and how it stands beside the API in one process."""

from typing import Final
from zoneinfo import ZoneInfo

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from app.services import Services
from ops.operations import Operations
from ops.record import Printer
from web.http import session, troubles
from web.http.guard import CountRequest, Guard
from web.pages.batches import routes as batches
from web.pages.board import routes as board
from web.pages.cases import attachments, notes, presence, submit
from web.pages.cases import routes as cases
from web.pages.charts import routes as charts
from web.pages.customers import routes as customers
from web.pages.drafts import routes as drafts
from web.pages.inbox import routes as inbox
from web.pages.live import routes as live
from web.pages.me import routes as me
from web.pages.measures import routes as measures
from web.pages.new_case import routes as new_case
from web.pages.ops import routes as ops
from web.pages.preferences import routes as preferences
from web.pages.search import routes as search
from web.pages.sign_in import routes as sign_in
from web.rendering.assets import PREFIX, Assets, AssetsMissing
from web.rendering.page_texts import PageTexts
from web.rendering.pages import build_pages

__all__ = ["AssetsMissing", "beside", "build_site"]

ROUTERS: Final = (
    new_case.router,
    cases.router,
    submit.router,
    notes.router,
    attachments.router,
    drafts.router,
    presence.router,
    inbox.router,
    batches.router,
    board.router,
    charts.router,
    customers.router,
    live.router,
    me.router,
    measures.router,
    *ops.ROUTERS,
    preferences.router,
    search.router,
    sign_in.router,
)
COMPRESS_FROM: Final = 1024
"""Bytes from which a page is worth compressing."""
API_PATHS: Final = ("/v1", "/openapi.json", "/livez", "/readyz", "/metrics")


def build_site(
    services: Services, operations: Operations, count: CountRequest, business_zone: ZoneInfo
) -> FastAPI:
    """Build the site on the services of the process; times are shown in the business zone.

    Raises:
        AssetsMissing: the set-up has not brought the files that pages load.
    """
    assets = Assets()
    site = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    site.state.services = services
    site.state.operations = operations
    site.state.printer = Printer()
    site.state.admit = session.admit
    site.state.texts = PageTexts(business_zone)
    site.state.pages = build_pages(assets, business_zone)
    for router in ROUTERS:
        site.include_router(router)
    site.add_route(f"{PREFIX}/{{version}}/{{path:path}}", assets.serve)
    troubles.install(site)
    # The middleware that is added last is the outermost.
    site.add_middleware(GZipMiddleware, minimum_size=COMPRESS_FROM)
    site.add_middleware(Guard, count=count, show_failure=troubles.show)
    return site


def beside(api: ASGIApp, site: ASGIApp) -> ASGIApp:
    """Return one app: the API answers its own paths, the site all others."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        is_api = scope["type"] != "http" or any(
            path == prefix or path.startswith(f"{prefix}/") for prefix in API_PATHS
        )
        await (api if is_api else site)(scope, receive, send)

    return serve

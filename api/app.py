"""The FastAPI app: its routers, middleware, error handlers and state."""

from fastapi import Depends, FastAPI

from api.batches import routes as batches
from api.cases import (
    archive,
    attachments,
    bulk,
    clocks,
    comments,
    diff,
    imports,
    merging,
    notices,
    record,
    requests,
    rewind,
)
from api.cases import routes as cases
from api.customers import routes as customers
from api.health import routes as health
from api.http.error_handlers import install
from api.http.limits import BodyLimits
from api.http.methods import HeadAsGet
from api.http.metrics import Metrics
from api.http.openapi import refine
from api.http.paging import Cursors
from api.http.parameters import refuse_other_parameters
from api.http.request_log import RequestLog
from api.kinds import flow
from api.kinds import routes as kinds
from api.mailbox import routes as mailbox
from api.measures import routes as measures
from api.orders import routes as orders
from api.people import routes as people
from api.policies import routes as policies
from api.settings import ApiSettings
from api.steps import routes as steps
from api.tasks import routes as tasks
from app.services import build_services
from app.texts import Texts
from ops.record import Printer
from store import Store
from store.archive import Archive
from store.attachments.contents import AttachmentContents
from temporal.case_client import CaseClient

ROUTERS = (
    bulk.router,
    imports.router,
    batches.router,
    cases.router,
    archive.router,
    diff.router,
    merging.router,
    flow.router,
    record.router,
    notices.router,
    requests.router,
    clocks.router,
    steps.router,
    rewind.router,
    comments.router,
    attachments.router,
    tasks.router,
    mailbox.router,
    measures.router,
    orders.router,
    policies.router,
    customers.router,
    kinds.router,
    people.router,
)


def create_app(store: Store, case_client: CaseClient, settings: ApiSettings) -> FastAPI:
    """Build the app; whoever gives it a store and a case client also closes them."""
    app = bare_app()
    app.state.services = services = build_services(
        store,
        case_client,
        Archive(settings.archive),
        business_zone=settings.business_zone,
        policy_version=settings.policy,
        record_timeout=settings.record_timeout,
        session_limits=settings.session_limits,
        orders=settings.order_source,
    )
    services.attachments = AttachmentContents(settings.attachments)
    app.state.texts = texts = Texts(settings.business_zone)
    app.state.metrics = metrics = Metrics()
    app.state.printer = Printer()
    app.state.cursors = Cursors(settings.secret.get_secret_value())
    # The middleware that is added last is the outermost.
    app.add_middleware(BodyLimits)
    app.add_middleware(HeadAsGet)
    app.add_middleware(RequestLog, texts=texts, metrics=metrics)
    return app


def bare_app() -> FastAPI:
    """Build the app without services: routes and description only.

    FastAPI's pages are off, since they load scripts from elsewhere.
    """
    app = FastAPI(
        title="Banjie",
        summary="After-sales cases, handled and concluded (办结).",
        version="1",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        # BodyLimits checks the content type; a request without a body needs none.
        strict_content_type=False,
    )
    for router in ROUTERS:
        app.include_router(router, dependencies=[Depends(refuse_other_parameters)])
    app.include_router(health.router)
    install(app)
    refine(app)
    return app

"""The API, built from its parts; nothing else knows what it is made of."""

from fastapi import FastAPI

from api.auth import Doorman
from api.counting import Counting
from api.cursors import Cursors
from api.desk import Desk
from api.failures import install
from api.limits import Limits
from api.metrics import Metrics
from api.parts import Parts
from api.routes import (
    archive,
    batch,
    batches,
    cases,
    clocks,
    comments,
    flow,
    health,
    kinds,
    notices,
    past,
    people,
    record,
    rewind,
    steps,
    tasks,
)
from api.schema import refine
from api.settings import ApiSettings
from api.text import Texts
from api.views import Views
from api.watch import Watch
from store import Store
from store.archive import Archive

ROUTERS = (
    batch.router,
    batches.router,
    cases.router,
    archive.router,
    past.router,
    flow.router,
    record.router,
    notices.router,
    clocks.router,
    steps.router,
    rewind.router,
    comments.router,
    tasks.router,
    kinds.router,
    people.router,
    health.router,
)


def create_app(store: Store, desk: Desk, settings: ApiSettings) -> FastAPI:
    """The app; whoever gives it a store and a desk also closes them."""
    app = bare_app()
    texts, metrics = Texts(settings.business_zone), Metrics()
    app.state.parts = Parts(
        store=store,
        desk=desk,
        settings=settings,
        texts=texts,
        cursors=Cursors(settings.secret.get_secret_value()),
        metrics=metrics,
        doorman=Doorman(store),
        views=Views(store, settings.business_zone),
        archive=Archive(settings.archive),
        counting=Counting(store),
    )
    # The last one added is the outermost.
    app.add_middleware(Limits)
    app.add_middleware(Watch, texts=texts, metrics=metrics)
    return app


def bare_app() -> FastAPI:
    """Routes and schema only; the pages that load scripts from elsewhere are off."""
    app = FastAPI(
        title="Banjie",
        summary="After-sales cases, handled and concluded (办结).",
        version="1",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        # The body was checked before; a request without one needs no content type.
        strict_content_type=False,
    )
    for router in ROUTERS:
        app.include_router(router)
    install(app)
    refine(app)
    return app

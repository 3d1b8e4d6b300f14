"""All pages for operators."""

from typing import Final

from web.pages.ops import (
    audit,
    batches,
    dead_letters,
    doctor,
    flow,
    history,
    imports,
    incidents,
    overview,
    schedules,
)

ROUTERS: Final = (
    overview.router,
    incidents.router,
    dead_letters.router,
    batches.router,
    imports.router,
    schedules.router,
    flow.router,
    audit.router,
    doctor.router,
    history.router,
)

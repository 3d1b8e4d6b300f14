"""What routes depend on: the services of the use cases, and what only HTTP needs."""

from typing import Annotated

from fastapi import Depends, Request

from api.http.metrics import Metrics
from api.http.paging import Cursors
from app.services import Services
from app.texts import Texts
from ops.record import Printer


def services_of(request: Request) -> Services:
    """Return the services of the app that the request came to."""
    services: Services = request.app.state.services
    return services


def texts_of(request: Request) -> Texts:
    """Return the texts of the app that the request came to."""
    texts: Texts = request.app.state.texts
    return texts


def cursors_of(request: Request) -> Cursors:
    """Return what signs and reads page cursors."""
    cursors: Cursors = request.app.state.cursors
    return cursors


def metrics_of(request: Request) -> Metrics:
    """Return the metrics of the app that the request came to."""
    metrics: Metrics = request.app.state.metrics
    return metrics


def printer_of(request: Request) -> Printer:
    """Return the printer of the service records: it typesets them as PDF."""
    printer: Printer = request.app.state.printer
    return printer


def locale_of(request: Request) -> str:
    """Return the language of the request."""
    return str(request.state.locale)


def trace_id_of(request: Request) -> str:
    """Return the trace id of the request."""
    return str(request.state.trace_id)


ServicesDep = Annotated[Services, Depends(services_of)]
TextsDep = Annotated[Texts, Depends(texts_of)]
CursorsDep = Annotated[Cursors, Depends(cursors_of)]
MetricsDep = Annotated[Metrics, Depends(metrics_of)]
PrinterDep = Annotated[Printer, Depends(printer_of)]
LocaleDep = Annotated[str, Depends(locale_of)]
TraceIdDep = Annotated[str, Depends(trace_id_of)]

"""`/charts`: numbers over time; each is a picture, a table and a file of the same series."""

from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from app.calendar_spans import Period
from app.charts import Chart, ChartQuestion, default_days, read_chart
from app.colleagues import read_colleagues
from app.errors import NotFound, Unacceptable
from app.series import Series, Unit, as_csv
from cases import CURRENT
from store.db.clock import utc_now
from store.reports.records import Split
from web.http.queries import read_address
from web.http.troubles import named_faults, trouble_of
from web.rendering.pages import page
from web.visitor import LoggedIn

router = APIRouter()
BARS: Final = frozenset({Chart.ARRIVALS, Chart.CLOSED, Chart.PROMISES, Chart.SATISFACTION})


@router.get("/charts")
async def charts(request: Request, visitor: LoggedIn) -> HTMLResponse:
    """Show one chart with its table, and the way to the others; or what is wrong with its days."""
    question = _question(request)
    services = request.app.state.services
    try:
        series, trouble = await read_chart(services, visitor.caller, question, visitor.locale), None
    except Unacceptable as error:
        series, trouble = None, trouble_of(error, request.app.state.texts, visitor.locale)
    values = {
        "question": question,
        "asked": question.model_dump(mode="json", exclude_none=True),
        "series": series,
        "drawn": _drawn(question, series) if series else None,
        "faults": named_faults(request, trouble, visitor.locale) if trouble else (),
        "charts": [*Chart],
        "periods": [*Period],
        "splits": [*Split],
        "kinds": [*CURRENT],
        "teams": (await read_colleagues(services, visitor.caller)).teams,
    }
    status = trouble.status if trouble else 200
    return page(request, "charts/index.html", values, status=status)


@router.get("/charts/{chart}.csv")
async def as_file(request: Request, visitor: LoggedIn, chart: str) -> Response:
    """Return the numbers of a chart as a file for a spreadsheet."""
    if chart not in [*Chart]:
        raise NotFound
    question = _question(request, chart=chart)
    services = request.app.state.services
    series = await read_chart(services, visitor.caller, question, visitor.locale)
    name = f"{chart}-{question.since}-{question.until}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(as_csv(series, visitor.locale), media_type="text/csv", headers=headers)


def _question(request: Request, **more: str) -> ChartQuestion:
    since, until = default_days(utc_now(), request.app.state.services)
    usual = {
        "chart": Chart.ARRIVALS.value,
        "since": since.isoformat(),
        "until": until.isoformat(),
    }
    return read_address(ChartQuestion, request.query_params.multi_items(), usual, **more)


def _drawn(question: ChartQuestion, series: Series) -> dict[str, Any]:
    """Return the series as the script of the page draws it."""
    return {
        "kind": "bar" if question.chart in BARS else "line",
        # Lengths of time and scores do not add up.
        "stacked": question.chart in {Chart.PROMISES, Chart.SATISFACTION}
        or (question.by is not None and series.unit is Unit.CASES),
        "unit": series.unit.value,
        "labels": [label.isoformat() for label in series.labels],
        "lines": [{"name": line.label, "values": line.values} for line in series.lines],
    }

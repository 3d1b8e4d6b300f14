"""Numbers over time, from which a picture, a table and a file are made alike."""

import csv
import io
from datetime import date, datetime
from enum import StrEnum, auto

from app.results import Result
from domain.spreadsheets import BOM, cell
from i18n.labels import label


class Unit(StrEnum):
    """What the numbers count."""

    CASES = auto()
    PROMISES = auto()
    ANSWERS = auto()
    SECONDS = auto()
    SCORE = auto()


class Line(Result):
    """One row of numbers; None where there is nothing to count, or it is still to come."""

    key: str
    label: str
    values: list[float | None]


class Series(Result):
    """Lines over the same labels: the first days of spans, or the moments at which hours begin.

    Moments are in the business's zone.
    """

    unit: Unit
    labels: list[datetime | date]
    lines: list[Line]


def line(key: str, locale: str, values: list[float | None]) -> Line:
    """Return a line under the name that its key has in all kinds' catalogue."""
    return Line(key=key, label=label(f"line.{key}", locale), values=values)


def as_csv(series: Series, locale: str) -> str:
    """Return the numbers as a file for a spreadsheet (RFC 4180): a row for each label."""
    file = io.StringIO(newline="")
    file.write(BOM)
    rows = csv.writer(file, lineterminator="\r\n")
    rows.writerow([label("line.from", locale), *(cell(each.label) for each in series.lines)])
    for place, start in enumerate(series.labels):
        numbers = (each.values[place] for each in series.lines)
        rows.writerow([start.isoformat(), *map(_number, numbers)])
    return file.getvalue()


def _number(value: float | None) -> str:
    """Return a number as a spreadsheet computes with it; a minus is no formula here."""
    if value is None:
        return ""
    return str(int(value)) if value == int(value) else str(value)

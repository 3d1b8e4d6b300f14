"""A file of orders: CSV with a row for each line of each order, and a heading.

Rows of one order need not stand together. What is of the whole order stands in each of its rows, or
in the first one only.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from io import StringIO
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from app.errors import FieldFault, Unacceptable, invalid
from domain.language.forms import field_errors
from domain.language.orders import MAX_LINES, NewOrder, OrderLine
from domain.language.spellings import plain_code
from domain.language.values import Code

OF_ORDER: Final = ("channel", "customer", "placed_on", "currency")
OF_LINE: Final = tuple(OrderLine.model_fields)
NEEDED: Final = ("order", "line", "product")
COLUMNS: Final = ("order", *OF_ORDER, *OF_LINE)
WHOLE: Final = re.compile("[0-9]{1,9}")
OF_A_LINE: Final = re.compile(r"/lines/(\d+)/?([^/]*)")
ID: Final = TypeAdapter[str](Code)


@dataclass(frozen=True)
class OrderRow:
    """A row: its line in the file, its order and its line of the order, and its other cells."""

    row: int
    order: str
    line: str
    cells: Mapping[str, str]


def future_deliveries(order: NewOrder, today: date) -> list[FieldFault]:
    """Return a fault for each line that is said to have been delivered after today."""
    return [
        FieldFault(
            f"/lines/{place}/delivered_on", "day_in_the_future", "This day is in the future."
        )
        for place, line in enumerate(order.lines)
        if line.delivered_on is not None and line.delivered_on > today
    ]


def read_order_file(text: str, today: date) -> tuple[list[OrderRow], dict[str, NewOrder]]:
    """Return the rows of a file, and the orders that they make, by id.

    Args:
        text: the file.
        today: the last day on which something may have been delivered.

    Raises:
        Unacceptable: with a fault for each wrong cell, at the row and the column.
    """
    rows = list(_rows(text))
    if not rows:
        raise invalid("/1", "no_rows", "There are no rows below the heading.")
    by_order: dict[str, list[OrderRow]] = {}
    for row in rows:
        by_order.setdefault(plain_code(row.order), []).append(row)
    faults: list[FieldFault] = []
    orders: dict[str, NewOrder] = {}
    for of_order in by_order.values():
        found, order = _order(of_order, today)
        faults += found
        if order is not None:
            orders[of_order[0].order] = order
    if faults:
        faults.sort(key=lambda fault: int(fault.pointer.split("/")[1]))
        raise Unacceptable(*faults)
    return rows, orders


def _rows(text: str) -> Iterator[OrderRow]:
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    try:
        heading = [name.strip() for name in next(reader, [])]
        _check_heading(heading)
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(heading):
                bound = {"columns": len(heading)}
                detail = f"The row has {len(cells)} cells, the heading {len(heading)}."
                raise invalid(f"/{reader.line_num}", "other_cells", detail, **bound)
            row = {name: cell.strip() for name, cell in zip(heading, cells, strict=True)}
            yield OrderRow(reader.line_num, row["order"], row["line"], row)
    except csv.Error as error:
        raise invalid(f"/{max(reader.line_num, 1)}", "csv_unreadable", str(error)) from None


def _check_heading(heading: list[str]) -> None:
    faults = [
        FieldFault("/1", "unknown_column", f"There is no column {name}.", {"column": name})
        for name in heading
        if name not in COLUMNS
    ]
    faults += [
        FieldFault("/1", "missing_column", f"The column {name} is missing.", {"column": name})
        for name in NEEDED
        if name not in heading
    ]
    faults += [
        FieldFault("/1", "column_twice", f"The column {name} is there twice.", {"column": name})
        for name in sorted({each for each in heading if heading.count(each) > 1})
    ]
    if faults:
        raise Unacceptable(*faults)


def _order(rows: list[OrderRow], today: date) -> tuple[list[FieldFault], NewOrder | None]:
    """Return the order that rows make, or what is wrong with them."""
    first = rows[0]
    faults = [*_wrong_id(first), *_differing(rows)]
    of_order = {name: first.cells[name] for name in OF_ORDER if first.cells.get(name)}
    data = {**of_order, "lines": [_line(row.cells) for row in rows]}
    if len(rows) > MAX_LINES:
        detail = f"An order has at most {MAX_LINES} lines."
        faults.append(FieldFault(f"/{first.row}", "too_long", detail, {"max_length": MAX_LINES}))
        return faults, None
    try:
        order = NewOrder.model_validate(data)
    except ValidationError as error:
        found: list[Any] = field_errors(error)
        return [*faults, *(_in_file(each, rows) for each in found)], None
    late = (
        replace(each, pointer=_place_in_file(each.pointer, rows))
        for each in future_deliveries(order, today)
    )
    return [*faults, *late], order


def _wrong_id(row: OrderRow) -> Iterator[FieldFault]:
    try:
        ID.validate_python(row.order)
    except ValidationError as error:
        found: list[Any] = field_errors(error)
        for each in found:
            pointer = f"/{row.row}/order"
            yield FieldFault(pointer, each["code"], each["detail"], each.get("params", {}))


def _differing(rows: list[OrderRow]) -> Iterator[FieldFault]:
    """Yield a fault for each row that says something else of the order than its first one."""
    first = rows[0]
    for row in rows[1:]:
        for name in OF_ORDER:
            if (cell := row.cells.get(name)) and cell != first.cells[name]:
                detail = f"The first row of the order, {first.row}, says something else."
                yield FieldFault(f"/{row.row}/{name}", "differs", detail, {"row": first.row})


def _line(cells: Mapping[str, str]) -> dict[str, Any]:
    """Return a line as JSON would have it; serial numbers are divided by blanks."""
    line: dict[str, Any] = {name: cells[name] for name in OF_LINE if cells.get(name)}
    if (quantity := line.get("quantity")) is not None:
        line["quantity"] = int(quantity) if WHOLE.fullmatch(quantity) else quantity
    if "serials" in line:
        line["serials"] = line["serials"].split()
    return line


def _in_file(fault: Mapping[str, Any], rows: list[OrderRow]) -> FieldFault:
    """Return a fault of an order where it is in the file."""
    pointer = _place_in_file(fault["pointer"], rows)
    return FieldFault(pointer, fault["code"], fault["detail"], fault.get("params", {}))


def _place_in_file(pointer: str, rows: list[OrderRow]) -> str:
    """Return where a part of an order is in the file: its row and column."""
    of_line = OF_A_LINE.match(pointer)
    row = rows[int(of_line[1])] if of_line else rows[0]
    column = of_line[2] if of_line else pointer.strip("/")
    return f"/{row.row}/{column}" if column else f"/{row.row}"

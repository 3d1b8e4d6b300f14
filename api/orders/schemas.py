"""Orders in responses."""

from datetime import date

from api.http.schemas import ResponseModel
from app.orders import ImportOutcome


class OrderLineDetails(ResponseModel):
    """One line of an order: so many units of a product; `unit_price` was paid for each."""

    line: str
    product: str
    name: str | None
    quantity: int
    unit_price: str | None
    delivered_on: date | None
    product_line: str | None
    warranty_until: date | None
    serials: list[str]


class OrderDetails(ResponseModel):
    """An order with its lines; `source` is who handed it in last."""

    id: str
    source: str | None
    channel: str | None
    customer: str | None
    placed_on: date | None
    currency: str
    lines: list[OrderLineDetails]


class ImportedRow(ResponseModel):
    """A row of a file, by its line there, and what becomes of its order."""

    row: int
    order: str
    line: str
    outcome: ImportOutcome


class OrderImport(ResponseModel):
    """What an import did: all of it. In a dry run, what it would do."""

    dry_run: bool
    orders: int
    rows: list[ImportedRow]

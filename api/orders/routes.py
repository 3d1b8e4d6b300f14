"""`/v1/orders`: hand orders in, one by one or as a file, and read one."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request

from api.http.dependencies import ServicesDep
from api.http.security import Caller
from api.orders.schemas import OrderDetails, OrderImport
from app import orders
from domain.language.orders import NewOrder
from domain.language.values import Code

router = APIRouter(prefix="/v1", tags=["orders"])

FILE: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {orders.CSV: {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.put("/orders/{id}", operation_id="put_order", summary="Hand in an order")
async def put_order(services: ServicesDep, caller: Caller, id: Code, new: NewOrder) -> OrderDetails:
    """Write an order; one with the same id, however it is spelt, is replaced.

    Systems may, and administrators. It holds nothing personal. Cases keep what the order said when
    they were started.
    """
    return OrderDetails.model_validate(await orders.put_order(services, caller, id, new))


@router.get("/orders/{id}", operation_id="get_order", summary="Read an order")
async def get_order(services: ServicesDep, caller: Caller, id: Code) -> OrderDetails:
    """Return an order. A system sees those that it handed in, a vendor those its cases name."""
    return OrderDetails.model_validate(await orders.find_order(services, caller, id))


@router.post(
    "/orders:import",
    operation_id="import_orders",
    summary="Hand in a file of orders",
    openapi_extra=FILE,
)
async def import_orders(
    request: Request,
    services: ServicesDep,
    caller: Caller,
    dry_run: Annotated[bool, Query(description="Only say what would be done.")] = False,
) -> OrderImport:
    """Write all orders of a CSV file of at most 1 MiB, or none: every row is checked before.

    The file is UTF-8 and has a heading with `order`, `line` and `product`, and as it likes
    `channel`, `customer`, `placed_on`, `currency`, `name`, `quantity`, `unit_price`,
    `delivered_on`, `product_line`, `warranty_until` and `serials`, divided by blanks. What is wrong
    is told with the line of the file and the column: `/3/quantity`.
    """
    body = await request.body()
    done = await orders.import_orders(services, caller, body, dry_run=dry_run)
    return OrderImport.model_validate(done)

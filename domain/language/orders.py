"""Orders as a shop's own system has them: what was sold, line by line, and what was paid for it."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError

from domain.language.goods import Goods
from domain.language.spellings import plain_code
from domain.language.values import Code, Day, Money, visible

MAX_LINES, MAX_UNITS, MAX_SERIALS = 200, 10_000, 1000
MOST_MONEY = 10**12

T = TypeVar("T")


def _one_line(name: str) -> str:
    if not name.isprintable():
        raise PydanticCustomError("control_characters", "a name has no control characters")
    return visible(name)


ProductName = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_one_line)]
"""What a product is called: one line of which something can be seen."""


def some_lines(lines: tuple[T, ...]) -> tuple[T, ...]:
    """Refuse no lines at all; it is asked only where each line is sound by itself.

    Raises:
        PydanticCustomError
    """
    if not lines:
        bound = {"min_length": 1, "actual_length": 0, "field_type": "Tuple"}
        raise PydanticCustomError("too_short", "there must be a line", bound)
    return lines


class OrderLine(BaseModel):
    """One line of an order: a product, how many units of it, and what was paid for each.

    `serials` are those of its units as far as they are known.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    line: Code
    product: Code
    name: ProductName | None = None
    quantity: Annotated[int, Field(ge=1, le=MAX_UNITS, strict=True)] = 1
    unit_price: str | None = Field(
        None,
        pattern=r"^\d{1,12}(\.\d{1,4})?$",
        description="What the customer paid for one unit, after all discounts, as text.",
    )
    delivered_on: Day | None = None
    product_line: Code | None = None
    warranty_until: Day | None = None
    serials: Annotated[tuple[Code, ...], Field(max_length=MAX_SERIALS)] = ()


class NewOrder(BaseModel):
    """An order as it is handed in; it holds nothing personal, `customer` is a reference."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    channel: Code | None = Field(None, description="Where it was sold: a shop, an app.")
    customer: Code | None = Field(None, description="A reference; no name, no telephone number.")
    placed_on: Day | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "CNY"
    lines: Annotated[
        tuple[OrderLine, ...],
        Field(max_length=MAX_LINES, json_schema_extra={"minItems": 1}),
        AfterValidator(some_lines),
    ]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if faults := [*_wrong_prices(self), *_repeated(self), *_too_many_serials(self)]:
            raise ValidationError.from_exception_data(type(self).__name__, faults)
        return self


class Order(NewOrder):
    """An order that is known: its id as it was written, and who brought it in."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: Code
    source: str | None = None

    @property
    def total(self) -> Money | None:
        """What the customer paid for all lines; None if that is not known of each.

        Also None if it is more than any amount can be.
        """
        priced = [line for line in self.lines if line.unit_price]
        amount = sum((Decimal(line.unit_price or 0) * line.quantity for line in priced), Decimal())
        if len(priced) < len(self.lines) or amount >= MOST_MONEY:
            return None
        return Money(amount=amount, currency=self.currency)

    def find_line(self, line: str) -> OrderLine | None:
        """Return the line of this name, however it is spelt."""
        key = plain_code(line)
        return next((each for each in self.lines if plain_code(each.line) == key), None)

    def goods(self, line: OrderLine, quantity: int, serials: tuple[str, ...]) -> Goods:
        """Return so many units of a line as a case keeps them."""
        price = line.unit_price
        return Goods(
            line=line.line,
            product=line.product,
            name=line.name,
            quantity=quantity,
            ordered=line.quantity,
            serials=serials,
            unit_price=None
            if price is None
            else Money(amount=Decimal(price), currency=self.currency),
            delivered_on=line.delivered_on,
            channel=self.channel,
            product_line=line.product_line,
            warranty_until=line.warranty_until,
        )


def _wrong_prices(order: NewOrder) -> Iterator[InitErrorDetails]:
    """Yield the faults of prices that nobody pays in the order's currency."""
    for place, line in enumerate(order.lines):
        try:
            Money.model_validate({"amount": line.unit_price or "0", "currency": order.currency})
        except ValidationError as error:
            for each in error.errors():
                where: tuple[Any, ...] = ("lines", place, "unit_price")
                if each["loc"] == ("currency",):
                    where = ("currency",)
                yield _fault(each["type"], each["msg"], where, line.unit_price, each.get("ctx"))


def _repeated(order: NewOrder) -> Iterator[InitErrorDetails]:
    """Yield a fault for each line and each serial number that the order has twice."""
    lines, serials = set[str](), set[str]()
    for place, line in enumerate(order.lines):
        if (key := plain_code(line.line)) in lines:
            yield _fault("repeated", "it is there twice", ("lines", place, "line"), line.line)
        lines.add(key)
        for n, serial in enumerate(line.serials):
            if (key := plain_code(serial)) in serials:
                where = ("lines", place, "serials", n)
                yield _fault("repeated", "it is there twice", where, serial)
            serials.add(key)


def _too_many_serials(order: NewOrder) -> Iterator[InitErrorDetails]:
    for place, line in enumerate(order.lines):
        if len(line.serials) > line.quantity:
            where = ("lines", place, "serials")
            bound = {"max": line.quantity}
            yield _fault("more_serials", "more than units", where, len(line.serials), bound)


def _fault(
    code: str, message: str, where: tuple[Any, ...], value: object, bound: Any = None
) -> InitErrorDetails:
    error = PydanticCustomError(code, message, bound)
    return InitErrorDetails(type=error, loc=where, input=value)

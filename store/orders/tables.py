"""The tables of orders, and of the units of them that open cases are about.

`key`, `order` and `line` of other tables are the plain spelling (`domain.language.spellings`).
"""

from sqlalchemy import Column, Date, Index, Integer, String, UniqueConstraint

from store.db.tables import child_of, table
from store.db.types import Instant, UserText

orders = table(
    "orders",
    Column("key", String, primary_key=True),
    Column("id", String, nullable=False),
    Column("source", String, nullable=False),
    Column("channel", String),
    Column("customer", String),
    Column("placed_on", Date),
    Column("currency", String, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

# `place` is the line's place among the lines of its order.
order_lines = table(
    "order_lines",
    Column("order", String, primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("line", String, nullable=False),
    Column("product", String, nullable=False),
    Column("name", UserText),
    Column("quantity", Integer, nullable=False),
    Column("unit_price", String),
    Column("delivered_on", Date),
    Column("product_line", String),
    Column("warranty_until", Date),
    child_of(orders, "order", cascade=True),
)

order_serials = table(
    "order_serials",
    Column("order", String, primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("serial", String, nullable=False),
    Column("key", String, nullable=False),
    Index(None, "tenant", "key"),
    child_of(order_lines, "order", "place", cascade=True),
)

# The units that open cases are about: a line of three units has the places 1 to 3. A claim with
# `held_until` is of a case that is not recorded as open yet. Orders may be in another system, so
# there is no reference to ours. A unit that no order knows has no order, and its serial number as
# its line; of two things that have the same number each names its own `product`.
unit_claims = table(
    "unit_claims",
    Column("order", String, primary_key=True),
    Column("line", String, primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("number", String, nullable=False),
    Column("serial", String),
    Column("product", String),
    Column("held_until", Instant),
    UniqueConstraint("tenant", "order", "line", "serial"),
    Index(None, "tenant", "number"),
    Index(None, "tenant", "serial"),
)

# Who decides about an order, so that whoever comes next knows what it pays.
order_turns = table(
    "order_turns",
    Column("order", String, primary_key=True),
    Column("token", String, nullable=False),
    Column("held_until", Instant, nullable=False),
)

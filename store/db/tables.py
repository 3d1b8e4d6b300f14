"""What all tables share: one metadata with fixed constraint names, and the tenant in every key."""

from typing import Any

from sqlalchemy import Column, ForeignKeyConstraint, MetaData, String, Table

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def table(name: str, *parts: Any, **options: Any) -> Table:
    """Return a table whose primary key begins with the tenant."""
    return Table(name, metadata, Column("tenant", String, primary_key=True), *parts, **options)


def child_of(parent: Table, *columns: str, cascade: bool = False) -> ForeignKeyConstraint:
    """Return the foreign key to `parent`: the tenant and these columns."""
    keys = [column.name for column in parent.primary_key]
    return ForeignKeyConstraint(
        ["tenant", *columns],
        [f"{parent.name}.{key}" for key in keys],
        ondelete="CASCADE" if cascade else None,
    )

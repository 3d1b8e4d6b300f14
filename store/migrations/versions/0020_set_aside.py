"""Who set a dead message aside, when and why."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

COLUMNS = ("set_aside_at", "set_aside_by", "set_aside_reason")


def upgrade() -> None:
    for name in COLUMNS:
        type = sa.DateTime(timezone=True) if name == "set_aside_at" else sa.String
        op.add_column("outbox", sa.Column(name, type, nullable=True))


def downgrade() -> None:
    connection = op.get_bind()
    tenants = "SELECT DISTINCT outbox.tenant FROM outbox ORDER BY outbox.tenant"
    dead = (
        "UPDATE outbox SET status = 'dead' "
        "WHERE outbox.tenant = :tenant AND outbox.status = 'set_aside'"
    )
    for tenant in connection.execute(sa.text(tenants)).scalars().all():
        connection.execute(sa.text(dead), {"tenant": tenant})
    for name in reversed(COLUMNS):
        op.drop_column("outbox", name)

"""Run by Alembic, within the connection and the transaction of `store.migrations`."""

from alembic import context

from store.all_tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # SQLite can too, since the driver leaves BEGIN to us
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()

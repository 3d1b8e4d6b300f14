"""Run by Alembic: uses the connection that `store.migrations` hands over, and its transaction."""

from alembic import context

from store.all_tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # SQLite can, once the driver leaves BEGIN to us
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()

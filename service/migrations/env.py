"""Which database do the migrations run on?

Always the connection they are given, in the caller's transaction.
"""

from alembic import context

from service.tables.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
context.run_migrations()

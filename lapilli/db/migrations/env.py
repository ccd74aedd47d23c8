"""What Alembic runs: the steps, on the connection that `migrate` or `scripts/new-migration` has opened."""

from alembic import context

context.configure(**context.config.attributes)
context.run_migrations()

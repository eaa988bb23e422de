"""Schema migrations (Alembic), without alembic.ini: `store.migrations.run` is the only door."""

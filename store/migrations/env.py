"""Alembic's entry: runs the migrations on the connection that `store.database` passes in."""

from __future__ import annotations

from alembic import context
from sqlmodel import SQLModel

import store.rows  # noqa: F401 - registers the tables with the metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()

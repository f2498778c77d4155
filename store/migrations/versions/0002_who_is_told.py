"""Who is told: recipients, what they are sent, and the proof of it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import store.types

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables of recipients, deliveries and feeds, those that others refer to first."""
    _recipient()
    _subscription()
    _feed()
    _delivery()
    _attempt()
    _reminder()
    _summary()


def downgrade() -> None:
    """Drop them again, in the opposite order."""
    for table in (
        "summary",
        "reminder",
        "attempt",
        "delivery",
        "feed",
        "subscription",
        "recipient",
    ):
        op.drop_table(table)


def _recipient() -> None:
    op.create_table(
        "recipient",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("secret", sa.String(), nullable=True),
        sa.Column("former_secret", sa.String(), nullable=True),
        sa.Column("former_until", store.types.UtcInstant(), nullable=True),
        sa.Column("zone", sa.String(), nullable=True),
        sa.Column("quiet", sa.String(), nullable=True),
        sa.Column("is_operator", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("trouble", sa.String(), nullable=True),
        sa.Column("created_at", store.types.UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("fingerprint"),
    )
    op.create_index("ix_recipient_former_until", "recipient", ["former_until"])
    op.create_index("ix_recipient_is_operator", "recipient", ["is_operator"])


def _subscription() -> None:
    op.create_table(
        "subscription",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("unit_code", sa.String(), nullable=False),
        sa.Column("recipient_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("created_at", store.types.UtcInstant(), nullable=False),
        sa.Column("introduced_at", store.types.UtcInstant(), nullable=True),
        sa.Column("ended_at", store.types.UtcInstant(), nullable=True),
        sa.ForeignKeyConstraint(["recipient_id"], ["recipient.id"]),
        sa.ForeignKeyConstraint(["unit_code"], ["unit.code"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("unit_code", "recipient_id", "role"),
    )
    op.create_index("ix_subscription_recipient_id", "subscription", ["recipient_id"])
    op.create_index("ix_subscription_unit_code", "subscription", ["unit_code"])


def _feed() -> None:
    op.create_table(
        "feed",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("unit_code", sa.String(), nullable=True),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("secret_sha256", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=True),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("alarms", sa.Boolean(), nullable=False),
        sa.Column("written", sa.Boolean(), nullable=False),
        sa.Column("gzip", sa.Boolean(), nullable=False),
        sa.Column("created_at", store.types.UtcInstant(), nullable=False),
        sa.Column("replaced_at", store.types.UtcInstant(), nullable=True),
        sa.Column("revoked_at", store.types.UtcInstant(), nullable=True),
        sa.Column("fetched_at", store.types.UtcInstant(), nullable=True),
        sa.Column("client", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["unit_code"], ["unit.code"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("secret_sha256"),
    )
    op.create_index("ix_feed_unit_code", "feed", ["unit_code"])


def _delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("recipient_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("leads_on", sa.Date(), nullable=True),
        sa.Column("send_at", store.types.UtcInstant(), nullable=False),
        sa.Column("created_at", store.types.UtcInstant(), nullable=False),
        sa.Column("finished_at", store.types.UtcInstant(), nullable=True),
        sa.Column("lease_until", store.types.UtcInstant(), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("summaries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["recipient_id"], ["recipient.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_delivery_due", "delivery", ["state", "send_at", "leads_on"])
    op.create_index("ix_delivery_lane", "delivery", ["lane", "state", "send_at"])
    op.create_index(
        "ix_delivery_lease",
        "delivery",
        ["lease_until"],
        sqlite_where=sa.text("state = 'sending'"),
        postgresql_where=sa.text("state = 'sending'"),
    )
    op.create_index("ix_delivery_recipient_id", "delivery", ["recipient_id"])


def _attempt() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.String(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("started_at", store.types.UtcInstant(), nullable=False),
        sa.Column("finished_at", store.types.UtcInstant(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("detail", sa.String(), nullable=True),
        sa.Column("receipt", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("delivery_id", "fence"),
    )


def _reminder() -> None:
    op.create_table(
        "reminder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("occurrence_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("recipient_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("planned_at", store.types.UtcInstant(), nullable=False),
        sa.Column("send_at", store.types.UtcInstant(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("delivery_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"]),
        sa.ForeignKeyConstraint(["occurrence_id"], ["occurrence.id"]),
        sa.ForeignKeyConstraint(["recipient_id"], ["recipient.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("occurrence_id", "version", "step", "recipient_id"),
    )
    op.create_index("ix_reminder_delivery_id", "reminder", ["delivery_id"])
    op.create_index(
        "ix_reminder_unbundled",
        "reminder",
        ["send_at"],
        sqlite_where=sa.text("state = 'planned' AND delivery_id IS NULL"),
        postgresql_where=sa.text("state = 'planned' AND delivery_id IS NULL"),
    )


def _summary() -> None:
    op.create_table(
        "summary",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recipient_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("unit_code", sa.String(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("created_at", store.types.UtcInstant(), nullable=False),
        sa.Column("send_at", store.types.UtcInstant(), nullable=False),
        sa.Column("delivery_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"]),
        sa.ForeignKeyConstraint(["recipient_id"], ["recipient.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("recipient_id", "kind", "key"),
    )
    op.create_index("ix_summary_delivery_id", "summary", ["delivery_id"])
    op.create_index(
        "ix_summary_unbundled",
        "summary",
        ["send_at"],
        sqlite_where=sa.text("delivery_id IS NULL"),
        postgresql_where=sa.text("delivery_id IS NULL"),
    )

"""The first schema"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import store.types

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table of the first release, those that others refer to first."""
    _directory()
    _convention_rules()
    _event()
    _notice()
    _tick()
    _unit()
    _workday_table()
    _feed()
    _obligation()
    _subscription()
    _assignment()
    _delivery()
    _occurrence()
    _attempt()
    _change()
    _reminder()


def downgrade() -> None:
    """Drop them again, in the opposite order."""
    for table in (
        "reminder",
        "change",
        "attempt",
        "occurrence",
        "delivery",
        "assignment",
        "subscription",
        "obligation",
        "feed",
        "workday_table",
        "unit",
        "tick",
        "notice",
        "event",
        "directory",
        "convention_rules",
    ):
        op.drop_table(table)


def _directory() -> None:
    op.create_table(
        "directory",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("loaded_at", store.types.UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _convention_rules() -> None:
    op.create_table(
        "convention_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("chosen_at", store.types.UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _event() -> None:
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=True),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("happened_at", store.types.UtcInstant(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("from_notice", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", store.types.UtcInstant(), nullable=False),
        sa.Column("replaced_at", store.types.UtcInstant(), nullable=True),
        sa.ForeignKeyConstraint(["first_id"], ["event.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_event_target", "event", ["target", "name"])


def _notice() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("issuer", sa.String(), nullable=True),
        sa.Column("doc_number", sa.String(), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("label", sa.String(), nullable=True),
        sa.Column("addressees", sa.JSON(), nullable=False),
        sa.Column("relations", sa.JSON(), nullable=False),
        sa.Column("given", sa.JSON(), nullable=False),
        sa.Column("ingested_at", store.types.UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("sha256"),
    )


def _tick() -> None:
    op.create_table(
        "tick",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("ok_at", store.types.UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _unit() -> None:
    op.create_table(
        "unit",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("group", sa.String(), nullable=True),
        sa.Column("parent", sa.String(), nullable=True),
        sa.Column("in_directory", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_index("ix_unit_name", "unit", ["name"])


def _workday_table() -> None:
    op.create_table(
        "workday_table",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("table", sa.JSON(), nullable=False),
        sa.Column("imported_at", store.types.UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_workday_table_year", "workday_table", ["year"])


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


def _obligation() -> None:
    op.create_table(
        "obligation",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("notice_id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("evidence_start", sa.Integer(), nullable=False),
        sa.Column("evidence_end", sa.Integer(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("modality", sa.String(), nullable=False),
        sa.Column("responsible", sa.String(), nullable=False),
        sa.Column("responsible_units", sa.JSON(), nullable=False),
        sa.Column("party_notes", sa.JSON(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("deliverable", sa.String(), nullable=True),
        sa.Column("recipient", sa.String(), nullable=True),
        sa.Column("channel", sa.JSON(), nullable=False),
        sa.Column("condition", sa.String(), nullable=True),
        sa.Column("consequence", sa.String(), nullable=True),
        sa.Column("deadline", sa.JSON(), nullable=False),
        sa.Column("trigger_event", sa.String(), nullable=True),
        sa.Column("depends_on", sa.JSON(), nullable=False),
        sa.Column("article", sa.String(), nullable=True),
        sa.Column("pattern", sa.String(), nullable=False),
        sa.Column("doubts", sa.JSON(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("missing", sa.JSON(), nullable=False),
        sa.Column("corrected", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("created_at", store.types.UtcInstant(), nullable=False),
        sa.Column("activated_at", store.types.UtcInstant(), nullable=True),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("notice_id", "seq"),
    )
    op.create_index("ix_obligation_notice_id", "obligation", ["notice_id"])
    op.create_index("ix_obligation_state", "obligation", ["state"])


def _subscription() -> None:
    op.create_table(
        "subscription",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("unit_code", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("secret", sa.String(), nullable=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", store.types.UtcInstant(), nullable=False),
        sa.Column("trouble", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["unit_code"], ["unit.code"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_subscription_unit_code", "subscription", ["unit_code"])


def _assignment() -> None:
    op.create_table(
        "assignment",
        sa.Column("obligation_id", sa.String(), nullable=False),
        sa.Column("unit_code", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["obligation_id"], ["obligation.id"]),
        sa.ForeignKeyConstraint(["unit_code"], ["unit.code"]),
        sa.PrimaryKeyConstraint("obligation_id", "unit_code"),
    )
    op.create_index("ix_assignment_unit_code", "assignment", ["unit_code"])


def _delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("subscription_id", sa.String(), nullable=False),
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
        sa.ForeignKeyConstraint(["subscription_id"], ["subscription.id"]),
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
    op.create_index("ix_delivery_subscription_id", "delivery", ["subscription_id"])


def _occurrence() -> None:
    op.create_table(
        "occurrence",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("obligation_id", sa.String(), nullable=False),
        sa.Column("unit_code", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("repeats", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("written_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("due_at", store.types.UtcInstant(), nullable=False),
        sa.Column("safe_on", sa.Date(), nullable=True),
        sa.Column("opens_on", sa.Date(), nullable=True),
        sa.Column("reports_on", sa.String(), nullable=True),
        sa.Column("overdue_from", sa.Date(), nullable=False),
        sa.Column("act_now", sa.Boolean(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("readings", sa.JSON(), nullable=False),
        sa.Column("fixed_reading", sa.String(), nullable=True),
        sa.Column("unsure", sa.JSON(), nullable=False),
        sa.Column("trace", sa.JSON(), nullable=False),
        sa.Column("calendar_version", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("known_at", store.types.UtcInstant(), nullable=False),
        sa.Column("changed_at", store.types.UtcInstant(), nullable=False),
        sa.Column("next_at", store.types.UtcInstant(), nullable=True),
        sa.Column("finished_on", sa.Date(), nullable=True),
        sa.Column("signed_at", store.types.UtcInstant(), nullable=True),
        sa.Column("signed_by", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["obligation_id"], ["obligation.id"]),
        sa.ForeignKeyConstraint(["unit_code"], ["unit.code"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("obligation_id", "unit_code", "period"),
    )
    op.create_index("ix_occurrence_next_at", "occurrence", ["next_at"])
    op.create_index("ix_occurrence_obligation_id", "occurrence", ["obligation_id"])
    op.create_index("ix_occurrence_state_safe", "occurrence", ["state", "safe_on"])
    op.create_index("ix_occurrence_unit", "occurrence", ["unit_code", "state", "safe_on"])


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


def _change() -> None:
    op.create_table(
        "change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("obligation_id", sa.String(), nullable=False),
        sa.Column("occurrence_id", sa.String(), nullable=True),
        sa.Column("at", store.types.UtcInstant(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("old", sa.JSON(), nullable=False),
        sa.Column("new", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["obligation_id"], ["obligation.id"]),
        sa.ForeignKeyConstraint(["occurrence_id"], ["occurrence.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_change_obligation_id", "change", ["obligation_id"])
    op.create_index("ix_change_occurrence_id", "change", ["occurrence_id"])


def _reminder() -> None:
    op.create_table(
        "reminder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("occurrence_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("subscription_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("planned_at", store.types.UtcInstant(), nullable=False),
        sa.Column("send_at", store.types.UtcInstant(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("delivery_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"]),
        sa.ForeignKeyConstraint(["occurrence_id"], ["occurrence.id"]),
        sa.ForeignKeyConstraint(["subscription_id"], ["subscription.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("occurrence_id", "version", "step", "subscription_id"),
    )
    op.create_index("ix_reminder_delivery_id", "reminder", ["delivery_id"])
    op.create_index(
        "ix_reminder_unbundled",
        "reminder",
        ["send_at"],
        sqlite_where=sa.text("state = 'planned' AND delivery_id IS NULL"),
        postgresql_where=sa.text("state = 'planned' AND delivery_id IS NULL"),
    )

"""The first schema"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import store.types

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables of notices, units and what must be done, those that others refer to first."""
    _directory()
    _convention_rules()
    _event()
    _notice()
    _tick()
    _unit()
    _workday_table()
    _obligation()
    _assignment()
    _occurrence()
    _change()


def downgrade() -> None:
    """Drop them again, in the opposite order."""
    for table in (
        "change",
        "occurrence",
        "assignment",
        "obligation",
        "workday_table",
        "unit",
        "tick",
        "notice",
        "event",
        "convention_rules",
        "directory",
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

"""Exits"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mailers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("list_name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("remote_list", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_mailers_brand_id_brands"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailers")),
        sa.UniqueConstraint(
            "brand_id",
            "list_name",
            "kind",
            "url",
            "remote_list",
            name=op.f("uq_mailers_brand_id_list_name_kind_url_remote_list"),
        ),
    )
    op.create_index(op.f("ix_mailers_brand_id"), "mailers", ["brand_id"])
    op.create_table(
        "mailer_calls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mailer_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=10), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["unsubscribe_events.id"],
            name=op.f("fk_mailer_calls_event_id_unsubscribe_events"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["mailer_id"], ["mailers.id"], name=op.f("fk_mailer_calls_mailer_id_mailers"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailer_calls")),
    )
    op.create_index(op.f("ix_mailer_calls_event_id"), "mailer_calls", ["event_id"])
    op.create_index(op.f("ix_mailer_calls_mailer_id"), "mailer_calls", ["mailer_id"])
    op.create_index("ix_mailer_calls_waiting", "mailer_calls", ["state", "mailer_id", "id"])
    op.create_table(
        "sendings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("list_name", sa.Text(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("basis", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_sendings_brand_id_brands"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sendings")),
        sa.UniqueConstraint("brand_id", "key", name=op.f("uq_sendings_brand_id_key")),
    )
    op.create_index("ix_sendings_newest", "sendings", ["brand_id", "sent_at"])
    op.add_column("sources", sa.Column("good_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("unsubscribe_events", sa.Column("topic", sa.String(length=20), nullable=False, server_default=""))
    op.add_column("hooks", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("hooks", sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("hooks", sa.Column("refusal", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    for column in ("refusal", "refused_at", "told_at"):
        op.drop_column("hooks", column)
    op.drop_column("unsubscribe_events", "topic")
    op.drop_column("sources", "good_at")
    for table in ("sendings", "mailer_calls", "mailers"):
        op.drop_table(table)

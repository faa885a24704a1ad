"""Collecting: what robots.txt files said"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "robots_texts",
        sa.Column("origin", sa.String(length=300), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("origin", name=op.f("pk_robots_texts")),
    )
    op.create_index(op.f("ix_robots_texts_checked_at"), "robots_texts", ["checked_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_robots_texts_checked_at"), table_name="robots_texts")
    op.drop_table("robots_texts")

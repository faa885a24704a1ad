"""A post that came back under another id is looked up for each brand by itself"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_mentions_twin", "mentions")
    op.create_index("ix_mentions_twin", "mentions", ["brand_id", "twin"])


def downgrade() -> None:
    op.drop_index("ix_mentions_twin", "mentions")
    op.create_index("ix_mentions_twin", "mentions", ["twin"])

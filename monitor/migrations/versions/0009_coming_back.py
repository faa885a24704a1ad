"""When a leaving was taken back: who leaves after that has left"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("unsubscribe_events", sa.Column("stayed_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("unsubscribe_events", "stayed_at")

"""The address of a removed hook stays dead when its number comes again"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Empty in the hooks that are there, whose addresses stay as they are.
    op.add_column("hooks", sa.Column("salt", sa.String(length=32), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("hooks", "salt")

"""A reading says whether it stands on a search's first look, which is compared with none"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Of the readings that are there nobody knows it any more.
    op.add_column("loss_readings", sa.Column("first_look", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column("loss_readings", "first_look")

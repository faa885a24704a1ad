"""What a loss band costs in money; settings that are changed in the browser"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("brands") as brands:
        brands.add_column(sa.Column("leads", sa.Double(), nullable=True))
        brands.add_column(sa.Column("closing_rate", sa.Double(), nullable=True))
        brands.add_column(sa.Column("customer_value", sa.Double(), nullable=True))
        brands.add_column(sa.Column("currency", sa.String(length=20), server_default="", nullable=False))
    op.create_table(
        "preferences",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_preferences")),
    )


def downgrade() -> None:
    op.drop_table("preferences")
    with op.batch_alter_table("brands") as brands:
        for column in ("currency", "customer_value", "closing_rate", "leads"):
            brands.drop_column(column)

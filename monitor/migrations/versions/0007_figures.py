"""What a loss band costs in money; settings that are changed in the browser"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Never a copy of the whole table, whose children a dropped original would take with it.
    for figure in ("leads", "closing_rate", "customer_value"):
        op.add_column("brands", sa.Column(figure, sa.Double(), nullable=True))
    op.add_column("brands", sa.Column("currency", sa.String(length=20), server_default="", nullable=False))
    op.create_table(
        "preferences",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_preferences")),
    )


def downgrade() -> None:
    op.drop_table("preferences")
    for column in ("currency", "customer_value", "closing_rate", "leads"):
        op.drop_column("brands", column)

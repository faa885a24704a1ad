"""What a removed source gave stays; no rule waits for one; since when a brand's later names are looked for"""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_RULES = sa.table(
    "alert_rules",
    sa.column("id", sa.Integer),
    sa.column("options", sa.JSON),
    sa.column("enabled", sa.Boolean),
    sa.column("lost_sources", sa.Boolean),
)


def upgrade() -> None:
    op.add_column("brands", sa.Column("new_names", sa.JSON(), server_default="{}", nullable=False))
    op.add_column("alert_rules", sa.Column("lost_sources", sa.Boolean(), server_default=sa.false(), nullable=False))
    _forget_removed_sources()
    with _results_kept():
        _point_at_sources("search_pages", "SET NULL")
    _point_at_sources("ratings", "SET NULL")
    with op.batch_alter_table("ratings") as ratings:
        ratings.add_column(sa.Column("brand_id", sa.Integer(), nullable=True))
        ratings.create_index("ix_ratings_brand_id", ["brand_id"])
        ratings.create_foreign_key("fk_ratings_brand_id_brands", "brands", ["brand_id"], ["id"], ondelete="CASCADE")
    op.execute("UPDATE ratings SET brand_id = (SELECT brand_id FROM sources WHERE sources.id = ratings.source_id)")


def downgrade() -> None:
    with op.batch_alter_table("ratings") as ratings:
        ratings.drop_constraint("fk_ratings_brand_id_brands", type_="foreignkey")
        ratings.drop_index("ix_ratings_brand_id")
        ratings.drop_column("brand_id")
    for table in ("ratings", "search_pages"):
        op.execute(f"DELETE FROM {table} WHERE source_id IS NULL")
    _point_at_sources("ratings", "CASCADE")
    with _results_kept():
        _point_at_sources("search_pages", "CASCADE")
    op.drop_column("alert_rules", "lost_sources")
    op.drop_column("brands", "new_names")


def _point_at_sources(table: str, on_delete: str) -> None:
    key = f"fk_{table}_source_id_sources"
    with op.batch_alter_table(table) as changed:
        changed.drop_constraint(key, type_="foreignkey")
        changed.alter_column("source_id", existing_type=sa.Integer(), nullable=on_delete == "SET NULL")
        changed.create_foreign_key(key, "sources", ["source_id"], ["id"], ondelete=on_delete)


@contextmanager
def _results_kept() -> Iterator[None]:
    """SQLite makes a table anew to change it, and what hangs on the old one goes with it."""
    if op.get_bind().dialect.name != "sqlite":
        yield
        return
    op.execute("CREATE TEMPORARY TABLE kept_results AS SELECT * FROM search_results")
    yield
    op.execute("INSERT INTO search_results SELECT * FROM kept_results")
    op.execute("DROP TABLE kept_results")


def _forget_removed_sources() -> None:
    """A rule for sources that are all gone would be silent for ever."""
    connection = op.get_bind()
    sources = set(connection.scalars(sa.text("SELECT id FROM sources")))
    for rule_id, options in connection.execute(sa.select(_RULES.c.id, _RULES.c.options)).all():
        chosen = options.get("sources", []) if isinstance(options, dict) else []
        left = [source for source in chosen if source in sources]
        if len(left) == len(chosen):
            continue
        kept = {**options, "sources": left} if left else {k: v for k, v in options.items() if k != "sources"}
        values = {"options": kept} if left else {"options": kept, "enabled": False, "lost_sources": True}
        connection.execute(sa.update(_RULES).where(_RULES.c.id == rule_id).values(**values))

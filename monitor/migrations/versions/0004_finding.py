"""Finding: full-text search, the moment a text was said, the labels it had before, lists that are kept"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from monitor.searching import searchable

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_NARROWED = ("topic", "kind", "language", "source_id", "author", "story")
_BATCH = 1000


def upgrade() -> None:
    _add_tables()
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    # SQLite can add one that it computes as it reads, PostgreSQL one that it keeps.
    said_at = sa.Computed("coalesce(published_at, seen_at)", persisted=not is_sqlite)
    # Never a copy of the whole table, whose children a dropped original would take with it.
    op.add_column("mentions", sa.Column("said_at", sa.DateTime(timezone=True), said_at, nullable=False))
    op.drop_index("ix_mentions_newest_of_label", "mentions")
    op.drop_index("ix_mentions_story", "mentions")
    op.create_index("ix_mentions_said", "mentions", ["brand_id", "said_at"])
    # All that the figures of the overview ask for stands in this one.
    asked = ["brand_id", "label", "said_at", "id", "score", "labelled_by", "story", "author", "topic"]
    op.create_index("ix_mentions_label", "mentions", asked)
    for column in _NARROWED:
        op.create_index(f"ix_mentions_{column.removesuffix('_id')}", "mentions", ["brand_id", column, "said_at"])
    op.drop_index("ix_cases_due", "cases")
    op.create_index("ix_cases_due", "cases", ["brand_id", "state", "due_at", "answered_at"])
    op.create_index("ix_cases_opened", "cases", ["brand_id", "opened_at", "state", "due_at", "answered_at"])
    if is_sqlite:
        _add_search_of_sqlite()
    else:
        op.execute("CREATE INDEX ix_mention_texts_words ON mention_texts USING gin (to_tsvector('simple', words))")
    _fill()


def _add_tables() -> None:
    op.create_table(
        "mention_texts",
        sa.Column("mention_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mention_id"], ["mentions.id"], name="fk_mention_texts_mention_id_mentions", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("mention_id", name="pk_mention_texts"),
    )
    op.create_table(
        "label_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mention_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(10), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("labelled_by", sa.String(100), nullable=False),
        sa.Column("labelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(
            ["mention_id"], ["mentions.id"], name="fk_label_changes_mention_id_mentions", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_label_changes"),
    )
    op.create_index("ix_label_changes_mention_id", "label_changes", ["mention_id"])
    op.create_table(
        "saved_views",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_saved_views"),
        sa.UniqueConstraint("name", name="uq_saved_views_name"),
    )


def _add_search_of_sqlite() -> None:
    op.execute(
        "CREATE VIRTUAL TABLE mention_search USING fts5(place, words, content='mention_texts', "
        "content_rowid='mention_id', tokenize='unicode61 remove_diacritics 0', prefix='3')"
    )
    put = "INSERT INTO mention_search(rowid, place, words) VALUES (new.mention_id, new.place, new.words);"
    take = (
        "INSERT INTO mention_search(mention_search, rowid, place, words) "
        "VALUES ('delete', old.mention_id, old.place, old.words);"
    )
    op.execute(f"CREATE TRIGGER mention_texts_put AFTER INSERT ON mention_texts BEGIN {put} END")
    op.execute(f"CREATE TRIGGER mention_texts_take AFTER DELETE ON mention_texts BEGIN {take} END")
    op.execute(f"CREATE TRIGGER mention_texts_change AFTER UPDATE ON mention_texts BEGIN {take} {put} END")


def _fill() -> None:
    """Make what was kept before this findable."""
    bind = op.get_bind()
    mentions = sa.table("mentions", *map(sa.column, ("id", "brand_id", "title", "text", "author", "body")),
                        sa.column("said_at", sa.DateTime(timezone=True)))  # fmt: skip
    texts = sa.table("mention_texts", *map(sa.column, ("mention_id", "place", "words")))
    last = 0
    while rows := bind.execute(
        sa.select(mentions).where(mentions.c.id > last).order_by(mentions.c.id).limit(_BATCH)
    ).all():
        last = rows[-1].id
        bind.execute(
            sa.insert(texts),
            [
                {
                    "mention_id": row.id,
                    "place": f"b{row.brand_id} m{_month(row.said_at)}",
                    "words": searchable(row.title, row.text, row.author, row.body),
                }
                for row in rows
            ],
        )


def _month(moment: datetime) -> str:
    # SQLite keeps no zone: what went in was UTC.
    return f"{moment if moment.tzinfo is None else moment.astimezone(UTC):%Y%m}"


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for trigger in ("put", "take", "change"):
            op.execute(f"DROP TRIGGER mention_texts_{trigger}")
        op.execute("DROP TABLE mention_search")
    op.drop_index("ix_cases_opened", "cases")
    op.drop_index("ix_cases_due", "cases")
    op.create_index("ix_cases_due", "cases", ["brand_id", "state", "due_at"])
    for column in ("said", "label", *_NARROWED):
        op.drop_index(f"ix_mentions_{column.removesuffix('_id')}", "mentions")
    op.drop_column("mentions", "said_at")
    op.create_index("ix_mentions_story", "mentions", ["brand_id", "story"])
    op.create_index("ix_mentions_newest_of_label", "mentions", ["brand_id", "label", "seen_at"])
    for table in ("saved_views", "label_changes", "mention_texts"):
        op.drop_table(table)

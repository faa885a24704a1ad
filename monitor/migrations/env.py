"""Alembic's entry: runs the migrations on the connection that monitor.db passes in."""

from typing import Any, Literal

from alembic import context

from monitor.db import is_of_the_models
from monitor.models import Base, UTCDateTime


def _render(kind: str, thing: Any, _autogen: object) -> str | Literal[False]:
    # A migration must not change when our own type does: it names the plain column.
    if kind == "type" and isinstance(thing, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    render_item=_render,
    compare_type=True,
    include_name=is_of_the_models,
)
with context.begin_transaction():
    context.run_migrations()

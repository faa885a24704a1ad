"""Narrowed lists that the team comes back to, by name."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from monitor.errors import ViewError
from monitor.models import SavedView

_LONGEST_NAME = 80
_MOST = 30


def find_views(session: Session) -> Sequence[SavedView]:
    """All of them, the oldest first: they keep their places."""
    return session.scalars(select(SavedView).order_by(SavedView.id)).all()


def save_view(session: Session, name: str, query: str, now: datetime) -> SavedView:
    """Keep a list under a name; a name that is there already is the new list's from now on. Raises ViewError."""
    name = " ".join(name.split())
    if not name or len(name) > _LONGEST_NAME:
        raise ViewError(f"a name of 1 to {_LONGEST_NAME} letters is needed", name)
    if not query:
        raise ViewError("a list of everything needs no name", name)
    views = {view.name: view for view in find_views(session)}
    if name not in views and len(views) >= _MOST:
        raise ViewError(f"there are {_MOST} lists already", name)
    view = views.get(name)
    if view is None:
        view = SavedView(name=name, created_at=now)
        session.add(view)
    view.query = query
    session.flush()
    return view


def remove_view(session: Session, view_id: int) -> None:
    """Forget a list; one that is gone already is no error."""
    session.execute(delete(SavedView).where(SavedView.id == view_id))

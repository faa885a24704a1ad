"""The labels a mention has had: which, from which model or person, and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, insert, literal, select, update
from sqlalchemy.orm import Session
from sqlalchemy.types import String

from monitor import audit
from monitor.models import LabelChange, Mention, UTCDateTime


@dataclass(frozen=True, slots=True)
class LabelStep:
    """A label from one moment on. ``by`` is the model, or PERSON; ``person`` the name, where it was known.

    ``at`` is None where only the label that followed tells when it ended.
    """

    label: str
    score: float | None
    by: str
    person: str
    at: datetime | None


def keep_labels(session: Session, which: Sequence[ColumnElement[bool]], now: datetime, person: str = "") -> None:
    """Write down what some mentions are labelled now, before they are labelled anew."""
    columns = (Mention.id, Mention.label, Mention.score, Mention.labelled_by, Mention.labelled_at)
    names = ["mention_id", "label", "score", "labelled_by", "labelled_at", "changed_at", "person"]
    rows = select(*columns, literal(now, UTCDateTime), literal(person, String)).where(*which)
    session.execute(insert(LabelChange).from_select(names, rows))


def find_history(session: Session, mention: Mention) -> list[LabelStep]:
    """Every label of a mention, the first one first; none before anything has read it."""
    changes = session.scalars(
        select(LabelChange).where(LabelChange.mention_id == mention.id).order_by(LabelChange.id)
    ).all()
    rows: list[LabelChange | Mention] = [*changes, mention]
    people = ["", *(change.person for change in changes)]
    steps = [
        LabelStep(row.label, row.score, row.labelled_by, person, row.labelled_at)
        for row, person in zip(rows, people, strict=True)
    ]
    return [step for step in steps if step.label]


def take_back_label(session: Session, mention_id: int, at: datetime) -> int:
    """Give a mention, and the copies that were labelled with it, the label from before the change ``at``; of how many.

    Of none when it has been labelled once more since.
    """
    now_label = select(Mention.label).where(Mention.id == mention_id)
    last = select(func.max(LabelChange.changed_at)).where(LabelChange.mention_id == mention_id)
    if session.scalar(last) != at:
        return 0
    story = select(Mention.story).where(Mention.id == mention_id).scalar_subquery()
    brand_id = select(Mention.brand_id).where(Mention.id == mention_id).scalar_subquery()
    changes = session.scalars(
        select(LabelChange)
        .join(Mention, Mention.id == LabelChange.mention_id)
        .where(Mention.brand_id == brand_id, Mention.story == story, LabelChange.changed_at == at)
        # The first of several at one moment is what there was before.
        .order_by(LabelChange.id.desc())
    ).all()
    for change in changes:
        if change.mention_id == mention_id:
            before = {"label": session.scalar(now_label)}
            audit.record(session, audit.CHANGED, Mention, mention_id, before, {"label": change.label})
        session.execute(
            update(Mention)
            .where(Mention.id == change.mention_id)
            .values(
                label=change.label,
                score=change.score,
                labelled_by=change.labelled_by,
                labelled_at=change.labelled_at,
                decided_at=None,
            )
        )
        session.delete(change)
    session.flush()
    return len(changes)

"""SCORE: hand the rows without a label to a classifier and keep its answers."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from monitor.db import Database
from monitor.label_history import keep_labels
from monitor.mentions import take_over_corrections
from monitor.models import Mention, UnsubscribeEvent
from monitor.types import CommentLabels, Kind, Text, TextLabeller, TextLabels

BATCH = 64
# Comments looked through at once for the wordings of one batch.
_COMMENTS = 500
# A page's main text follows its headline within seconds; a label without it would often be taken back, and with it
# an alert that nobody can take back.
BODY_PATIENCE = timedelta(minutes=5)


def is_waiting(database: Database, now: datetime) -> bool:
    """Some text or comment can be labelled and has no label yet."""
    with database.read() as session:
        mention = session.scalar(select(Mention.id).where(_waits(now)).limit(1))
        comment = select(UnsubscribeEvent.id).where(UnsubscribeEvent.labelled_at.is_(None)).limit(1)
        return mention is not None or session.scalar(comment) is not None


def score_waiting(database: Database, labeller: TextLabeller, now: datetime) -> Iterator[int]:
    """Label every mention and comment that waits, a batch at a time; yields how many each batch was.

    A page waits for its main text before it is read, for BODY_PATIENCE at most.
    Each batch is one short transaction. A label that a person sets meanwhile stays.
    """
    while count := _score_mentions(database, labeller, now):
        yield count
    while count := _score_comments(database, labeller, now):
        yield count


def _waits(now: datetime) -> ColumnElement[bool]:
    is_whole = Mention.body_at.is_not(None) | (Mention.seen_at <= now - BODY_PATIENCE)
    return Mention.labelled_at.is_(None) & is_whole


def _score_mentions(database: Database, labeller: TextLabeller, now: datetime) -> int:
    with database.read() as session:
        waiting = session.scalars(select(Mention).where(_waits(now)).order_by(Mention.id).limit(BATCH)).all()
    if not waiting:
        return 0
    answers = labeller.label([text_of(mention) for mention in waiting])
    with database.write() as session:
        for mention, answer in zip(waiting, answers, strict=True):
            _keep_label(session, mention, answer, labeller.name, now)
        take_over_corrections(session, [mention.id for mention in waiting], now)
    return len(waiting)


def text_of(mention: Mention) -> Text:
    """What of a mention is labelled: its title with the page's main text, or with its own where there is none."""
    words = mention.body or mention.text
    return Text(f"{mention.title}\n{words}" if mention.title else words, Kind(mention.kind))


def _keep_label(session: Session, mention: Mention, answer: TextLabels, model: str, now: datetime) -> None:
    # Not when its body came while the model was reading: it waits again then.
    still_waits = (
        Mention.id == mention.id,
        Mention.labelled_at.is_(None),
        Mention.body_at.is_not_distinct_from(mention.body_at),
    )
    if mention.label:
        keep_labels(session, still_waits, now)
    session.execute(
        update(Mention)
        .where(*still_waits)
        .values(
            language=answer.language,
            label=answer.sentiment.label,
            score=answer.sentiment.score,
            topic=answer.topic,
            labelled_by=model,
            labelled_at=now,
        )
    )


def _score_comments(database: Database, labeller: TextLabeller, now: datetime) -> int:
    """Many people leave in the same words: each wording is read once in a batch."""
    event = UnsubscribeEvent
    query = select(event.id, event.comment).where(event.labelled_at.is_(None)).order_by(event.id).limit(_COMMENTS)
    with database.read() as session:
        waiting = session.execute(query).all()
    if not waiting:
        return 0
    wordings = list(dict.fromkeys(comment for _, comment in waiting))[:BATCH]
    answers = dict(zip(wordings, labeller.comments(wordings), strict=True))
    told: dict[CommentLabels, list[int]] = {}
    for number, comment in waiting:
        if comment in answers:
            told.setdefault(answers[comment], []).append(number)
    with database.write() as session:
        for answer, numbers in told.items():
            session.execute(
                update(event)
                .where(event.id.in_(numbers), event.labelled_at.is_(None))
                .values(
                    reason=answer.reason.code,
                    reason_score=answer.reason.score,
                    topic=answer.topic,
                    labelled_by=labeller.name,
                    labelled_at=now,
                )
            )
    return sum(map(len, told.values()))

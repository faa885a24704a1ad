"""Who complains often: the same name at one site, for names at two sites are two people."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from monitor.hosts import host_of
from monitor.loss import certainly, is_certain
from monitor.models import Mention
from monitor.nobody import is_nobody
from monitor.types import OPINIONS, Label

# What nobody stands behind is called nothing.
UNCERTAIN = "uncertain"
# Negative stories that make somebody one who complains often.
_OFTEN = 2
# Names looked at before they are parted by site; of each only so many texts.
_NAMES = 60
_TEXTS = 500


@dataclass(frozen=True, slots=True)
class Author:
    """What one person wrote about a brand in a period: ``stories`` are the negative ones, each counted once.

    ``labels`` counts the texts by label, UNCERTAIN among them.
    """

    name: str
    site: str
    stories: int
    texts: int
    labels: dict[str, int]
    last_at: datetime


def find_authors(
    session: Session, brand_id: int, uncertain_below: float, since: datetime, limit: int = 25
) -> list[Author]:
    """Those with most negative stories since then, the newest first among equals; nobody who has only one.

    Who was erased has no name any more and is not among them.
    """
    stories = func.count(Mention.story.distinct())
    names = session.scalars(
        select(Mention.author)
        .where(Mention.brand_id == brand_id, certainly(Label.NEGATIVE, uncertain_below))
        .where(Mention.said_at >= since, Mention.author != "")
        .group_by(Mention.author)
        .having(stories >= _OFTEN)
        .order_by(stories.desc(), func.max(Mention.said_at).desc())
        .limit(_NAMES)
    )
    found = [
        author
        for name in names
        if not is_nobody(name)
        for author in _by_site(session, brand_id, name, uncertain_below, since)
        if author.stories >= _OFTEN
    ]
    found.sort(key=lambda author: (author.stories, author.last_at), reverse=True)
    return found[:limit]


def _by_site(session: Session, brand_id: int, name: str, uncertain_below: float, since: datetime) -> list[Author]:
    rows = session.execute(
        select(
            Mention.url,
            Mention.label,
            Mention.story,
            Mention.said_at,
            Mention.score,
            Mention.labelled_by,
        )
        .where(Mention.brand_id == brand_id, Mention.author == name, Mention.said_at >= since)
        .where(Mention.kind.in_(OPINIONS))
        .order_by(Mention.said_at.desc())
        .limit(_TEXTS)
    ).all()
    sites: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        sites.setdefault(host_of(row.url), []).append(place)
    authors = []
    for site, places in sites.items():
        theirs = [rows[place] for place in places]
        labels = [row.label if is_certain(row, uncertain_below) else UNCERTAIN for row in theirs]
        authors.append(
            Author(
                name=name,
                site=site,
                stories=len({row.story for row, label in zip(theirs, labels, strict=True) if label == Label.NEGATIVE}),
                texts=len(theirs),
                labels={label: labels.count(label) for label in dict.fromkeys(labels) if label},
                last_at=theirs[0].said_at,
            )
        )
    return authors

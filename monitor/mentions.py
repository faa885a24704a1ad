"""Mentions: each text kept once for each brand it is about; found, counted, labelled by a person."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased
from w3lib.url import is_url

from monitor import audit
from monitor.brands import find_brands, index_of, was_looked_for
from monitor.db import in_chunks
from monitor.errors import MentionNotFoundError
from monitor.folding import canonical_host, canonical_url, digest, fingerprint
from monitor.forgetting import without_erased
from monitor.label_history import keep_labels
from monitor.models import LabelChange, Mention, MentionVersion, Rating, Source
from monitor.nobody import is_nobody
from monitor.shares import Share
from monitor.stories import CHANCE, WINDOW, story_of, told_in
from monitor.types import ArticleData, Kind, Label, MentionData, RatingData

PERSON = "person"
_MOST_VERSIONS = 20
# A page that could not be had for now is asked for again after three times its age, until it is older than a day.
_FIRST_PAUSE = timedelta(minutes=1)
_PAGE_PATIENCE = timedelta(days=1)
# Sites write days in zones of their own: what is dated this much before we looked may have come since.
_A_DAY = timedelta(days=1)
_PAGES = (Kind.ARTICLE, Kind.SEARCH_RESULT)
# What names one of the texts on a page: #comment-12, #v1.2; not #comments, nor trackers (#xtor=RSS-1).
_PLACE = re.compile(r"[^=]*\d[^=]*")


def mention_key(data: MentionData) -> str:
    """What makes a text the same text: a page is its address; a post its id or, without one, its own words."""
    if data.kind in _PAGES:
        page, place = canonical_url(data.url), _place_of(data)
        return digest("page", f"{page}#{place}" if place else page)
    host = canonical_host(data.url)
    if data.external_id:
        return digest("id", host, data.external_id)
    return digest("text", host, data.author, fingerprint(data.title, data.text))


def _place_of(data: MentionData) -> str:
    """Where on a page an entry stands that has an id of its own; empty for a page as a whole."""
    fragment = data.url.partition("#")[2]
    return fragment if data.external_id and _PLACE.fullmatch(fragment) else ""


def _twin_key(data: MentionData) -> str:
    """A post's words and author, when they are enough to know it by under another id; empty when not."""
    if data.kind in _PAGES or len(data.text) < CHANCE or is_nobody(data.author):
        return ""
    host = canonical_host(data.url)
    return digest("twin", host, data.author, fingerprint(data.title, data.text))


@dataclass(frozen=True, slots=True)
class _Origin:
    """What the source of an item means for it; ``good_at`` and ``looked_at`` are None at its first look."""

    source_id: int
    brand_ids: tuple[int, ...] | None
    good_at: datetime | None
    looked_at: datetime | None


class _Saver:
    """Saves items in one transaction; brands and sources are looked up once."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session = session
        self.now = now
        self._brands = {brand.id: brand for brand in find_brands(session)}
        self._index = index_of(self._brands.values())
        self._origins: dict[int, _Origin] = {}

    def origin(self, source_id: int) -> _Origin | None:
        if source_id not in self._origins:
            source = self.session.get(Source, source_id)
            if source is None:
                return None
            fixed = (source.brand_id,) if not source.matches_text and source.brand_id is not None else None
            looked_at = source.first_look_done_at
            self._origins[source_id] = _Origin(source_id, fixed, looked_at and (source.good_at or looked_at), looked_at)
        return self._origins[source_id]

    def brands_of(self, data: MentionData, origin: _Origin) -> Iterable[int]:
        if origin.brand_ids is not None:
            return origin.brand_ids
        return self._index.find(_named_in(data))

    def is_history(self, data: MentionData, brand_id: int, origin: _Origin) -> bool:
        """It may have stood there before we first looked: for anything at all, or for what the brand is called now."""
        if origin.good_at is None or origin.looked_at is None:
            return True
        if data.published_at is not None and data.published_at < origin.looked_at - _A_DAY:
            return True
        if origin.brand_ids is not None:
            return False
        return not was_looked_for(self._brands[brand_id], _named_in(data), origin.good_at)


def _named_in(data: MentionData) -> str:
    return f"{data.title}\n{data.text}"


def save_mentions(session: Session, items: Sequence[MentionData], now: datetime) -> int:
    """Keep what is new of ``items`` for each brand it is about; the number of new rows.

    Saving the same thing twice changes nothing; what its own source now words differently is kept as an edit. Items
    without a source, or of one removed meanwhile, are passed over; so are those that name no brand, and the posts of
    authors who asked to be forgotten.
    """
    saver = _Saver(session, now)
    told: list[tuple[MentionData, _Row]] = []
    for data in without_erased(session, items):
        origin = saver.origin(data.source_id) if data.source_id is not None else None
        if origin is None:
            continue
        for brand_id in saver.brands_of(data, origin):
            told.append((data, _row(data, brand_id, now, history=saver.is_history(data, brand_id, origin))))
    known = {_identity(row): row for row in _known_by(session, Mention.key, [_identity(row) for _, row in told])}
    rows: dict[tuple[int, str], _Row] = {}
    others: list[tuple[int, str]] = []
    for data, row in told:
        holder = known.get(_identity(row)) or rows.get(_identity(row))
        if holder is not None and _is_another(holder, row):
            of_page = replace(data, external_id=f"{canonical_url(data.url)}#{data.external_id}")
            row = _row(of_page, row["brand_id"], now, history=row["history"])
            others.append(_identity(row))
        rows.setdefault(_identity(row), row)
    known |= {_identity(row): row for row in _known_by(session, Mention.key, others)}
    for identity, row in rows.items():
        if identity in known:
            _keep_edit(session, known[identity], row, now)
    new = _without_twins(session, [row for identity, row in rows.items() if identity not in known], now)
    if new:
        _name_stories(session, new, now)
        session.execute(insert(Mention), new)
    return len(new)


# A mention that may be new, or what is kept of one that is known, by its columns.
_Row = dict[str, Any]
# Enough of a mention that is known to see whether it is the same, and was edited.
_KNOWN = ("id", "brand_id", "source_id", "url", "title", "text", "author", "rating", "said_at")


def _identity(row: _Row) -> tuple[int, str]:
    return row["brand_id"], row["key"]


def _known_by(
    session: Session, column: InstrumentedAttribute[str], wanted: Iterable[tuple[int, str]]
) -> Iterator[_Row]:
    """The mentions whose brand and ``column``, key or twin, are among ``wanted``."""
    values: dict[int, list[str]] = {}
    for brand_id, value in dict.fromkeys(wanted):
        values.setdefault(brand_id, []).append(value)
    fields = (column, *(getattr(Mention, name) for name in _KNOWN))
    for brand_id, of_brand in values.items():
        for chunk in in_chunks(of_brand):
            # Each brand by itself, as the index of keys has them: of many brands at once it is not used.
            query = select(*fields).where(Mention.brand_id == brand_id, column.in_(chunk))
            for row in session.execute(query):
                yield dict(row._mapping)


def _is_another(known: _Row, row: _Row) -> bool:
    """Whether an id is its page's only, as where each page counts from one: what it names now stands elsewhere, in
    other words, and not under the same name.
    """
    if row["kind"] in _PAGES or (known["title"], known["text"]) == (row["title"], row["text"]):
        return False
    if known["author"] == row["author"] and not is_nobody(row["author"]):
        return False
    if canonical_url(known["url"]) == canonical_url(row["url"]):
        return False
    return fingerprint(known["title"], known["text"]) != fingerprint(row["title"], row["text"])


def _without_twins(session: Session, rows: Sequence[_Row], now: datetime) -> list[_Row]:
    """``rows`` without posts that are known, or come twice among them, under another id."""
    twins: dict[tuple[int, str], list[datetime]] = {}
    for known in _known_by(session, Mention.twin, [(row["brand_id"], row["twin"]) for row in rows if row["twin"]]):
        twins.setdefault((known["brand_id"], known["twin"]), []).append(known["said_at"])
    new = []
    for row in rows:
        said = twins.setdefault((row["brand_id"], row["twin"]), []) if row["twin"] else []
        if not said or _is_said_again(row["published_at"], said, now):
            new.append(row)
            said.append(row["published_at"] or now)
    return new


def _is_said_again(published_at: datetime | None, said: Iterable[datetime], now: datetime) -> bool:
    """Whether the same words are news once more. Only a young date says so: one of months ago may be rounded, and what
    has none may stand there since it was ``said``.
    """
    if published_at is None or published_at <= now - WINDOW:
        return False
    return all(abs(published_at - at) >= WINDOW for at in said)


def _keep_edit(session: Session, known: _Row, row: _Row, now: datetime) -> None:
    """Keep what a mention said before, when its own source now says something else; it waits for a label anew.

    Other stars are kept whatever the words. Another source's excerpt of the same page is no edit.
    """
    mention_id, title, text = known["id"], known["title"], known["text"]
    if known["source_id"] != row["source_id"]:
        return
    if row["rating"] not in (None, known["rating"]):
        session.get_one(Mention, mention_id).rating = row["rating"]
    if (title, text) == (row["title"], row["text"]):
        return
    if fingerprint(title, text) == fingerprint(row["title"], row["text"]):
        return
    versions = select(func.count()).where(MentionVersion.mention_id == mention_id)
    # A page that says something else at every visit has a clock on it, not an author.
    if (session.scalar(versions) or 0) >= _MOST_VERSIONS:
        return
    mention = session.get_one(Mention, mention_id)
    session.add(MentionVersion(mention_id=mention_id, title=title, text=text, until=now))
    for name in ("title", "text", "twin"):
        setattr(mention, name, row[name])
    if mention.labelled_by != PERSON:
        mention.labelled_at = mention.decided_at = None


def make_mention(session: Session, data: MentionData, brand_id: int, now: datetime, *, history: bool) -> Mention:
    """The row that keeps ``data``; a page waits for its body, a history row does not wait for the rules."""
    row = _row(data, brand_id, now, history=history)
    _name_stories(session, [row], now)
    return Mention(**row)


def _name_stories(session: Session, rows: Sequence[_Row], now: datetime) -> None:
    """Put each of ``rows`` to the story of its words that began within WINDOW, or else to one that begins now."""
    for brand_id in {row["brand_id"] for row in rows}:
        of_brand = [row for row in rows if row["brand_id"] == brand_id]
        earlier = [told_in(row["story"], now, windows_ago=1) for row in of_brand]
        young = set(_young(session, brand_id, earlier, now))
        for row, before in zip(of_brand, earlier, strict=True):
            row["story"] = before if before in young else told_in(row["story"], now)


def _young(session: Session, brand_id: int, stories: Iterable[str], now: datetime) -> Iterator[str]:
    """Those of ``stories`` that began within WINDOW."""
    for chunk in in_chunks(stories):
        told = select(Mention.story).where(Mention.brand_id == brand_id, Mention.story.in_(chunk))
        yield from session.scalars(told.group_by(Mention.story).having(func.min(Mention.seen_at) > now - WINDOW))


def _row(data: MentionData, brand_id: int, now: datetime, *, history: bool) -> _Row:
    key, place = mention_key(data), _place_of(data)
    published_at = data.published_at if data.published_at is None or data.published_at <= now else None
    return {
        "brand_id": brand_id,
        "source_id": data.source_id,
        "key": key,
        "twin": _twin_key(data),
        "kind": data.kind,
        "url": data.url,
        "title": data.title,
        "text": data.text,
        "author": data.author,
        "rating": data.rating,
        "published_at": published_at,
        "seen_at": now,
        # What stands on one page has one headline, and no text to be fetched but its own.
        "story": story_of(data.kind, "" if place else data.title, data.text, key),
        "history": history,
        "body_at": None if data.kind in _PAGES and is_url(data.url) and not place else now,
    }


def waiting_pages(session: Session, limit: int, share: Share, now: datetime) -> list[str]:
    """Addresses of ``share`` whose main text has not been fetched yet, newest first."""
    is_due = Mention.body_due_at.is_(None) | (Mention.body_due_at <= now)
    query = select(Mention.url).where(Mention.body_at.is_(None), is_due).order_by(Mention.id.desc())
    pages = filter(share.has, session.scalars(query.execution_options(yield_per=limit)))
    return list(dict.fromkeys(islice(pages, limit)))


def save_article(session: Session, data: ArticleData, now: datetime) -> None:
    """Keep a page's main text beside every mention of its address, which then waits for a label anew.

    A page that gave none is not asked again, unless that may pass; it has its label meanwhile. A person's label stays.
    """
    for mention in session.scalars(select(Mention).where(Mention.url == data.url, Mention.body_at.is_(None))):
        mention.body_due_at = _due_again(data, now - mention.seen_at, now)
        if mention.body_due_at is not None:
            continue
        mention.body_at = now
        if not data.text:
            continue
        mention.body = data.text
        if mention.published_at is None and data.published_at and data.published_at <= now:
            mention.published_at = data.published_at
        if mention.labelled_by != PERSON:
            mention.labelled_at = mention.decided_at = None


def _due_again(data: ArticleData, age: timedelta, now: datetime) -> datetime | None:
    """When a page is asked for again; None for one that is read, or given up."""
    if data.again_in is None or age > _PAGE_PATIENCE:
        return None
    return now + max(_FIRST_PAUSE, 3 * age, timedelta(seconds=data.again_in))


def save_ratings(session: Session, items: Sequence[RatingData], now: datetime) -> None:
    """Keep a page's own rating when it differs from the last one kept."""
    for data in items:
        source = session.get(Source, data.source_id) if data.source_id is not None else None
        if source is None:
            continue
        last = session.scalar(
            select(Rating)
            .where(Rating.source_id == source.id, Rating.url == data.url)
            .order_by(Rating.seen_at.desc(), Rating.id.desc())
            .limit(1)
        )
        if last is None or (last.rating, last.count) != (data.rating, data.count):
            session.add(
                Rating(
                    brand_id=source.brand_id,
                    source_id=source.id,
                    url=data.url,
                    rating=data.rating,
                    count=data.count,
                    seen_at=now,
                )
            )


def get_mention(session: Session, mention_id: int) -> Mention:
    """Raises MentionNotFoundError."""
    mention = session.get(Mention, mention_id)
    if mention is None:
        raise MentionNotFoundError("no such mention", mention_id)
    return mention


def find_versions(session: Session, mention_id: int) -> Sequence[MentionVersion]:
    """What a mention said before, the last first."""
    query = select(MentionVersion).where(MentionVersion.mention_id == mention_id).order_by(MentionVersion.id.desc())
    return session.scalars(query).all()


def count_mentions(session: Session, brand_id: int) -> int:
    """How many are kept for a brand."""
    return session.scalar(select(func.count()).where(Mention.brand_id == brand_id)) or 0


def find_corrected(session: Session) -> Sequence[Mention]:
    """Those that a person labelled, oldest first."""
    return session.scalars(
        select(Mention).where(Mention.labelled_by == PERSON).order_by(Mention.labelled_at, Mention.id)
    ).all()


def relabel(session: Session, mention_id: int, label: Label, now: datetime, person: str = "") -> None:
    """A person's label; it holds for every copy of the story and no model changes it. ``person`` is who it was, or who
    acts now.

    Raises MentionNotFoundError.
    """
    mention = get_mention(session, mention_id)
    person = person or audit.name_of_actor()
    audit.record(session, audit.CHANGED, Mention, mention.id, {"label": mention.label}, {"label": label})
    copies = (Mention.brand_id == mention.brand_id, Mention.story == mention.story)
    keep_labels(session, copies, now, person)
    session.execute(
        update(Mention)
        .where(*copies)
        .values(label=label, score=1.0, labelled_by=PERSON, labelled_at=now, decided_at=None)
    )


def take_over_corrections(session: Session, mention_ids: Iterable[int], now: datetime) -> None:
    """Give those of ``mention_ids`` that have a label the one that a person has given to an earlier copy.

    It is taken back with the correction, whose moment it is kept under.
    """
    copy, earlier = aliased(Mention), aliased(LabelChange)
    correction = select(func.max(earlier.id)).where(earlier.mention_id == copy.id).scalar_subquery()
    query = (
        select(Mention.id, copy.label, func.coalesce(LabelChange.changed_at, copy.labelled_at), LabelChange.person)
        .join(copy, (copy.brand_id == Mention.brand_id) & (copy.story == Mention.story))
        .outerjoin(LabelChange, LabelChange.id == correction)
        .where(copy.labelled_by == PERSON, Mention.labelled_by != PERSON, Mention.labelled_at.is_not(None))
        # Where two were corrected in two ways, the last word counts.
        .order_by(copy.labelled_at, copy.id)
    )
    for chunk in in_chunks(mention_ids):
        corrected = {row.id: row for row in session.execute(query.where(Mention.id.in_(chunk)))}
        for mention_id, (_, label, at, person) in corrected.items():
            keep_labels(session, (Mention.id == mention_id,), at, person or "")
            session.execute(
                update(Mention)
                .where(Mention.id == mention_id)
                .values(label=label, score=1.0, labelled_by=PERSON, labelled_at=now)
            )

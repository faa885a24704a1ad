"""A database of many mentions, like a real one: two years of them, two brands and a rival, stories, cases, leavings.

It is made once for each size and schema and kept in the system's folder for temporary files.
"""

import hashlib
import json
import random
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from sqlalchemy import insert, text

from monitor.brands import add_brand
from monitor.cases import DUE
from monitor.config import Settings
from monitor.db import Database, open_database
from monitor.models import Base, Case, LabelChange, LossReading, Mention, MentionText, UnsubscribeEvent
from monitor.searching import searchable
from monitor.sources import add_source
from monitor.types import Basis, CaseState, Kind, Label, Language, ReasonCode, Topic
from tests.web.sample import PAGE_ONE, add_page_one

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 22, 8, 10, tzinfo=UTC)
SPAN = timedelta(days=730)
_BATCH = 20_000
_SOURCES = 12
_AUTHORS = 40_000
_OWN_WORDS = (Kind.REVIEW, Kind.SOCIAL, Kind.COMMENT)


def large_house(mentions: int) -> Settings:
    """Settings of a house with so many mentions, made now if it is not there."""
    code = Path(__file__).read_bytes()
    tables = "".join(
        sorted(
            f"{t.name}{[c.name for c in t.columns]}{sorted(i.name for i in t.indexes)}"
            for t in Base.metadata.sorted_tables
        )
    )
    migration = (ROOT / "monitor/migrations/versions/0004_finding.py").read_bytes()
    version = hashlib.sha256(code + tables.encode() + migration).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"didban-{mentions}-{version}"
    settings = Settings(data_dir=folder, secret_key="only for measuring")
    if not (folder / "whole").exists():
        shutil.rmtree(folder, ignore_errors=True)
        database = open_database(settings)
        _fill(database, mentions)
        database.close()
        (folder / "whole").touch()
    return settings


def _texts() -> list[str]:
    lines = (ROOT / "nlp/training/texts/own_reviews.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines]


def _fill(database: Database, count: int) -> None:
    dice = random.Random(count)
    with database.write() as session:
        brand = add_brand(session, "نیلگون", NOW - SPAN, aliases=["Nilgoon"])
        second = add_brand(session, "Nilgoon Kids", NOW - SPAN)
        rival = add_brand(session, "کاشانه", NOW - SPAN, is_rival=True)
        sources = [
            add_source(session, "feed", f"https://site{n}.example/feed", NOW, interval=1800, brand_id=brand.id)
            for n in range(_SOURCES)
        ]
        for source in sources:
            source.checked_at = source.first_look_done_at = NOW
            source.next_at, source.state = NOW + timedelta(hours=1), "ok"
        search = add_source(session, "search", "https://searx.example", NOW, interval=1800, brand_id=brand.id)
        add_page_one(session, brand, search, PAGE_ONE)
        ids = (brand.id, second.id, rival.id)
        first = 1000
    rows = _mentions(dice, count, ids, [source.id for source in sources], first)
    while batch := list(islice(rows, _BATCH)):
        with database.write() as session:
            session.execute(insert(Mention), batch)
            session.execute(insert(MentionText), [_found_by(row) for row in batch])
            session.execute(insert(LabelChange), [_change(row) for row in batch if row["labelled_by"] == "person"])
            if cases := _cases(dice, batch):
                session.execute(insert(Case).prefix_with("OR IGNORE"), cases)
    _fill_the_rest(database, dice, count, ids[0])


def _mentions(
    dice: random.Random, count: int, brands: tuple[int, int, int], sources: list[int], first: int
) -> Iterator[dict[str, object]]:
    """Row after row in the order in which they came, some of them told again by others within days."""
    texts = _texts()
    stories: list[tuple[str, str, str, str]] = []
    for number in range(count):
        seen_at = NOW - SPAN * (1 - (number + 1) / count)
        if stories and dice.random() < 0.25:
            story, words, label, topic = dice.choice(stories[-200:])
        else:
            story, words = f"story-{number}", " ".join(dice.choices(texts, k=dice.choice((1, 1, 2, 3, 6))))
            label = dice.choices(list(Label), (25, 45, 30))[0]
            topic = dice.choices(list(Topic), (20, 18, 14, 12, 8, 8, 5, 1, 14))[0]
            stories.append((story, words, label, topic))
            del stories[:-200]
        kind = dice.choices((Kind.ARTICLE, *_OWN_WORDS), (15, 45, 25, 15))[0]
        author = f"کاربر {int(_AUTHORS * dice.random() ** 3)}" if kind in _OWN_WORDS else ""
        is_persons = dice.random() < 0.01
        yield {
            "id": first + number,
            "brand_id": dice.choices(brands, (85, 5, 10))[0],
            "source_id": dice.choices((*sources, None), (*range(20, 20 - _SOURCES, -1), 5))[0],
            "key": f"k{number}",
            "twin": f"twin-{number}" if author else "",
            "kind": kind,
            "url": f"https://site{number % 97}.example/{number}",
            "title": " ".join(words.split()[:7]) if kind in (Kind.ARTICLE, Kind.REVIEW) else "",
            "text": words,
            "author": author,
            "rating": None,
            "published_at": seen_at - timedelta(minutes=dice.expovariate(1 / 300)) if dice.random() < 0.8 else None,
            "body": " ".join(dice.choices(texts, k=12)) if kind == Kind.ARTICLE else "",
            "seen_at": seen_at,
            "story": story,
            "signature": None,
            "grouped_at": seen_at,
            "history": number < count // 20,
            "body_at": seen_at,
            "language": dice.choices(list(Language), (80, 12, 7, 1))[0],
            "label": label,
            "score": 1.0 if is_persons else round(1 - dice.random() ** 2 * 0.65, 4),
            "topic": topic,
            "labelled_by": "person" if is_persons else "didban-small 1",
            "labelled_at": seen_at,
            "decided_at": seen_at,
            "told_at": None,
            "alert_id": None,
        }


def _found_by(row: dict[str, object]) -> dict[str, object]:
    said_at = row["published_at"] or row["seen_at"]
    return {
        "mention_id": row["id"],
        "place": f"b{row['brand_id']} m{said_at:%Y%m}",
        "words": searchable(row["title"], row["text"], row["author"], row["body"]),
    }


def _change(row: dict[str, object]) -> dict[str, object]:
    return {
        "mention_id": row["id"], "label": Label.NEUTRAL, "score": 0.6, "labelled_by": "didban-small 1",
        "labelled_at": row["seen_at"], "changed_at": row["seen_at"], "person": "",
    }  # fmt: skip


def _cases(dice: random.Random, batch: list[dict[str, object]]) -> list[dict[str, object]]:
    """A case for the negative stories, nearly all of those of long ago settled."""
    cases = []
    for row in batch:
        if row["label"] == Label.NEGATIVE and not row["history"] and row["score"] >= 0.55:
            at = row["seen_at"]
            is_old = at < NOW - timedelta(days=4)
            state = CaseState.RESOLVED if is_old or dice.random() < 0.5 else CaseState.NEW
            done = at + timedelta(hours=dice.expovariate(1 / 12)) if state == CaseState.RESOLVED else None
            cases.append({
                "brand_id": row["brand_id"], "story": row["story"], "mention_id": row["id"], "state": state,
                "owner": "", "cause": "", "offered": "", "steps": [], "opened_at": at, "due_at": at + DUE,
                "acknowledged_at": done, "answered_at": done, "closed_at": done,
            })  # fmt: skip
    return cases


def _fill_the_rest(database: Database, dice: random.Random, count: int, brand_id: int) -> None:
    readings = [
        {"brand_id": brand_id, "taken_at": NOW - timedelta(hours=6 * ago), "basis": Basis.SEARCH_RESULTS,
         "negatives": dice.randrange(4), "results": 10, "share": dice.choice((0.0, 22.0, 59.2))}
        for ago in range(4 * 730)
    ]  # fmt: skip
    leavings = [
        {"brand_id": brand_id, "key": f"u{n}", "subscriber_hash": f"h{n}", "list_name": "news", "campaign": "",
         "segment": "", "provider": "file", "door": "", "left_at": NOW - SPAN * dice.random(), "comment": "",
         "recorded_at": NOW, "reason": dice.choice(list(ReasonCode)), "reason_score": 0.9, "labelled_by": "x",
         "labelled_at": NOW, "stayed": ""}
        for n in range(count // 50)
    ]  # fmt: skip
    with database.write() as session:
        session.execute(insert(LossReading), readings)
        session.execute(insert(UnsubscribeEvent), leavings)
    with database.engine.connect() as connection:
        connection.execute(text("INSERT INTO mention_search(mention_search) VALUES ('optimize')"))
        connection.commit()

"""The list of mentions worked through: searched, folded, corrected by the dozen, taken back."""

import re

import pytest
from sqlalchemy import func, select

from monitor.brands import add_brand
from monitor.mention_list import MentionFilter, find_copies, find_mentions
from monitor.models import Mention
from tests.web import sample


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("کیفیت", 1),
        ("كيفيت", 1),
        ("ارسالی هدیه", 1),
        ("REFUND", 1),
        ("هدیه هیچ", 0),
        ("100%", 1),
        ('"(*^', 0),
        ("مریم", 1),
    ],
)
def test_words_are_found_in_either_spelling(database, words, count):
    with database.write() as session:
        brand = add_brand(session, "Nilgoon", sample.NOW)
        sample.make_mention(session, brand, "كيفيت خوب نبود")
        sample.make_mention(session, brand, "بستهٔ ارسالی با هدیه آمد", author="مریم")
        sample.make_mention(session, brand, "Still no refund after 100 days")
        assert len(find_mentions(session, brand.id, MentionFilter(words=words))[0]) == count


def test_a_story_stands_once_with_its_copies_in_place(reader, database):
    page = reader.read("/mentions?words=افزایش")
    assert "3 more copies" in page and "copy2.example" in page
    with database.read() as session:
        brand_id = session.scalar(select(Mention.brand_id).where(Mention.story == "negative-1"))
        (newest,), _ = find_mentions(session, brand_id, MentionFilter(label="negative", words="گزارش‌های رسیده مانده"))
        copies = find_copies(session, brand_id, [newest])[newest.id]
    assert len(copies) == 3 and all(copy.story == newest.story for copy in copies)


def test_many_are_corrected_at_once_and_taken_back(reader, database):
    with database.read() as session:
        chosen = session.scalars(
            select(func.min(Mention.id)).where(Mention.story.in_(["negative-1", "negative-2"])).group_by(Mention.story)
        ).all()
    negative = select(func.count()).where(Mention.story.in_(["negative-1", "negative-2"]), Mention.label == "negative")
    form = {"label": "neutral", "mention": chosen, "next": "/mentions"}
    reader.press("/mentions/labels", form, page="/mentions")
    with database.read() as session:
        assert session.scalar(negative) == 0
    page = reader.read("/mentions")
    assert "2 stories are now neutral." in page
    undo = {name: re.findall(rf'name="{name}" value="([^"]+)"', page) for name in ("was", "at")}
    reader.press("/mentions/undo", undo, page="/mentions")
    with database.read() as session:
        assert session.scalar(negative) == 5


def test_nothing_chosen_is_said_and_too_many_are_refused(reader):
    reader.press("/mentions/labels", {"label": "neutral", "next": "/mentions"}, page="/mentions")
    assert "Choose some mentions first." in reader.read("/mentions")
    reader.press("/mentions/labels", {"label": "x", "mention": [1]}, page="/mentions", status=400)
    many = {"label": "neutral", "mention": list(range(1, 27))}
    reader.press("/mentions/labels", many, page="/mentions", status=400)


def test_what_cannot_be_taken_back_changes_nothing(reader):
    reader.press("/mentions/undo", {"was": ["x:negative", "1"], "at": sample.NOW}, page="/mentions")
    reader.press("/mentions/undo", {"was": [1]}, page="/mentions", status=400)


def test_a_negative_leads_to_its_case(reader):
    page = reader.read("/mentions?label=negative")
    assert 'href="/cases/1"' in page and "Case: new" in page and 'data-key="e"' in page

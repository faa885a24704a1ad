from datetime import timedelta

import numpy as np
import pytest

from monitor.brands import add_brand
from monitor.errors import MentionNotFoundError
from monitor.grouping import group_waiting
from monitor.mentions import save_mentions
from monitor.models import Mention
from monitor.regrouping import merge_stories, split_story
from monitor.shares import Share
from monitor.shingles import group, signature
from monitor.sources import add_source
from monitor.types import Kind, MentionData

NEWS = (
    "فروشگاه آرال اعلام کرد ارسال سفارش‌های تهران از روز ۱۲ آبان با تاخیر انجام می‌شود و مشتریان می‌توانند "
    "پول خود را پس بگیرند یا تا هفته آینده منتظر بمانند."
)
COPY = (
    "به گزارش خبرنگار ما، "
    + NEWS.replace("ی", "ي").replace("\u200c", " ").replace("مشتریان", "خریداران")
    + " انتهای پیام"
)
NEXT_DAY = NEWS.replace("۱۲", "۱۳")


@pytest.fixture
def source_id(database, now):
    with database.write() as session:
        brand = add_brand(session, "Aral", now)
        return add_source(
            session, "feed", "https://a.example/", now, interval=60, brand_id=brand.id, matches_text=False
        ).id


def save(database, now, source_id, *texts, kind=Kind.ARTICLE):
    with database.write() as session:
        known = session.query(Mention).count()
        items = [
            MentionData(
                kind,
                f"https://x{known + n}.example/",
                text,
                title=f"Headline {'abcdefgh'[known + n]}",
                source_id=source_id,
            )
            for n, text in enumerate(texts)
        ]
        save_mentions(session, items, now)
    return group_waiting(database, now)


def stories(database):
    with database.read() as session:
        found = [story for (story,) in session.query(Mention.story).order_by(Mention.id)]
    return [found.index(story) for story in found]


def test_a_syndicated_copy_joins_its_story_and_another_days_notice_does_not(database, source_id, now):
    assert save(database, now, source_id, NEWS, NEXT_DAY) == 0
    assert save(database, now, source_id, COPY, "چیز دیگری است که ربطی به آن خبر ندارد و بلند هم هست") == 1
    assert stories(database) == [0, 1, 0, 3]
    assert group_waiting(database, now) == 0


def test_each_process_groups_what_is_on_its_hosts(database, source_id, now):
    halves = Share(0, 2), Share(1, 2)
    hosts = [next(host for n in range(20) if half.has(host := f"https://h{n}.example/")) for half in halves]
    with database.write() as session:
        copies = [MentionData(Kind.ARTICLE, hosts[0], NEWS, source_id=source_id)]
        copies += [MentionData(Kind.ARTICLE, hosts[1], COPY, source_id=source_id)]
        save_mentions(session, copies, now)
    assert group_waiting(database, now, halves[1]) == 0
    with database.read() as session:
        assert [done is not None for (done,) in session.query(Mention.grouped_at).order_by(Mention.id)] == [False, True]
    assert group_waiting(database, now, halves[0]) == 1
    assert stories(database) == [0, 0]


def test_copies_that_come_together_are_one_story(database, source_id, now):
    assert save(database, now, source_id, NEWS, COPY, COPY + " ") == 2
    assert stories(database) == [0, 0, 0]


def test_a_copy_after_weeks_is_news_again(database, source_id, now):
    save(database, now, source_id, NEWS)
    save(database, now + timedelta(days=15), source_id, COPY)
    assert stories(database) == [0, 1]


def test_a_few_words_are_nobodys_copy(database, source_id, now):
    save(database, now, source_id, "خیلی خوب بود، ممنون از شما", "خیلی خوب بود ممنون از شما!", kind=Kind.COMMENT)
    assert stories(database) == [0, 1]


def test_a_story_is_split_and_merged_by_hand_and_stays_so(database, source_id, now):
    save(database, now, source_id, NEWS, COPY, "چیز دیگری است که ربطی به آن خبر ندارد و بلند هم هست")
    with database.write() as session:
        split_story(session, 2)
    assert stories(database) == [0, 1, 2]
    with database.write() as session:
        merge_stories(session, [1, 3, 3])
    assert stories(database) == [0, 1, 0]
    save(database, now, source_id, "خبر: " + NEWS)
    assert stories(database)[:3] == [0, 1, 0]
    with database.write() as session, pytest.raises(MentionNotFoundError):
        merge_stories(session, [1, 99])


def test_an_excerpt_is_a_copy_and_nothing_is_made_of_too_little():
    texts = [NEWS, NEWS[: int(len(NEWS) * 0.8)]]
    assert group(np.stack([signature(text) for text in texts]), texts.__getitem__) == [0, 0]
    assert signature("کوتاه") is None
    assert group(np.stack([signature(NEWS)]), [NEWS]) == [0]

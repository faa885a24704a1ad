import threading
from datetime import timedelta

import numpy as np
import pytest

from monitor.brands import add_brand
from monitor.errors import MentionNotFoundError
from monitor.grouping import group_waiting
from monitor.mentions import save_mentions
from monitor.models import Brand, Mention
from monitor.regrouping import merge_stories, split_story
from monitor.shingles import group, pack, signature
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


def test_of_two_processes_the_second_sees_what_the_first_has_put_together(database, source_id, now):
    with database.write() as session:
        save_mentions(session, [MentionData(Kind.ARTICLE, "https://x.example/", COPY, source_id=source_id)], now)
    second = threading.Thread(target=group_waiting, args=(database, now))
    with database.write() as session:
        session.get(Brand, 1, with_for_update=True)
        save_mentions(session, [MentionData(Kind.ARTICLE, "https://y.example/", NEWS, source_id=source_id)], now)
        first = session.get(Mention, 2)
        first.grouped_at, first.signature = now, pack(signature(NEWS))
        second.start()
        second.join(0.5)
        assert second.is_alive()
    second.join(30)
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


HEADLINE = "A headline that every agency took over as it was"


def headlined(database, now, source_id, text):
    with database.write() as session:
        url = f"https://x{session.query(Mention).count()}.example/"
        save_mentions(session, [MentionData(Kind.ARTICLE, url, text, title=HEADLINE, source_id=source_id)], now)
    group_waiting(database, now)


def test_the_same_headline_goes_where_a_person_has_put_it(database, source_id, now):
    headlined(database, now, source_id, NEWS)
    save(database, now, source_id, "چیز دیگری است که ربطی به آن خبر ندارد و بلند هم هست")
    with database.write() as session:
        merge_stories(session, [1, 2])
    headlined(database, now + timedelta(days=13), source_id, "دربارهٔ همان خبر، با کلماتی که هیچ‌کدام در آن یکی نیست")
    assert stories(database) == [0, 0, 0]
    headlined(database, now + timedelta(days=30), source_id, "و ماه بعد، باز با کلماتی که هیچ‌کدام از آن دو ندارند")
    assert stories(database) == [0, 0, 0, 3]


def test_a_story_that_holds_texts_still_keeps_its_headline(database, source_id, now):
    headlined(database, now, source_id, NEWS)
    headlined(database, now, source_id, "دربارهٔ همان خبر، با کلماتی که هیچ‌کدام در آن یکی نیست")
    with database.write() as session:
        split_story(session, 1)
    headlined(database, now, source_id, "و روز بعد، باز با کلماتی که هیچ‌کدام از آن دو ندارند")
    assert stories(database) == [0, 1, 1]


def test_an_excerpt_is_a_copy_and_nothing_is_made_of_too_little():
    texts = [NEWS, NEWS[: int(len(NEWS) * 0.8)]]
    assert group(np.stack([signature(text) for text in texts]), texts.__getitem__) == [0, 0]
    assert signature("کوتاه") is None
    assert group(np.stack([signature(NEWS)]), [NEWS]) == [0]

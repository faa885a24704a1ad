"""An author is forgotten, in everything that was kept, and stays so."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from click.testing import CliRunner

from monitor.cases import add_note, open_cases
from monitor.cli import cli
from monitor.config import as_environ
from monitor.erasure import ErasedTexts, erase_author
from monitor.errors import AuthorError
from monitor.facts import Negative
from monitor.listings import list_mentions
from monitor.mention_list import MentionFilter
from monitor.mentions import save_mentions
from monitor.messages import render
from monitor.models import Alert, Case, Mention, MentionVersion
from monitor.sources import add_source
from monitor.types import Kind, MentionData, NoticeKind, RuleKind

# One name, as it is kept and in other spellings.
NAME = "علی كریمی"
SPELLINGS = ("علی کریمی", "  علی   کريمی ", "عَلی کریمی")
WORDS = "three weeks late and the box was broken, nobody answers"


@pytest.fixture
def items(database, brand_id, now):
    with database.write() as session:
        source = add_source(
            session, "reviews", "https://e.example/", now, interval=60, brand_id=brand_id, matches_text=False
        )
    review = MentionData(Kind.REVIEW, "https://e.example/1", WORDS, author=NAME, source_id=source.id)
    return {
        "review": review,
        "copy": replace(review, url="https://copy.example/7", author="somebody else"),
        "other": replace(
            review, url="https://e.example/2", text="a kettle that never boiled, in the end a refund", author="B"
        ),
        "article": MentionData(
            Kind.ARTICLE, "https://news.example/3", "a long report", title="A report", author=NAME, source_id=source.id
        ),
    }


@pytest.fixture
def keep(database, items, now):
    def save(*names, at=now):
        with database.write() as session:
            return save_mentions(session, [items[name] for name in names], at)

    return save


def kept(database):
    with database.read() as session:
        return [(mention.kind, mention.author) for mention in session.query(Mention).order_by(Mention.id)]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_posts_go_and_articles_lose_the_name(database, brand_id, keep, now, spelling):
    keep("review", "other", "article")
    with database.write() as session:
        assert erase_author(session, spelling, now) == ErasedTexts(posts=1, pages=1)
    assert kept(database) == [("review", "B"), ("article", "")]
    with database.read() as session:
        found = list_mentions(brand_id, MentionFilter(words="کریمی")).page(session, None, 9)[0]
    assert found == []


def test_what_is_collected_again_or_written_later_is_not_kept(database, items, keep, now):
    keep("review", "article")
    with database.write() as session:
        erase_author(session, NAME, now)
        erase_author(session, NAME, now)
    later = now + timedelta(days=3)
    items["review again"] = replace(items["review"], external_id="9", url="https://e.example/9")
    items["another"] = replace(items["review"], text="and the next one too", author=SPELLINGS[0])
    assert keep("review", "review again", "another", "article", at=later) == 0
    items["new article"] = replace(items["article"], url="https://news.example/4")
    assert keep("new article", "other", at=later) == 2
    assert kept(database) == [("article", ""), ("article", ""), ("review", "B")]


def test_their_edits_go_too(database, items, keep, now):
    keep("review")
    items["edited"] = replace(items["review"], external_id="", text=WORDS + "; still nobody", url="https://e.example/1")
    with database.write() as session:
        mention = session.query(Mention).one()
        session.add(MentionVersion(mention_id=mention.id, title="", text="before", until=now))
    with database.write() as session:
        erase_author(session, NAME, now)
        assert session.query(MentionVersion).count() == 0


def as_negative(mention):
    return Negative(mention.id, mention.story, mention.title, mention.text, mention.url, 0.9, author=mention.author)


def test_a_case_goes_on_only_with_somebody_else_s_words(database, brand_id, keep, now):
    keep("review", "copy", "other")
    with database.write() as session:
        mine, copy, other = session.query(Mention).order_by(Mention.id)
        copy.story = mine.story
        other.author = NAME
        session.flush()
        open_cases(session, brand_id, [as_negative(mine), as_negative(other)], now)
        for case in session.query(Case):
            add_note(session, case, f"call {NAME}", now)
    with database.write() as session:
        erase_author(session, NAME, now)
    with database.read() as session:
        (case,) = session.query(Case)
        assert case.mention.author == "somebody else"


def test_alerts_and_digests_no_longer_tell_of_them(database, brand_id, keep, now):
    keep("review", "other")
    with database.write() as session:
        mine, other = session.query(Mention).order_by(Mention.id)
        both = [as_negative(mine).as_fact(), as_negative(other).as_fact()]
        drafts = {
            "both": (RuleKind.NEW_NEGATIVE, {"mentions": both, "count": 2}),
            "mine": (RuleKind.NEW_NEGATIVE, {"mentions": both[:1], "count": 1}),
            "named": (RuleKind.REPEAT_AUTHOR, {"subject": f"{NAME} e.example", "author": NAME, "mentions": []}),
            "digest": (
                "digest",
                {"brands": [{"worst": both, "page": {"rows": both}}], "sources": [{"id": mine.id, "url": "x"}]},
            ),
            "quiet": (RuleKind.SPIKE, {"subject": "", "mentions": []}),
            "band": (RuleKind.BAND_CROSSED, {"negatives": 1, "mentions": both[:1], "count": 1}),
            "day": ("digest", {"mentions": both[:1], "count": 1}),
        }
        for key, (kind, facts) in drafts.items():
            session.add(Alert(brand_id=brand_id, kind=kind, key=key, facts=facts, created_at=now))
    with database.write() as session:
        erase_author(session, NAME, now)
    with database.read() as session:
        left = {alert.key: alert.facts for alert in session.query(Alert)}
    # A digest and a band that told of nothing else stay: forgotten, they would go out again.
    assert set(left) == {"both", "digest", "quiet", "band", "day"}
    assert left["band"]["mentions"] == left["day"]["mentions"] == []
    assert WORDS not in json.dumps(left) and NAME not in json.dumps(left, ensure_ascii=False)
    assert len(left["both"]["mentions"]) == 1 and left["digest"]["sources"]


@pytest.mark.parametrize(
    ("author", "written", "is_named"),
    [
        (SPELLINGS[1], NAME, True),
        ("Anna", "Ann", False),
        ("Ann", "Anna", False),
        (f"{NAME} " * 30, f"{NAME} " * 30, True),
    ],
)
def test_what_a_channel_did_not_get_no_longer_names_them(database, brand_id, now, author, written, is_named):
    lost = {"author": written, "times": 3, "mentions": [], "count": 1}
    subject = render(RuleKind.REPEAT_AUTHOR, "B", lost, "en").subject
    facts = {"channel": "mail", "subject": subject, "error": "e", "mentions": [], "count": 1}
    with database.write() as session:
        session.add(Alert(brand_id=brand_id, kind=NoticeKind.CHANNEL_FAILED, key="k", facts=facts, created_at=now))
    with database.write() as session:
        erase_author(session, author, now)
    with database.read() as session:
        (notice,) = session.query(Alert)
    assert notice.facts == {**facts, "subject": "" if is_named else subject}
    text = render(NoticeKind.CHANNEL_FAILED, "B", notice.facts, "en").text
    assert ("What it did not get" in text) is not is_named


@pytest.mark.parametrize("name", ["", "  ", "\u064e"])
def test_nobody_is_known_by_no_name(database, name, now):
    with pytest.raises(AuthorError), database.write() as session:
        erase_author(session, name, now)


def test_by_command(database, settings, keep):
    keep("review", "article")

    def run(*words):
        return CliRunner().invoke(cli, ["erase", *words], env=as_environ(settings))

    assert run("--author", NAME).output == "erased; 1 posts are gone, 1 articles stay without the name\n"
    assert run("--author", "nobody at all").output.startswith("erased; 0 posts")
    assert run().exit_code == run("--author", "a", "--subscriber", "b@example.org").exit_code == 2

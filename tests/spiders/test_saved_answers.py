"""Every saved answer beside the values it must give: adding one is adding two files."""

import json
from pathlib import Path

import pytest

from tests.spiders.visiting import plain, visit

DATA = Path(__file__).parent.parent / "data" / "spiders"
CASES = sorted(DATA.glob("*/*.expected.json"))


def given(values):
    """The values without what changes from run to run and without what was left at its default."""
    return [
        {
            key: part
            for key, part in plain(value).items()
            if key not in ("taken_at", "source_id") and part not in ("", None)
        }
        for value in values
    ]


@pytest.mark.parametrize("case", CASES, ids=[f"{case.parent.name}-{case.name.split('.')[0]}" for case in CASES])
def test_a_saved_answer_gives_its_values(case):
    expected = json.loads(case.read_text(encoding="utf-8"))
    body = case.with_name(case.name.removesuffix(".expected.json")).read_bytes()
    values, requests, run = visit(
        case.parent.name,
        expected["url"],
        body,
        expected["content_type"],
        expected.get("options"),
        **expected.get("headers", {}),
    )
    assert given(values) == expected["values"]
    assert [request.url for request in requests] == expected.get("follows", [])
    report = run.report()
    assert report.state == expected["state"]
    assert list(report.warnings) == expected.get("warnings", [])
    assert report.error == expected.get("error", "")


RENAMED = [
    ("appstore", "reviews.json", '"content"'),
    ("bazaar", "reviews.json", '"comment"'),
    ("digikala", "comments.json", '"body"'),
    ("discourse", "found.json", '"blurb"'),
    ("hackernews", "hits.json", '"objectID"'),
    ("mastodon", "tag.json", '"content"'),
    ("snappfood", "comments.json", '"commentText"'),
    ("telegram", "channel.html", "data-post"),
    ("wordpress", "comments.json", '"rendered"'),
    ("youtube", "threads.json", '"textDisplay"'),
]


@pytest.mark.parametrize(("kind", "name", "field"), RENAMED, ids=[kind for kind, _, _ in RENAMED])
def test_a_field_with_another_name_is_a_change_and_in_one_entry_a_warning(kind, name, field):
    expected = json.loads((DATA / kind / f"{name}.expected.json").read_text(encoding="utf-8"))
    body = (DATA / kind / name).read_text(encoding="utf-8")

    def read(body):
        return visit(kind, expected["url"], body.encode(), expected["content_type"], expected.get("options"))

    values, _, run = read(body.replace(field, field.replace(field.strip('"'), "renamed")))
    assert (values, run.report().state) == ([], "changed")
    values, _, run = read(body.replace(field, field.replace(field.strip('"'), "renamed"), 1))
    assert len(values) < len(expected["values"])
    # A post of Telegram without its name is none.
    assert len(run.warnings) == len(expected.get("warnings", [])) + (kind != "telegram")


def test_posts_of_telegram_without_their_words_are_a_change():
    body = (DATA / "telegram/channel.html").read_bytes().replace(b"js-message_text", b"js-text")
    values, _, run = visit("telegram", "https://t.me/s/namune_channel", body, "text/html; charset=utf-8")
    assert (values, run.report().state) == ([], "changed")
    assert run.error == "posts without the words that were expected: 'https://t.me/s/namune_channel'"
    body = (DATA / "telegram/channel.html").read_bytes().replace(b"js-message_text", b"js-text", 1)
    values, _, run = visit("telegram", "https://t.me/s/namune_channel", body, "text/html; charset=utf-8")
    assert len(values) == 1
    assert run.warnings == ("post namune_channel/118 left out, it has neither words nor anything attached",)


def test_reviews_of_google_play_without_their_fields_are_a_change():
    body = (DATA / "googleplay/reviews.txt").read_bytes().replace(b'[\\"a1b2', b'[null, \\"a1b2')
    values, _, run = visit("googleplay", "https://play.google.com/store/apps/details?id=ir.aral", body)
    assert (values, run.report().state) == ([], "changed")


def test_every_saved_answer_has_its_expectation():
    inputs = {path.name for path in DATA.glob("*/*") if not path.name.endswith(".expected.json")}
    assert inputs == {case.name.removesuffix(".expected.json") for case in CASES}
